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

// What a thread works with.
struct Worker {
  std::vector<float> scores;             // (queries, tile)
  std::vector<std::uint32_t> positions;  // of the scores picked
  std::vector<TopRows> best;             // a query
};

void pick(std::span<const float> scores, std::size_t first_row, std::uint32_t* positions,
          TopRows& best) {
  const std::size_t found = select_at_least(scores, best.threshold(), positions);
  for (const std::uint32_t position : std::span(positions, found)) {
    best.add({scores[position], static_cast<std::uint32_t>(first_row + position)});
  }
}

}  // namespace

Screening::Screening(const ScreenedRows& rows, View<const float> queries)
    : rows_(rows), queries_(queries) {
  if (rows.form == RowForm::kInt8) int8_queries_.emplace(queries);
  if (rows.form == RowForm::kBinary) {
    query_bits_ = Tensor::zeros<std::uint8_t>(Shape{queries.rows(), binary_bytes(queries.cols())});
    quantize_binary_rows(queries, query_bits_.view<std::uint8_t>());
  }
}

std::vector<TopRows> Screening::run(std::span<const TopRows> best, ThreadPool& pool) const {
  const std::size_t m = queries_.rows();
  const std::size_t tile = std::clamp<std::size_t>(kTileScores / m, kLeastRows, kScanBlockRows);
  std::vector<Worker> workers(pool.num_threads());
  pool.parallel_for(rows_.num_rows, tile,
                    [&](std::size_t begin, std::size_t end, std::size_t number) {
                      Worker& worker = workers[number];
                      if (worker.best.empty()) {
                        worker.scores.resize(m * tile);
                        worker.positions.resize(tile + kSelectSlack);
                        worker.best.assign(best.begin(), best.end());
                      }
                      score(begin, end, worker.scores.data(), tile);
                      for (std::size_t i = 0; i < m; ++i) {
                        pick(std::span(worker.scores).subspan(i * tile, end - begin), begin,
                             worker.positions.data(), worker.best[i]);
                      }
                    });
  std::vector<TopRows> merged(best.begin(), best.end());
  for (Worker& worker : workers) {
    for (std::size_t i = 0; i < worker.best.size(); ++i) {
      for (const ScoredRow& row : worker.best[i].rows()) merged[i].add(row);
    }
  }
  return merged;
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
