// A sparse matrix in compressed sparse row form (CSR), as scipy.sparse.csr_matrix holds it: the
// form of counts, TF-IDF and every other vector that is mostly zeros.
//   indptr   (rows + 1)  int64, the first 0, never falling; row i is [indptr[i], indptr[i + 1])
//   indices  (nnz)       int32, columns of a row, strictly rising
//   values   (nnz)       T = float or double
// 32 bits hold a column (at most 2^31 - 1 of them), 64 bits the place of a value.
//
// A SparseMatrix owns; a SparseView borrows and is passed by value, as View is to Tensor: what only
// reads takes a view, so that it can read the arrays of a scipy matrix where they lie.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace firth {

template <class T>
struct SparseView {
  std::size_t num_cols = 0;
  std::span<const std::int64_t> indptr;
  std::span<const std::int32_t> indices;
  std::span<const T> values;

  std::size_t rows() const { return indptr.size() - 1; }

  std::size_t cols() const { return num_cols; }

  std::size_t num_nonzeros() const { return values.size(); }

  std::span<const std::int32_t> row_indices(std::size_t i) const {
    return indices.subspan(begin(i), length(i));
  }

  std::span<const T> row_values(std::size_t i) const { return values.subspan(begin(i), length(i)); }

 private:
  std::size_t begin(std::size_t i) const { return static_cast<std::size_t>(indptr[i]); }

  std::size_t length(std::size_t i) const {
    return static_cast<std::size_t>(indptr[i + 1] - indptr[i]);
  }
};

template <class T>
struct SparseMatrix {
  std::size_t num_cols = 0;
  std::vector<std::int64_t> indptr{0};
  std::vector<std::int32_t> indices;
  std::vector<T> values;

  std::size_t rows() const { return indptr.size() - 1; }

  std::size_t cols() const { return num_cols; }

  std::size_t num_nonzeros() const { return values.size(); }

  std::span<const std::int32_t> row_indices(std::size_t i) const {
    return std::span(indices).subspan(begin(i), length(i));
  }

  std::span<const T> row_values(std::size_t i) const {
    return std::span(values).subspan(begin(i), length(i));
  }

  std::span<T> row_values(std::size_t i) { return std::span(values).subspan(begin(i), length(i)); }

  SparseView<T> view() const { return {num_cols, indptr, indices, values}; }

  // Ends the row whose indices and values were appended.
  void close_row() { indptr.push_back(static_cast<std::int64_t>(values.size())); }

 private:
  std::size_t begin(std::size_t i) const { return static_cast<std::size_t>(indptr[i]); }

  std::size_t length(std::size_t i) const {
    return static_cast<std::size_t>(indptr[i + 1] - indptr[i]);
  }
};

// What a matrix from outside is checked for: Error (invalid argument) names the first place that is
// not as the head of this file says. With sorted = false columns of a row may stand in any order
// and more than once.
template <class T>
void check_csr(const SparseView<T>& matrix, bool sorted = true);

// The same matrix with the columns of each row rising, values of equal columns added up in the
// order they stood. Explicit zeros stay.
template <class T>
SparseMatrix<T> with_sorted_rows(const SparseView<T>& matrix);

}  // namespace firth
