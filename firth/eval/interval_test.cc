#include "firth/eval/interval.h"

#include <gtest/gtest.h>

namespace firth {
namespace {

TEST(Interval, OfCorrelationsByFishersZ) {
  // By hand: atanh(0.5) = 0.549306, se = 1/sqrt(97) = 0.101535.
  const auto pearson = pearson_interval(0.5, 100);
  ASSERT_TRUE(pearson);
  EXPECT_NEAR(pearson->low, 0.336643, 1e-5);
  EXPECT_NEAR(pearson->high, 0.634140, 1e-5);
  const auto spearman = spearman_interval(0.5, 100);  // se = sqrt(1.125 / 97)
  ASSERT_TRUE(spearman);
  EXPECT_NEAR(spearman->low, 0.325897, 1e-5);
  EXPECT_NEAR(spearman->high, 0.641302, 1e-5);
}

TEST(Interval, OfFewPairsIsUndefinedAndOfPerfectOnesEndsAtOne) {
  EXPECT_FALSE(spearman_interval(0.5, 3));
  const auto perfect = pearson_interval(1, 10);
  ASSERT_TRUE(perfect);
  EXPECT_GT(perfect->low, 0.99);
  EXPECT_LE(perfect->high, 1);
}

TEST(Interval, OfSharesIsWilsons) {
  const auto share = share_interval(8, 10);
  ASSERT_TRUE(share);
  EXPECT_NEAR(share->low, 0.490162, 1e-5);
  EXPECT_NEAR(share->high, 0.943318, 1e-5);
  EXPECT_EQ(share_interval(0, 5)->low, 0);
  EXPECT_NEAR(share_interval(5, 5)->high, 1, 1e-12);
  EXPECT_FALSE(share_interval(0, 0));
}

}  // namespace
}  // namespace firth
