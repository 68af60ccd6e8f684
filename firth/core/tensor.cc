#include "firth/core/tensor.h"

#include <algorithm>
#include <cstring>
#include <new>

#include "firth/core/error.h"

namespace firth {
namespace {

constexpr std::align_val_t kAlignment{64};

template <class T>
void widen(const std::byte* from, std::span<float> out) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    T value;
    std::memcpy(&value, from + i * sizeof(T), sizeof(T));
    if constexpr (std::is_same_v<T, Float16> || std::is_same_v<T, BFloat16>) {
      out[i] = to_float(value);
    } else {
      out[i] = static_cast<float>(value);
    }
  }
}

}  // namespace

Shape::Shape(std::span<const std::size_t> dims) : rank_(dims.size()) {
  if (rank_ > kMaxRank) {
    fail(ErrorKind::kUnsupported, "a tensor of rank ", rank_, ": expected at most ", kMaxRank);
  }
  std::copy(dims.begin(), dims.end(), dims_.begin());
  std::size_t product = 1;
  for (const std::size_t dim : dims) {
    // Eight bytes an element is the widest dtype, so that a size in bytes never overflows either.
    if (__builtin_mul_overflow(product, dim, &product) || product > SIZE_MAX / 8) {
      fail(ErrorKind::kCorrupt, "shape ", to_string(), ": the number of elements overflows");
    }
  }
}

std::size_t Shape::size() const {
  std::size_t product = 1;
  for (const std::size_t dim : dims()) product *= dim;
  return product;
}

std::string Shape::to_string() const {
  std::string out = "(";
  for (std::size_t i = 0; i < rank_; ++i) out += (i == 0 ? "" : ", ") + std::to_string(dims_[i]);
  return out + ")";
}

void AnyView::copy_to(std::span<float> out) const {
  if (out.size() != shape_.size()) {
    fail(ErrorKind::kInternal, "copy of a tensor ", shape_.to_string(), " into ", out.size(),
         " floats");
  }
  switch (dtype_) {
    case DType::kF32:
      if (!out.empty()) std::memcpy(out.data(), data_, out.size_bytes());
      return;
    case DType::kF16:
      return widen<Float16>(data_, out);
    case DType::kBF16:
      return widen<BFloat16>(data_, out);
    case DType::kI8:
      return widen<std::int8_t>(data_, out);
    case DType::kU8:
      return widen<std::uint8_t>(data_, out);
    case DType::kI32:
      return widen<std::int32_t>(data_, out);
    case DType::kI64:
      return widen<std::int64_t>(data_, out);
  }
}

Tensor::Tensor(DType dtype, Shape shape) : shape_(shape), dtype_(dtype) {
  // Never empty, so that a view of an empty tensor has an address; whole cache lines, so that a
  // kernel may load the last one.
  const std::size_t bytes = (shape.size() * dtype_size(dtype) + 64) / 64 * 64;
  data_.reset(static_cast<std::byte*>(::operator new[](bytes, kAlignment)));
  std::memset(data_.get(), 0, bytes);
}

Tensor Tensor::from(AnyView view) {
  Tensor out(DType::kF32, view.shape());
  view.copy_to(out.view<float>().span());
  return out;
}

Tensor Tensor::clone() const {
  if (data_ == nullptr) return {};
  Tensor out(dtype_, shape_);
  std::memcpy(out.data_.get(), data_.get(), bytes().size());
  return out;
}

void Tensor::Free::operator()(std::byte* p) const {
  ::operator delete[](p, kAlignment);
}

void Tensor::check_dtype(DType asked) const {
  if (asked != dtype_) {
    fail(ErrorKind::kInternal, "a tensor of ", dtype_name(dtype_), " viewed as ",
         dtype_name(asked));
  }
}

}  // namespace firth
