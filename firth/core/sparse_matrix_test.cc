#include "firth/core/sparse_matrix.h"

#include <gtest/gtest.h>

#include <string>

#include "firth/core/error.h"

namespace firth {
namespace {

using Indptr = std::vector<std::int64_t>;
using Indices = std::vector<std::int32_t>;

struct Parts {
  std::size_t num_cols;
  Indptr indptr;
  Indices indices;
  std::vector<double> values;

  SparseView<double> view() const { return {num_cols, indptr, indices, values}; }
};

std::string complaint(const Parts& parts, bool sorted = true) {
  try {
    check_csr(parts.view(), sorted);
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

TEST(SparseMatrix, WhatIsWholePassesTheCheck) {
  EXPECT_EQ(complaint({0, {0}, {}, {}}), "");
  EXPECT_EQ(complaint({3, {0, 0, 0}, {}, {}}), "");
  EXPECT_EQ(complaint({3, {0, 2, 2, 3}, {0, 2, 1}, {1, 2, 3}}), "");
  EXPECT_EQ(complaint({3, {0, 3}, {2, 0, 0}, {1, 2, 3}}, false), "");
}

TEST(SparseMatrix, TheCheckNamesTheFirstPlace) {
  const struct {
    Parts parts;
    std::string message;
  } kCases[] = {
      {{3, {}, {}, {}}, "indptr: expected it to begin with 0, found nothing"},
      {{3, {1, 1}, {0}, {1}}, "indptr: expected it to begin with 0, found 1"},
      {{3, {0, 2, 1}, {0}, {1}}, "indptr[2]: expected at least 2, found 1"},
      {{3, {0, 2}, {0}, {1, 2}}, "indices, data: expected 2 of each"},
      {{3, {0, 1}, {0}, {1, 2}}, "indices, data: expected 1 of each"},
      {{3, {0, -1}, {}, {}}, "indptr[1]: expected at least 0, found -1"},
      {{3, {0, 0, 1}, {3}, {1}}, "row 1: expected columns below 3, found 3"},
      {{3, {0, 1}, {-1}, {1}}, "row 0: expected columns below 3, found -1"},
      {{3, {0, 2}, {1, 1}, {1, 2}}, "row 0: expected rising columns, found 1 after 1"},
      {{std::size_t{1} << 31, {0}, {}, {}}, "columns: expected at most 2147483647"},
  };

  for (const auto& [parts, message] : kCases)
    EXPECT_TRUE(complaint(parts).starts_with(message)) << complaint(parts) << " / " << message;
}

TEST(SparseMatrix, RowsAreSortedAndEqualColumnsAddedUp) {
  const Parts parts{4, {0, 4, 4, 5}, {3, 1, 3, 0}, {1, 2, 4, 0}};
  Parts whole = parts;
  whole.indices.push_back(2);
  whole.values.push_back(-1);
  const SparseMatrix<double> sorted = with_sorted_rows(whole.view());
  EXPECT_EQ(complaint({sorted.num_cols, sorted.indptr, sorted.indices, sorted.values}), "");
  EXPECT_EQ(sorted.indptr, (Indptr{0, 3, 3, 4}));
  EXPECT_EQ(sorted.indices, (Indices{0, 1, 3, 2}));
  EXPECT_EQ(sorted.values, (std::vector<double>{0, 2, 5, -1}));
  EXPECT_EQ(sorted.view().row_indices(2)[0], 2);
}

}  // namespace
}  // namespace firth
