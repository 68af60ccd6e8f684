// Matrices between numpy and the engine, without copies: what comes in is a contiguous f32 array
// that the Python side has made sure of; what goes out is owned by a capsule.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

#include "firth/core/tensor.h"

namespace firth::python {

namespace nb = nanobind;

// noconvert: an array of another dtype or layout is a TypeError, not a silent copy.
using MatrixIn = nb::ndarray<const float, nb::ndim<2>, nb::c_contig, nb::device::cpu>;

inline View<const float> view_of(const MatrixIn& matrix) {
  return {matrix.data(), Shape{matrix.shape(0), matrix.shape(1)}};
}

// numpy arrays by the type of their elements, for signatures.
struct FloatArray : nb::object {
  NB_OBJECT_DEFAULT(FloatArray, nb::object, "numpy.typing.NDArray[numpy.float32]",
                    PyObject_CheckBuffer)
};

struct DoubleArray : nb::object {
  NB_OBJECT_DEFAULT(DoubleArray, nb::object, "numpy.typing.NDArray[numpy.float64]",
                    PyObject_CheckBuffer)
};

struct Int32Array : nb::object {
  NB_OBJECT_DEFAULT(Int32Array, nb::object, "numpy.typing.NDArray[numpy.int32]",
                    PyObject_CheckBuffer)
};

struct Int64Array : nb::object {
  NB_OBJECT_DEFAULT(Int64Array, nb::object, "numpy.typing.NDArray[numpy.int64]",
                    PyObject_CheckBuffer)
};

struct UInt32Array : nb::object {
  NB_OBJECT_DEFAULT(UInt32Array, nb::object, "numpy.typing.NDArray[numpy.uint32]",
                    PyObject_CheckBuffer)
};

template <class T>
struct ArrayType;

template <>
struct ArrayType<float> {
  using Type = FloatArray;
};

template <>
struct ArrayType<double> {
  using Type = DoubleArray;
};

template <>
struct ArrayType<std::int32_t> {
  using Type = Int32Array;
};

template <>
struct ArrayType<std::int64_t> {
  using Type = Int64Array;
};

template <>
struct ArrayType<std::uint32_t> {
  using Type = UInt32Array;
};

template <class T>
using ArrayOf = typename ArrayType<std::remove_const_t<T>>::Type;

// A numpy array of `data`, which `owner` keeps alive. T may be const: then it is read-only.
template <class T, class Owner>
ArrayOf<T> array_of(T* data, const std::vector<std::size_t>& shape, Owner owner) {
  auto kept = std::make_unique<Owner>(std::move(owner));
  const nb::capsule capsule(kept.get(), [](void* p) noexcept { delete static_cast<Owner*>(p); });
  (void)kept.release();
  return nb::steal<ArrayOf<T>>(
      nb::cast(nb::ndarray<nb::numpy, T>(data, shape.size(), shape.data(), capsule)).release());
}

FloatArray array_of(Tensor tensor);  // f32

template <class T>
ArrayOf<T> array_of(std::vector<T> values) {
  T* data = values.data();  // stays where it is when the vector is moved
  const std::size_t size = values.size();
  return array_of(data, {size}, std::move(values));
}

}  // namespace firth::python
