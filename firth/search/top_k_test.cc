#include "firth/search/top_k.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "firth/core/random.h"

namespace firth {
namespace {

std::vector<std::uint32_t> kept(std::span<const ScoredRow> shown, std::size_t limit, float floor) {
  TopRows top(limit, floor);
  for (const ScoredRow& row : shown) top.add(row);
  std::vector<std::uint32_t> rows;
  for (const ScoredRow& row : top.rows()) rows.push_back(row.row);
  std::ranges::sort(rows);
  return rows;
}

// Scores of a few values, so that most are ties; rows in a random order.
TEST(TopRows, KeepsTheBestAndOfEqualsTheLowest) {
  Random random(2);
  for (int round = 0; round < 200; ++round) {
    const std::size_t n = random.below(80);
    const std::size_t limit = random.below(20);
    const auto floor = static_cast<float>(random.below(4));
    std::vector<ScoredRow> shown(n);
    for (std::size_t i = 0; i < n; ++i) {
      shown[i] = {static_cast<float>(random.below(5)), static_cast<std::uint32_t>(i)};
    }
    std::vector<ScoredRow> best;
    for (const ScoredRow& row : shown) {
      if (row.score >= floor) best.push_back(row);
    }
    std::ranges::stable_sort(best, [](const auto& a, const auto& b) { return a.score > b.score; });
    best.resize(std::min(limit, best.size()));
    std::vector<std::uint32_t> want;
    for (const ScoredRow& row : best) want.push_back(row.row);
    std::ranges::sort(want);
    for (std::size_t i = n; i > 1; --i) std::swap(shown[i - 1], shown[random.below(i)]);
    ASSERT_EQ(kept(shown, limit, floor), want) << "round " << round;
  }
}

TEST(TopRows, ThresholdIsTheWorstKept) {
  TopRows top(2);
  EXPECT_EQ(top.threshold(), -std::numeric_limits<float>::infinity());
  for (std::uint32_t row = 0; row < 5; ++row) top.add({static_cast<float>(row), row});
  EXPECT_EQ(top.rows().size(), 2);
  EXPECT_EQ(top.threshold(), 3);
  top.add({3, 0});
  EXPECT_EQ(top.rows().size(), 2);
  EXPECT_EQ(top.threshold(), 3);
}

}  // namespace
}  // namespace firth
