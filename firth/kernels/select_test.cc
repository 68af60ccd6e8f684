#include "firth/kernels/select.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "firth/core/random.h"
#include "firth/kernels/cpu_levels_for_test.h"

namespace firth {
namespace {

class SelectTest : public CpuLevelTest {};

TEST_P(SelectTest, GivesThePositionsInOrderAtEveryLengthAndThreshold) {
  Random random(4);
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  for (std::size_t n = 0; n <= 70; ++n) {
    std::vector<float> scores(n);
    for (float& x : scores) x = static_cast<float>(random.below(7)) - 3;
    if (n > 0) scores[random.below(n)] = std::nanf("");
    for (const float threshold : {-kInfinity, -3.0F, 0.0F, 2.0F, 3.5F}) {
      std::vector<std::uint32_t> want;
      for (std::size_t j = 0; j < n; ++j) {
        if (scores[j] >= threshold) want.push_back(static_cast<std::uint32_t>(j));
      }
      std::vector<std::uint32_t> positions(n + kSelectSlack);
      positions.resize(select_at_least(scores, threshold, positions.data()));
      ASSERT_EQ(positions, want) << n << " " << threshold;
    }
  }
}

TEST_P(SelectTest, ScalesBeforeItComparesWithAThresholdEach) {
  Random random(5);
  for (std::size_t n = 0; n <= 70; ++n) {
    std::vector<float> scores(n), thresholds(n);
    for (float& x : scores) x = random.normal();
    for (float& x : thresholds) x = random.normal();
    std::vector<float> want_scores = scores;
    std::vector<std::uint32_t> want;
    for (std::size_t j = 0; j < n; ++j) {
      want_scores[j] = scores[j] * 0.7F - 0.1F;
      if (want_scores[j] >= thresholds[j]) want.push_back(static_cast<std::uint32_t>(j));
    }
    std::vector<std::uint32_t> positions(n + kSelectSlack);
    positions.resize(scale_and_select(0.7F, 0.1F, scores, thresholds, positions.data()));
    ASSERT_EQ(positions, want) << n;
    ASSERT_EQ(scores, want_scores) << n;
  }
}

FIRTH_INSTANTIATE_CPU_LEVELS(SelectTest);

}  // namespace
}  // namespace firth
