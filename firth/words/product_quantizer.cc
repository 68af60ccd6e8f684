// k-means as fastText runs it: centroids begin as random rows, empty clusters split a large one.
#include "firth/words/product_quantizer.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "firth/core/random.h"

namespace firth {
namespace {

constexpr std::size_t kMaxRows = 256 * ProductQuantizer::kCentroids;
constexpr int kRounds = 25;
constexpr float kSplit = 1e-7F;  // how far the halves of a split cluster are set apart

std::vector<std::size_t> sample_rows(std::size_t n, std::size_t wanted, Random& random) {
  std::vector<std::size_t> rows(n);
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  for (std::size_t i = 0; i < std::min(wanted, n - 1); ++i)
    std::swap(rows[i], rows[i + random.below(n - i)]);
  rows.resize(std::min(wanted, n));
  return rows;
}

}  // namespace

ProductQuantizer::ProductQuantizer(std::size_t dim, std::size_t dsub)
    : ProductQuantizer(dim, dsub, std::vector<float>(dim * kCentroids)) {}

ProductQuantizer::ProductQuantizer(std::size_t dim, std::size_t dsub, std::vector<float> centroids)
    : dim_(dim),
      dsub_(dsub),
      num_parts_((dim + dsub - 1) / dsub),
      centroids_(std::move(centroids)) {}

std::size_t ProductQuantizer::nearest(std::size_t part, const float* x) const {
  float least = std::numeric_limits<float>::infinity();
  std::size_t best = 0;
  for (std::size_t code = 0; code < kCentroids; ++code) {
    const std::span<const float> center = centroid(part, code);
    float distance = 0;
    for (std::size_t j = 0; j < center.size(); ++j) {
      const float difference = x[j] - center[j];
      distance += difference * difference;
    }
    if (distance < least) {
      least = distance;
      best = code;
    }
  }
  return best;
}

void ProductQuantizer::train_part(std::size_t part, View<const float> rows, std::uint64_t seed) {
  Random random(seed, part);
  const std::size_t size = part_size(part);
  const std::vector<std::size_t> sample = sample_rows(rows.rows(), kMaxRows, random);
  float* centers = centroids_.data() + part * kCentroids * dsub_;
  const auto x = [&](std::size_t i) { return rows.row(sample[i]).data() + part * dsub_; };
  for (std::size_t code = 0; code < std::min(kCentroids, sample.size()); ++code)
    std::copy_n(x(code), size, centers + code * size);
  if (sample.size() <= kCentroids) return;
  std::vector<std::size_t> code_of(sample.size());
  std::vector<std::size_t> count(kCentroids);
  for (int round = 0; round < kRounds; ++round) {
    for (std::size_t i = 0; i < sample.size(); ++i) code_of[i] = nearest(part, x(i));
    std::fill_n(centers, kCentroids * size, 0.0F);
    std::ranges::fill(count, 0);
    for (std::size_t i = 0; i < sample.size(); ++i) {
      ++count[code_of[i]];
      for (std::size_t j = 0; j < size; ++j) centers[code_of[i] * size + j] += x(i)[j];
    }
    for (std::size_t code = 0; code < kCentroids; ++code) {
      for (std::size_t j = 0; count[code] > 0 && j < size; ++j)
        centers[code * size + j] /= static_cast<float>(count[code]);
    }
    for (std::size_t code = 0; code < kCentroids; ++code) {
      if (count[code] != 0) continue;
      const auto largest =
          static_cast<std::size_t>(std::ranges::max_element(count) - count.begin());
      for (std::size_t j = 0; j < size; ++j) {
        const float sign = j % 2 == 0 ? 1.0F : -1.0F;
        centers[code * size + j] = centers[largest * size + j] + sign * kSplit;
        centers[largest * size + j] -= sign * kSplit;
      }
      count[code] = count[largest] / 2;
      count[largest] -= count[code];
    }
  }
}

void ProductQuantizer::train(View<const float> rows, std::uint64_t seed) {
  for (std::size_t part = 0; part < num_parts_; ++part) train_part(part, rows, seed);
}

void ProductQuantizer::encode(std::span<const float> row, std::span<std::uint8_t> codes) const {
  for (std::size_t part = 0; part < num_parts_; ++part)
    codes[part] = static_cast<std::uint8_t>(nearest(part, row.data() + part * dsub_));
}

void ProductQuantizer::add(std::span<const std::uint8_t> codes, float scale,
                           std::span<float> out) const {
  for (std::size_t part = 0; part < num_parts_; ++part) {
    const std::span<const float> center = centroid(part, codes[part]);
    float* to = out.data() + part * dsub_;
    for (std::size_t j = 0; j < center.size(); ++j) to[j] += scale * center[j];
  }
}

}  // namespace firth
