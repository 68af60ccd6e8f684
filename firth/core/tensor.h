// Shape, Tensor and View. A Tensor owns 64-byte aligned, row-major memory, moves, and is copied
// only by clone(). A View borrows, is passed by value and is always contiguous. An AnyView is a
// borrowed tensor whose element type is known at run time only and whose bytes may be unaligned, as
// they lie in a mapped file.
#pragma once

#include <array>
#include <cstddef>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <type_traits>

#include "firth/core/dtype.h"

namespace firth {

class Shape {
 public:
  static constexpr std::size_t kMaxRank = 6;

  Shape() = default;  // rank 0: one element

  Shape(std::initializer_list<std::size_t> dims) : Shape(std::span(dims.begin(), dims.size())) {}

  explicit Shape(
      std::span<const std::size_t> dims);  // throws beyond kMaxRank or if size() overflows

  std::size_t rank() const { return rank_; }

  std::size_t operator[](std::size_t axis) const { return dims_[axis]; }

  std::size_t size() const;  // number of elements

  std::span<const std::size_t> dims() const { return {dims_.data(), rank_}; }

  std::string to_string() const;  // "(384, 1536)"

  friend bool operator==(const Shape& a, const Shape& b) = default;

 private:
  std::array<std::size_t, kMaxRank> dims_{};
  std::size_t rank_ = 0;
};

template <class T>
class View {
 public:
  View() = default;

  View(T* data, Shape shape) : data_(data), shape_(shape) {}

  template <class U, class = std::enable_if_t<std::is_same_v<const U, T> && !std::is_same_v<U, T>>>
  // NOLINTNEXTLINE(google-explicit-constructor): View<float> is a View<const float>
  View(View<U> other) : data_(other.data()), shape_(other.shape()) {}

  T* data() const { return data_; }

  const Shape& shape() const { return shape_; }

  std::size_t size() const { return data_ == nullptr ? 0 : shape_.size(); }

  bool empty() const { return size() == 0; }

  std::span<T> span() const { return {data_, size()}; }

  // A matrix is a view of rank 2.
  std::size_t rows() const { return shape_[0]; }

  std::size_t cols() const { return shape_[1]; }

  std::span<T> row(std::size_t i) const { return {data_ + i * cols(), cols()}; }

  View slice_rows(std::size_t begin, std::size_t end) const {
    return {data_ + begin * cols(), Shape{end - begin, cols()}};
  }

  T& operator()(std::size_t i, std::size_t j) const { return data_[i * cols() + j]; }

 private:
  T* data_ = nullptr;
  Shape shape_{0};
};

class AnyView {
 public:
  AnyView() = default;

  AnyView(DType dtype, Shape shape, const std::byte* data)
      : data_(data), shape_(shape), dtype_(dtype) {}

  DType dtype() const { return dtype_; }

  const Shape& shape() const { return shape_; }

  std::span<const std::byte> bytes() const { return {data_, shape_.size() * dtype_size(dtype_)}; }

  // True if the elements are T and may be read in place.
  template <class T>
  bool holds() const {
    return dtype_ == kDTypeOf<T> && reinterpret_cast<std::uintptr_t>(data_) % alignof(T) == 0;
  }

  // Requires holds<T>().
  template <class T>
  View<const T> view() const {
    return {reinterpret_cast<const T*>(data_), shape_};
  }

  // Copies, widening f16 and bf16; integers become floats of the same value. out.size() ==
  // shape().size().
  void copy_to(std::span<float> out) const;

 private:
  const std::byte* data_ = nullptr;
  Shape shape_{0};
  DType dtype_ = DType::kF32;
};

class Tensor {
 public:
  Tensor() = default;
  Tensor(DType dtype, Shape shape);  // zeroed
  Tensor(Tensor&&) = default;
  Tensor& operator=(Tensor&&) = default;

  template <class T>
  static Tensor zeros(Shape shape) {
    return Tensor(kDTypeOf<T>, shape);
  }

  static Tensor from(AnyView view);  // an f32 copy

  Tensor clone() const;

  DType dtype() const { return dtype_; }

  const Shape& shape() const { return shape_; }

  std::size_t size() const { return data_ == nullptr ? 0 : shape_.size(); }

  std::span<std::byte> bytes() { return {data_.get(), size() * dtype_size(dtype_)}; }

  std::span<const std::byte> bytes() const { return {data_.get(), size() * dtype_size(dtype_)}; }

  AnyView any() const { return {dtype_, shape_, data_.get()}; }

  // T must be the dtype's type: an error of ours otherwise.
  template <class T>
  View<T> view() {
    check_dtype(kDTypeOf<T>);
    return {reinterpret_cast<T*>(data_.get()), shape_};
  }

  template <class T>
  View<const T> view() const {
    check_dtype(kDTypeOf<T>);
    return {reinterpret_cast<const T*>(data_.get()), shape_};
  }

 private:
  struct Free {
    void operator()(std::byte* p) const;
  };

  void check_dtype(DType asked) const;

  std::unique_ptr<std::byte[], Free> data_;
  Shape shape_{0};
  DType dtype_ = DType::kF32;
};

}  // namespace firth
