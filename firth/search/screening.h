// The first pass of a search: a cheap score of every row for a group of queries, of which the best
// are kept to be scored exactly. Screening scores rank rows as the metric does, but are cheaper:
//   kCosine q·r / |r|      kDot q·r      kEuclidean q·r - |r|^2 / 2 = (|q|^2 - |q - r|^2) / 2
// and, for bits, minus the number of different bits. Many queries against f32 rows are a matrix
// product, which has packed kernels; few, and the narrow forms, are scanned.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "firth/core/embedder.h"
#include "firth/core/tensor.h"
#include "firth/core/thread_pool.h"
#include "firth/kernels/product.h"
#include "firth/kernels/scan.h"
#include "firth/search/narrow_rows.h"
#include "firth/search/top_k.h"

namespace firth {

// The rows in the form that is scanned, and what their scores are made of besides.
struct ScreenedRows {
  RowForm form = RowForm::kF32;
  Similarity similarity = Similarity::kCosine;
  std::size_t num_rows = 0;
  View<const float> f32;                 // kF32
  const NarrowRows* narrow = nullptr;    // kInt8 and kBinary
  std::span<const float> inverse_norms;  // kCosine; 0 for a zero row
  std::span<const float> half_squares;   // kEuclidean: |r|^2 / 2
};

class Screening {
 public:
  // Borrows both.
  Screening(const ScreenedRows& rows, View<const float> queries);

  // Shows every row to the TopRows of a query; `best` has one for each query, and each thread
  // begins with a copy of its own. Returns what was kept, merged.
  std::vector<TopRows> run(std::span<const TopRows> best, ThreadPool& pool) const;

 private:
  struct Worker;  // what a thread works with

  void scan(std::size_t begin, std::size_t end, Worker& worker) const;
  void score(std::size_t begin, std::size_t end, float* scores, std::size_t stride) const;
  void multiply_rows(std::size_t begin, std::size_t end, Worker& worker) const;

  const ScreenedRows& rows_;
  View<const float> queries_;
  std::size_t tile_ = 0;                        // rows scored at once
  std::optional<PackedWeight> packed_queries_;  // kF32, many queries
  std::optional<Int8Queries> int8_queries_;
  Tensor query_bits_;
};

}  // namespace firth
