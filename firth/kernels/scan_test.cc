#include "firth/kernels/scan.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "firth/core/random.h"
#include "firth/kernels/cpu_levels_for_test.h"
#include "firth/kernels/quantize.h"

namespace firth {
namespace {

std::vector<float> random_floats(std::size_t n, std::uint64_t seed) {
  std::vector<float> out(n);
  Random random(seed);
  for (float& x : out) x = random.normal();
  return out;
}

class ScanTest : public CpuLevelTest {};

void expect_f32_scores(std::size_t num_queries, std::size_t num_rows, std::size_t d,
                       std::size_t shift) {
  const std::vector<float> q = random_floats(num_queries * d + shift, d);
  const std::vector<float> r = random_floats(num_rows * d + shift, d + 1);
  const View<const float> queries{q.data() + shift, Shape{num_queries, d}};
  const View<const float> rows{r.data() + shift, Shape{num_rows, d}};
  const std::size_t stride = num_rows + 3;
  std::vector<float> scores(num_queries * stride, 7.0F);
  scan_f32(queries, rows, scores.data(), stride);
  for (std::size_t i = 0; i < num_queries; ++i) {
    for (std::size_t j = 0; j < num_rows; ++j) {
      double want = 0.0, magnitude = 0.0;
      for (std::size_t c = 0; c < d; ++c) {
        const double product = double{queries(i, c)} * double{rows(j, c)};
        want += product;
        magnitude += std::abs(product);
      }
      ASSERT_NEAR(scores[i * stride + j], want, 1e-6 * magnitude)
          << num_queries << " queries, " << num_rows << " rows, d = " << d;
    }
    for (std::size_t j = num_rows; j < stride; ++j) ASSERT_EQ(scores[i * stride + j], 7.0F);
  }
}

TEST_P(ScanTest, F32MatchesDoublePrecisionForEveryDimension) {
  for (std::size_t d = 0; d <= 70; ++d) expect_f32_scores(7, 13, d, d % 4);
}

TEST_P(ScanTest, F32MatchesDoublePrecisionForEveryNumberOfQueriesAndRows) {
  for (std::size_t queries = 0; queries <= 13; ++queries) {
    for (std::size_t rows = 0; rows <= 34; ++rows) expect_f32_scores(queries, rows, 37, 1);
  }
}

TEST_P(ScanTest, F32MatchesDoublePrecisionOverManyStrips) {
  expect_f32_scores(8, 203, 384, 0);
  expect_f32_scores(2, 50, 3001, 1);
}

TEST_P(ScanTest, AF32ScoreDoesNotDependOnItsNeighbours) {
  constexpr std::size_t kQueries = 14, kRows = 61;
  for (const std::size_t d : {5, 64, 100, 384}) {
    const std::vector<float> q = random_floats(kQueries * d, 1), r = random_floats(kRows * d, 2);
    const View<const float> queries{q.data(), Shape{kQueries, d}}, rows{r.data(), Shape{kRows, d}};
    std::vector<float> all(kQueries * kRows);
    scan_f32(queries, rows, all.data(), kRows);
    for (std::size_t i = 0; i < kQueries; ++i) {
      for (std::size_t j = 0; j < kRows; ++j) {
        float alone = 0.0F;
        scan_f32(queries.slice_rows(i, i + 1), rows.slice_rows(j, j + 1), &alone, 1);
        ASSERT_EQ(std::bit_cast<std::uint32_t>(alone),
                  std::bit_cast<std::uint32_t>(all[i * kRows + j]));
      }
    }
  }
}

TEST_P(ScanTest, NaNAndInfinityStayInTheirRow) {
  constexpr std::size_t kRows = 9, kDimension = 21;
  std::vector<float> q = random_floats(3 * kDimension, 1), r = random_floats(kRows * kDimension, 2);
  r[4 * kDimension + 20] = std::numeric_limits<float>::quiet_NaN();
  r[6 * kDimension + 1] = std::numeric_limits<float>::infinity();
  r[7 * kDimension + 2] = 1e-42F;
  std::vector<float> scores(3 * kRows);
  scan_f32({q.data(), Shape{3, kDimension}}, {r.data(), Shape{kRows, kDimension}}, scores.data(),
           kRows);
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < kRows; ++j) {
      EXPECT_EQ(std::isnan(scores[i * kRows + j]), j == 4);
      EXPECT_EQ(std::isinf(scores[i * kRows + j]), j == 6);
    }
  }
}

struct NarrowTable {
  NarrowTable(View<const float> rows)  // NOLINT(google-explicit-constructor)
      : values(rows.size()), scales(rows.rows()) {
    quantize_int8_rows(rows, {values.data(), rows.shape()}, scales);
  }

  Int8Rows rows() const { return {values.data(), scales.data(), scales.size()}; }

  std::vector<std::int8_t> values;
  std::vector<float> scales;
};

void expect_int8_scores(std::size_t num_queries, std::size_t num_rows, std::size_t d) {
  const std::vector<float> q = random_floats(num_queries * d, d),
                           r = random_floats(num_rows * d, 9);
  const View<const float> queries{q.data(), Shape{num_queries, d}};
  const NarrowTable table(View<const float>{r.data(), Shape{num_rows, d}});
  const Int8Queries narrow(queries);
  const std::size_t stride = num_rows + 2;
  std::vector<float> scores(num_queries * stride, 7.0F);
  scan_int8(narrow, table.rows(), scores.data(), stride);
  for (std::size_t i = 0; i < num_queries; ++i) {
    for (std::size_t j = 0; j < num_rows; ++j) {
      std::int32_t sum = 0;
      for (std::size_t c = 0; c < d; ++c) {
        sum += (narrow.bytes()[i * d + c] - narrow.offset()) * table.values[j * d + c];
      }
      const float want = static_cast<float>(sum) * table.scales[j] * narrow.scales()[i];
      ASSERT_EQ(scores[i * stride + j], want)
          << num_queries << " queries, " << num_rows << " rows, d = " << d;
    }
    for (std::size_t j = num_rows; j < stride; ++j) ASSERT_EQ(scores[i * stride + j], 7.0F);
  }
}

TEST_P(ScanTest, Int8SumsAreExactForEveryDimension) {
  for (std::size_t d = 0; d <= 140; ++d) expect_int8_scores(19, 17, d);
}

TEST_P(ScanTest, Int8SumsAreExactForEveryNumberOfQueriesAndRows) {
  for (const std::size_t queries : {0, 1, 2, 7, 8, 9, 15, 16, 17, 31, 32, 33, 40, 64, 65}) {
    for (std::size_t rows = 0; rows <= 30; ++rows) expect_int8_scores(queries, rows, 37);
  }
}

TEST_P(ScanTest, Int8SumsAreExactOverManyStrips) {
  expect_int8_scores(20, 500, 384);
}

TEST_P(ScanTest, TheLargestInt8ProductsDoNotSaturate) {
  const std::vector<float> ones(std::size_t{3} * 256, 1.0F), minus(std::size_t{5} * 256, -1.0F);
  const NarrowTable table(View<const float>{minus.data(), Shape{5, 256}});
  std::vector<float> scores(15);
  scan_int8(Int8Queries({ones.data(), Shape{3, 256}}), table.rows(), scores.data(), 5);
  for (const float score : scores) EXPECT_NEAR(score, -256.0F, 1e-3F);
}

TEST_P(ScanTest, Int8ScoresAreNearTheDotProduct) {
  constexpr std::size_t kDimension = 384, kRows = 200;
  const std::vector<float> q = random_floats(kDimension, 3),
                           r = random_floats(kRows * kDimension, 4);
  const View<const float> query{q.data(), Shape{1, kDimension}};
  const View<const float> rows{r.data(), Shape{kRows, kDimension}};
  const NarrowTable table(rows);
  std::vector<float> near(kRows), exact(kRows);
  scan_int8(Int8Queries(query), table.rows(), near.data(), kRows);
  scan_f32(query, rows, exact.data(), kRows);
  // Norms are about 20: an error of 2 is one of .005 in the cosine.
  for (std::size_t j = 0; j < kRows; ++j) EXPECT_NEAR(near[j], exact[j], 2.0F);
}

TEST_P(ScanTest, AQueryOrRowThatIsNotFiniteScoresNaN) {
  std::vector<float> q = random_floats(std::size_t{2} * 20, 1),
                     r = random_floats(std::size_t{6} * 20, 2);
  q[3] = std::numeric_limits<float>::infinity();
  r[std::size_t{5} * 20] = std::numeric_limits<float>::quiet_NaN();
  const NarrowTable table(View<const float>{r.data(), Shape{6, 20}});
  std::vector<float> scores(12);
  scan_int8(Int8Queries({q.data(), Shape{2, 20}}), table.rows(), scores.data(), 6);
  for (std::size_t j = 0; j < 6; ++j) {
    EXPECT_TRUE(std::isnan(scores[j]));
    EXPECT_EQ(std::isnan(scores[6 + j]), j == 5);
  }
}

TEST_P(ScanTest, HammingCountsTheBitsThatDiffer) {
  Random random(5);
  for (std::size_t num_bytes = 0; num_bytes <= 40; ++num_bytes) {
    for (const std::size_t num_rows : {0, 1, 3, 4, 5, 9}) {
      std::vector<std::uint8_t> q(2 * num_bytes), r(num_rows * num_bytes);
      for (auto& x : q) x = static_cast<std::uint8_t>(random.next());
      for (auto& x : r) x = static_cast<std::uint8_t>(random.next());
      std::vector<float> scores(2 * num_rows);
      scan_hamming({q.data(), Shape{2, num_bytes}}, {r.data(), Shape{num_rows, num_bytes}},
                   scores.data(), num_rows);
      for (std::size_t i = 0; i < 2; ++i) {
        for (std::size_t j = 0; j < num_rows; ++j) {
          int want = 0;
          for (std::size_t c = 0; c < num_bytes; ++c) {
            want += std::popcount(
                static_cast<std::uint8_t>(q[i * num_bytes + c] ^ r[j * num_bytes + c]));
          }
          ASSERT_EQ(scores[i * num_rows + j], -static_cast<float>(want));
        }
      }
    }
  }
}

FIRTH_INSTANTIATE_CPU_LEVELS(ScanTest);

}  // namespace
}  // namespace firth
