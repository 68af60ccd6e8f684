// Sparse matrices between scipy and the engine. In: the three arrays of a CSR matrix where they
// lie. Out: those of a SparseMatrix, each owned by a capsule, without copies. firth/_sparse.py is
// the other side: `csr_parts` makes CsrIn's tuple of any scipy matrix, `to_scipy` a matrix of
// CsrOut's.
//
//   CsrOut<float> twice(const CsrIn<float>& x) {        module.def("twice", &twice,
//     const auto result = std::make_shared<…>();                   arg("x").noconvert());
//     run_function([=] { *result = engine_twice(checked_view(x)); });
//     return csr_of(std::move(*result));
//   }
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/tuple.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <tuple>
#include <utility>

#include "arrays.h"
#include "firth/core/sparse_matrix.h"

namespace firth::python {

template <class T>
using ColumnIn = nb::ndarray<const T, nb::ndim<1>, nb::c_contig, nb::device::cpu>;

// (indptr, indices, data, number of columns). Bind it with noconvert, as MatrixIn. A computation
// keeps it by value for as long as it reads the view.
template <class T>
using CsrIn = std::tuple<ColumnIn<std::int64_t>, ColumnIn<std::int32_t>, ColumnIn<T>, std::size_t>;

template <class T>
std::span<const T> span_of(const ColumnIn<T>& column) {
  return {column.data(), column.shape(0)};
}

template <class T>
SparseView<T> view_of(const CsrIn<T>& matrix) {
  return {std::get<3>(matrix), span_of<std::int64_t>(std::get<0>(matrix)),
          span_of<std::int32_t>(std::get<1>(matrix)), span_of<T>(std::get<2>(matrix))};
}

// Call it without the GIL, in the computation: it reads all indices. What comes from csr_parts has
// sorted rows; who calls firth._core himself gets an Error instead of a read beyond the arrays.
template <class T>
SparseView<T> checked_view(const CsrIn<T>& matrix) {
  const SparseView<T> view = view_of<T>(matrix);
  check_csr(view);
  return view;
}

template <class T>
using CsrOut = nb::typed<nb::tuple, Int64Array, Int32Array, ArrayOf<T>, nb::int_>;

template <class T>
CsrOut<T> csr_of(SparseMatrix<T> matrix) {
  const nb::int_ num_cols(matrix.num_cols);
  return CsrOut<T>(nb::make_tuple(array_of(std::move(matrix.indptr)),
                                  array_of(std::move(matrix.indices)),
                                  array_of(std::move(matrix.values)), num_cols));
}

}  // namespace firth::python
