#include "firth/core/sparse_matrix.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "firth/core/error.h"

namespace firth {
namespace {

template <class T>
void check_indptr(const SparseView<T>& matrix) {
  const auto indptr = matrix.indptr;
  if (indptr.empty() || indptr[0] != 0) {
    fail(ErrorKind::kInvalidArgument, "indptr: expected it to begin with 0, found ",
         indptr.empty() ? "nothing" : std::to_string(indptr[0]));
  }
  const auto fall = std::ranges::adjacent_find(indptr, std::ranges::greater());
  if (fall != indptr.end()) {
    fail(ErrorKind::kInvalidArgument, "indptr[", fall - indptr.begin() + 1, "]: expected at least ",
         *fall, ", found ", fall[1]);
  }
  const auto num_nonzeros = static_cast<std::uint64_t>(indptr.back());
  if (matrix.indices.size() != num_nonzeros || matrix.values.size() != num_nonzeros) {
    fail(ErrorKind::kInvalidArgument, "indices, data: expected ", num_nonzeros,
         " of each, as the end of indptr says, found ", matrix.indices.size(), " and ",
         matrix.values.size());
  }
}

[[noreturn]] void fail_column(std::size_t row, std::int32_t column, std::size_t num_cols) {
  fail(ErrorKind::kInvalidArgument, "row ", row, ": expected columns below ", num_cols, ", found ",
       column);
}

template <class T>
void check_row(const SparseView<T>& matrix, std::size_t row, bool sorted) {
  std::int64_t before = -1;
  for (const std::int32_t column : matrix.row_indices(row)) {
    if (column < 0 || static_cast<std::size_t>(column) >= matrix.num_cols)
      fail_column(row, column, matrix.num_cols);
    if (sorted && column <= before) {
      fail(ErrorKind::kInvalidArgument, "row ", row, ": expected rising columns, found ", column,
           " after ", before);
    }
    before = column;
  }
}

}  // namespace

template <class T>
void check_csr(const SparseView<T>& matrix, bool sorted) {
  constexpr auto kMostColumns = static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max());
  if (matrix.num_cols > kMostColumns) {
    fail(ErrorKind::kInvalidArgument, "columns: expected at most ", kMostColumns, ", found ",
         matrix.num_cols);
  }
  check_indptr(matrix);
  for (std::size_t row = 0; row < matrix.rows(); ++row) check_row(matrix, row, sorted);
}

template <class T>
SparseMatrix<T> with_sorted_rows(const SparseView<T>& matrix) {
  SparseMatrix<T> result;
  result.num_cols = matrix.num_cols;
  result.indptr.reserve(matrix.indptr.size());
  result.indices.reserve(matrix.num_nonzeros());
  result.values.reserve(matrix.num_nonzeros());
  std::vector<std::pair<std::int32_t, T>> entries;
  for (std::size_t row = 0; row < matrix.rows(); ++row) {
    entries.clear();
    const auto values = matrix.row_values(row);
    for (std::size_t k = 0; const std::int32_t column : matrix.row_indices(row))
      entries.emplace_back(column, values[k++]);
    std::ranges::stable_sort(entries, {}, &std::pair<std::int32_t, T>::first);
    const auto row_begin = static_cast<std::size_t>(result.indptr.back());
    for (const auto& [column, value] : entries) {
      if (result.indices.size() > row_begin && result.indices.back() == column) {
        result.values.back() += value;
      } else {
        result.indices.push_back(column);
        result.values.push_back(value);
      }
    }
    result.close_row();
  }
  return result;
}

template void check_csr(const SparseView<float>&, bool);
template void check_csr(const SparseView<double>&, bool);
template SparseMatrix<float> with_sorted_rows(const SparseView<float>&);
template SparseMatrix<double> with_sorted_rows(const SparseView<double>&);

}  // namespace firth
