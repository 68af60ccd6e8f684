#include "firth/search/exact_index.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "firth/core/error.h"
#include "firth/kernels/scan.h"
#include "firth/search/exact_score.h"
#include "firth/search/screening.h"

namespace firth {
namespace {

// Queries screened at once: their scores and candidates are what a search holds in memory.
constexpr std::size_t kGroupQueries = 256;
// Queries screened a second time at once: each may bring every row of the table as a candidate.
constexpr std::size_t kRepeatedQueries = 16;
// Within these lengths no sum of the screening overflows, and none is so small that its rounding
// error is not relative.
constexpr double kSmallestNorm = 1e-15;
constexpr double kLargestNorm = 1e15;
constexpr double kFloatRounding = 0x1p-24;

bool norm_in_range(double norm) {
  return norm == 0 || (norm >= kSmallestNorm && norm <= kLargestNorm);
}

void check_queries(View<const float> queries, std::size_t dimension) {
  if (queries.cols() != dimension) {
    fail(ErrorKind::kInvalidArgument, "query: expected ", dimension,
         " components as in the vectors searched, found ", queries.cols());
  }
  for (std::size_t i = 0; i < queries.rows(); ++i) {
    for (const float x : queries.row(i)) {
      if (!std::isfinite(x)) {
        fail(ErrorKind::kInvalidArgument, "query ", i, ": expected finite numbers, found ", x);
      }
    }
  }
}

}  // namespace

ExactIndex::ExactIndex(View<const float> rows, const ExactIndexOptions& options, ThreadPool& pool)
    : options_(options), dimension_(rows.cols()), rows_(rows) {
  check_options();
  if (options_.form == RowForm::kF32) {
    owned_norms_.resize(rows.rows());
    find_norms(rows, owned_norms_, pool);
    norms_ = owned_norms_;
  } else {
    narrow_ = narrow_rows(rows, options_.form, pool);
    norms_ = narrow_.norms;
  }
  find_range();
}

ExactIndex::ExactIndex(NarrowRows narrow, View<const float> rows, const ExactIndexOptions& options)
    : options_(options),
      dimension_(narrow.dimension),
      rows_(rows),
      narrow_(std::move(narrow)),
      norms_(narrow_.norms) {
  options_.form = narrow_.form;
  check_options();
  if (!rows.empty() && (rows.rows() != num_rows() || rows.cols() != dimension_)) {
    fail(ErrorKind::kInvalidArgument, "vectors: expected shape ",
         Shape{num_rows(), dimension_}.to_string(), " as their narrow form has, found ",
         rows.shape().to_string());
  }
  find_range();
}

void ExactIndex::check_options() const {
  if (options_.similarity == Similarity::kManhattan) {
    fail(ErrorKind::kUnsupported,
         "search: expected cosine, dot or euclidean similarity, found manhattan");
  }
  if (options_.form == RowForm::kBinary && options_.similarity != Similarity::kCosine) {
    fail(ErrorKind::kUnsupported, "search: binary rows know angles only: expected cosine");
  }
}

void ExactIndex::find_range() {
  if (num_rows() > std::numeric_limits<std::uint32_t>::max()) {
    fail(ErrorKind::kUnsupported, "search: expected fewer than 2^32 rows, found ", num_rows());
  }
  for (const float norm : norms_) {
    largest_norm_ = std::max<double>(largest_norm_, norm);
    in_range_ = in_range_ && norm_in_range(norm);
  }
  if (options_.similarity == Similarity::kCosine && options_.form != RowForm::kBinary) {
    inverse_norms_.resize(num_rows());
    std::transform(norms_.begin(), norms_.end(), inverse_norms_.begin(),
                   [](float norm) { return norm == 0 ? 0 : 1 / norm; });
  } else if (options_.similarity == Similarity::kEuclidean) {
    half_squares_.resize(num_rows());
    std::transform(norms_.begin(), norms_.end(), half_squares_.begin(),
                   [](float norm) { return norm * norm / 2; });
  }
}

ScreenedRows ExactIndex::screened_rows() const {
  return {.form = options_.form,
          .similarity = options_.similarity,
          .num_rows = num_rows(),
          .f32 = rows_,
          .narrow = &narrow_,
          .inverse_norms = inverse_norms_,
          .half_squares = half_squares_};
}

std::size_t ExactIndex::num_candidates(std::size_t k) const {
  std::size_t factor = options_.overfetch;
  if (factor == 0) {
    factor = options_.form == RowForm::kF32 ? 2 : options_.form == RowForm::kInt8 ? 4 : 50;
  }
  // The constant serves small k, for which neighbours of equal score are more than a factor.
  return k > num_rows() / factor ? num_rows() : std::min(num_rows(), k * factor + 16);
}

// How far a screening score of form kF32 may be from the true one. A sum of d products, in whatever
// order, is within d u |q| |r| of the true sum (Higham 2002, section 3.1), u = 2^-24; the norms add
// as much again, the factors of the screening score a few u.
double ExactIndex::rounding_bound(double query_norm) const {
  const double gamma = (static_cast<double>(2 * dimension_) + 16) * kFloatRounding;
  switch (options_.similarity) {
    case Similarity::kCosine:
      return gamma * query_norm;
    case Similarity::kDot:
      return gamma * query_norm * largest_norm_;
    default:
      return gamma * (query_norm + largest_norm_) * largest_norm_;
  }
}

// The screening score of a row whose metric is `score`.
double ExactIndex::screen_score(double score, double query_norm) const {
  switch (options_.similarity) {
    case Similarity::kCosine:
      return score * query_norm;
    case Similarity::kDot:
      return score;
    default:
      return (query_norm * query_norm - score * score) / 2;
  }
}

// A row as floats; of integers, in the buffer.
std::span<const float> ExactIndex::row(std::size_t number, std::vector<float>& buffer) const {
  if (!rows_.empty()) return rows_.row(number);
  buffer.resize(dimension_);
  const float scale = narrow_.scales[number];
  std::ranges::transform(narrow_.int8.row(number), buffer.begin(),
                         [scale](std::int8_t x) { return scale * static_cast<float>(x); });
  return buffer;
}

std::vector<Hit> ExactIndex::rescore(std::span<const float> query,
                                     std::span<const ScoredRow> candidates, std::size_t k) const {
  const double query_norm = exact_norm(query);
  std::vector<float> buffer;
  std::vector<Hit> hits;
  hits.reserve(candidates.size());
  for (const ScoredRow& c : candidates) {
    hits.push_back(
        {c.row, exact_score(options_.similarity, query, query_norm, row(c.row, buffer))});
  }
  keep_best(hits, k);
  return hits;
}

std::vector<Hit> ExactIndex::rescore_all(std::span<const float> query, std::size_t k,
                                         ThreadPool& pool) const {
  const double query_norm = exact_norm(query);
  std::vector<Hit> hits(num_rows());
  pool.parallel_for(
      num_rows(), kScanBlockRows, [&](std::size_t begin, std::size_t end, std::size_t) {
        for (std::size_t i = begin; i < end; ++i) {
          hits[i] = {i, exact_score(options_.similarity, query, query_norm, rows_.row(i))};
        }
      });
  keep_best(hits, k);
  return hits;
}

// Without f32 rows: the cosine of the signs.
std::vector<Hit> ExactIndex::hits_by_bits(std::vector<ScoredRow> candidates, std::size_t k) const {
  std::sort(candidates.begin(), candidates.end(), ranks_before);
  candidates.resize(std::min(k, candidates.size()));
  std::vector<Hit> hits;
  hits.reserve(candidates.size());
  for (const ScoredRow& c : candidates) {
    hits.push_back({c.row, 1 + 2 * c.score / static_cast<double>(dimension_)});
  }
  return hits;
}

// Scores every row that the first pass may have left out wrongly: those whose screening score is at
// least `needed`.
void ExactIndex::search_above(View<const float> queries, std::span<const float> needed,
                              std::size_t k, ThreadPool& pool,
                              std::span<std::vector<Hit>* const> hits) const {
  std::vector<TopRows> above;
  for (const float least : needed) above.emplace_back(TopRows::kNoLimit, least);
  const ScreenedRows screened = screened_rows();
  above = Screening(screened, queries).run(above, pool);
  pool.parallel_for(queries.rows(), 1, [&](std::size_t begin, std::size_t end, std::size_t) {
    for (std::size_t i = begin; i < end; ++i) {
      *hits[i] = rescore(queries.row(i), above[i].rows(), k);
    }
  });
}

void ExactIndex::search_group(View<const float> queries, std::size_t k, ThreadPool& pool,
                              std::span<std::vector<Hit>> hits) const {
  const std::size_t m = queries.rows();
  const std::size_t limit = num_candidates(k);
  const ScreenedRows screened = screened_rows();
  std::vector<TopRows> best =
      Screening(screened, queries).run(std::vector(m, TopRows(limit)), pool);

  std::vector<std::optional<float>> needed(m);  // of queries whose hits are not proved yet
  pool.parallel_for(m, 1, [&](std::size_t begin, std::size_t end, std::size_t) {
    for (std::size_t i = begin; i < end; ++i) {
      const std::span<const ScoredRow> candidates = best[i].rows();
      if (rows_.empty() && options_.form == RowForm::kBinary) {
        hits[i] = hits_by_bits({candidates.begin(), candidates.end()}, k);
        continue;
      }
      hits[i] = rescore(queries.row(i), candidates, k);
      if (options_.form == RowForm::kF32 && limit < num_rows()) {
        const double query_norm = exact_norm(queries.row(i));
        needed[i] = unproved_above(hits[i].back().score, query_norm, best[i].threshold());
      }
    }
  });

  std::vector<std::size_t> unproved;
  for (std::size_t i = 0; i < m; ++i) {
    if (needed[i].has_value()) unproved.push_back(i);
  }
  for (std::size_t begin = 0; begin < unproved.size(); begin += kRepeatedQueries) {
    const std::size_t n = std::min(kRepeatedQueries, unproved.size() - begin);
    Tensor repeated = Tensor::zeros<float>(Shape{n, dimension_});
    std::vector<float> thresholds(n);
    std::vector<std::vector<Hit>*> targets(n);
    for (std::size_t j = 0; j < n; ++j) {
      const std::size_t i = unproved[begin + j];
      std::ranges::copy(queries.row(i), repeated.view<float>().row(j).begin());
      thresholds[j] = *needed[i];
      targets[j] = &hits[i];
    }
    search_above(repeated.view<float>(), thresholds, k, pool, targets);
  }
}

// The screening score from which rows must be looked at again, if a row that was left out, which
// has at most the screening score `best_left_out`, could beat the last hit.
std::optional<float> ExactIndex::unproved_above(double last_score, double query_norm,
                                                float best_left_out) const {
  const double needed = screen_score(last_score, query_norm) - rounding_bound(query_norm);
  if (best_left_out < needed) return std::nullopt;
  return std::nextafter(static_cast<float>(needed), -std::numeric_limits<float>::infinity());
}

std::vector<std::vector<Hit>> ExactIndex::search(View<const float> queries, std::size_t k,
                                                 ThreadPool& pool) const {
  check_queries(queries, dimension_);
  std::vector<std::vector<Hit>> hits(queries.rows());
  k = std::min(k, num_rows());
  if (k == 0) return hits;
  for (std::size_t begin = 0; begin < hits.size();) {
    if (!screens_well(queries.row(begin))) {
      hits[begin] = rescore_all(queries.row(begin), k, pool);
      ++begin;
      continue;
    }
    std::size_t end = begin + 1;
    while (end < std::min(hits.size(), begin + kGroupQueries) && screens_well(queries.row(end))) {
      ++end;
    }
    search_group(queries.slice_rows(begin, end), k, pool,
                 std::span(hits).subspan(begin, end - begin));
    begin = end;
  }
  return hits;
}

// False for the few queries whose first pass proves nothing: zero ones, which are as near to every
// row, and those whose sums could overflow or vanish in f32.
bool ExactIndex::screens_well(std::span<const float> query) const {
  if (options_.form != RowForm::kF32) return true;
  const double norm = exact_norm(query);
  return in_range_ && norm != 0 && norm_in_range(norm);
}

}  // namespace firth
