#include "firth/search/screening.h"

#include <algorithm>
#include <cstdint>

#include "firth/kernels/quantize.h"
#include "firth/kernels/select.h"
#include "firth/kernels/vector.h"

namespace firth {
namespace {

// Scores of one call of a scan kernel: 256 KB, so that they are in cache when the best are picked.
constexpr std::size_t kTileScores = std::size_t{64} * 1024;
constexpr std::size_t kLeastRows = 128;

// Queries from which on the product's kernels are faster than the scan's.
constexpr std::size_t kProductQueries = 32;

}  // namespace

struct Screening::Worker {
  std::vector<float> scores;             // (queries, tile), of a product (tile, queries)
  std::vector<std::uint32_t> positions;  // of the scores picked
  std::vector<float> thresholds;         // of `best`, kept for products only
  std::vector<TopRows> best;             // a query
};

Screening::Screening(const ScreenedRows& rows, View<const float> queries)
    : rows_(rows),
      queries_(queries),
      tile_(std::clamp<std::size_t>(kTileScores / queries.rows(), kLeastRows, kScanBlockRows)) {
  if (rows.form == RowForm::kF32 && queries.rows() >= kProductQueries) {
    packed_queries_.emplace(queries, Precision::kF32);
  }
  if (rows.form == RowForm::kInt8) int8_queries_.emplace(queries);
  if (rows.form == RowForm::kBinary) {
    query_bits_ = Tensor::zeros<std::uint8_t>(Shape{queries.rows(), binary_bytes(queries.cols())});
    quantize_binary_rows(queries, query_bits_.view<std::uint8_t>());
  }
}

std::vector<TopRows> Screening::run(std::span<const TopRows> best, ThreadPool& pool) const {
  const std::size_t m = queries_.rows();
  std::vector<Worker> workers(pool.num_threads());
  pool.parallel_for(
      rows_.num_rows, tile_, [&](std::size_t begin, std::size_t end, std::size_t number) {
        Worker& worker = workers[number];
        if (worker.best.empty()) {
          worker.scores.resize(m * tile_);
          worker.positions.resize(std::max(m, tile_) + kSelectSlack);
          worker.best.assign(best.begin(), best.end());
          for (const TopRows& of_query : best) worker.thresholds.push_back(of_query.threshold());
        }
        packed_queries_ ? multiply_rows(begin, end, worker) : scan(begin, end, worker);
      });
  std::vector<TopRows> merged(best.begin(), best.end());
  for (Worker& worker : workers) {
    for (std::size_t i = 0; i < worker.best.size(); ++i) {
      for (const ScoredRow& row : worker.best[i].rows()) merged[i].add(row);
    }
  }
  return merged;
}

void Screening::multiply_rows(std::size_t begin, std::size_t end, Worker& worker) const {
  const std::size_t m = queries_.rows();
  const View<float> scores(worker.scores.data(), Shape{end - begin, m});
  packed_product(rows_.f32.slice_rows(begin, end), *packed_queries_, {}, scores);
  for (std::size_t row = begin; row < end; ++row) {
    const std::span<float> of_row = scores.row(row - begin);
    const float factor = rows_.similarity == Similarity::kCosine ? rows_.inverse_norms[row] : 1;
    const float less = rows_.similarity == Similarity::kEuclidean ? rows_.half_squares[row] : 0;
    const std::size_t found =
        scale_and_select(factor, less, of_row, worker.thresholds, worker.positions.data());
    for (const std::uint32_t query : std::span(worker.positions).first(found)) {
      worker.best[query].add({of_row[query], static_cast<std::uint32_t>(row)});
      worker.thresholds[query] = worker.best[query].threshold();
    }
  }
}

void Screening::scan(std::size_t begin, std::size_t end, Worker& worker) const {
  score(begin, end, worker.scores.data(), tile_);
  for (std::size_t i = 0; i < queries_.rows(); ++i) {
    const auto scores = std::span(worker.scores).subspan(i * tile_, end - begin);
    TopRows& best = worker.best[i];
    const std::size_t found = select_at_least(scores, best.threshold(), worker.positions.data());
    for (const std::uint32_t position : std::span(worker.positions).first(found)) {
      best.add({scores[position], static_cast<std::uint32_t>(begin + position)});
    }
  }
}

void Screening::score(std::size_t begin, std::size_t end, float* scores, std::size_t stride) const {
  if (rows_.form == RowForm::kBinary) {
    scan_hamming(query_bits_.view<std::uint8_t>(), rows_.narrow->bits.slice_rows(begin, end),
                 scores, stride);
    return;
  }
  if (rows_.form == RowForm::kInt8) {
    scan_int8(*int8_queries_,
              {.values = rows_.narrow->int8.row(begin).data(),
               .scales = rows_.narrow->scales.data() + begin,
               .num_rows = end - begin},
              scores, stride);
  } else {
    scan_f32(queries_, rows_.f32.slice_rows(begin, end), scores, stride);
  }
  for (std::size_t i = 0; i < queries_.rows(); ++i) {
    const std::span<float> of_query(scores + i * stride, end - begin);
    if (rows_.similarity == Similarity::kCosine) {
      multiply(rows_.inverse_norms.subspan(begin, end - begin), of_query);
    } else if (rows_.similarity == Similarity::kEuclidean) {
      subtract(rows_.half_squares.subspan(begin, end - begin), of_query);
    }
  }
}

}  // namespace firth
