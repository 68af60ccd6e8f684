// The nearest rows of a table to each query, by looking at every row.
//
// Two passes. The first screens all rows with the scan kernels, in f32, int8 or bits, and keeps
// more candidates than were asked for; the second scores those from the f32 rows in double
// precision. In f32 the rounding of the first pass has a known bound: if a row that was left out
// could still belong among the best, the query is screened again with a threshold that lets every
// such row through. So form kF32 gives the true nearest rows, the same at every CPU level, number
// of threads and batch of queries. int8 and binary are not proved that way: they find what their
// over-fetch finds (bench/search.py measures it).
//
// Scores are those of exact_score.h, the greater the nearer.
// Equal scores go by row, the lower first.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "firth/core/embedder.h"
#include "firth/core/tensor.h"
#include "firth/core/thread_pool.h"
#include "firth/search/exact_score.h"
#include "firth/search/narrow_rows.h"
#include "firth/search/screening.h"
#include "firth/search/top_k.h"

namespace firth {

struct ExactIndexOptions {
  Similarity similarity = Similarity::kCosine;  // kManhattan is unsupported
  RowForm form = RowForm::kF32;  // what the first pass reads; kInt8 needs a quarter of the memory
                                 // traffic of kF32, kBinary a thirty-second
  std::size_t overfetch = 0;     // candidates of the first pass for each hit asked; 0: 2 for kF32,
                                 // 4 for kInt8, 50 for kBinary
};

// Immutable; may be searched by several threads at once, each with a pool of its own.
class ExactIndex {
 public:
  // Borrows the rows (n, d), for instance of a mapped file. Errors: invalid_argument if a row is
  // not finite.
  ExactIndex(View<const float> rows, const ExactIndexOptions& options, ThreadPool& pool);

  // With the first pass's rows made before (options.form is not looked at). `rows` may be empty:
  // then int8 hits are scored from the integers and scales, binary ones by the first pass.
  ExactIndex(NarrowRows narrow, View<const float> rows, const ExactIndexOptions& options);

  std::size_t num_rows() const { return norms_.size(); }

  std::size_t dimension() const { return dimension_; }

  Similarity similarity() const { return options_.similarity; }

  // For each query (m, d) its min(k, num_rows()) best rows, the nearest first. Errors:
  // invalid_argument if the dimension differs or a query is not finite, naming the query.
  std::vector<std::vector<Hit>> search(View<const float> queries, std::size_t k,
                                       ThreadPool& pool) const;

 private:
  void check_options() const;
  void find_range();
  ScreenedRows screened_rows() const;
  std::size_t num_candidates(std::size_t k) const;
  std::vector<Hit> rescore(std::span<const float> query, std::span<const ScoredRow> candidates,
                           std::size_t k) const;
  std::vector<Hit> rescore_all(std::span<const float> query, std::size_t k, ThreadPool& pool) const;
  std::span<const float> row(std::size_t number, std::vector<float>& buffer) const;
  std::vector<Hit> hits_by_bits(std::vector<ScoredRow> candidates, std::size_t k) const;
  double rounding_bound(double query_norm) const;
  double screen_score(double score, double query_norm) const;
  std::optional<float> unproved_above(double last_score, double query_norm,
                                      float best_left_out) const;
  bool screens_well(std::span<const float> query) const;
  void search_above(View<const float> queries, std::span<const float> needed, std::size_t k,
                    ThreadPool& pool, std::span<std::vector<Hit>* const> hits) const;
  void search_group(View<const float> queries, std::size_t k, ThreadPool& pool,
                    std::span<std::vector<Hit>> hits) const;

  ExactIndexOptions options_;
  std::size_t dimension_ = 0;
  View<const float> rows_;
  NarrowRows narrow_;               // unused for kF32
  std::vector<float> owned_norms_;  // what norms_ views for kF32
  std::span<const float> norms_;
  std::vector<float> inverse_norms_;  // kCosine; 0 for a zero row
  std::vector<float> half_squares_;   // kEuclidean: |r|^2 / 2
  double largest_norm_ = 0;
  bool in_range_ = true;  // f32 sums neither overflow nor vanish: the rounding bound holds
};

}  // namespace firth
