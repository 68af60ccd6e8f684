#include "firth/eval/correlation.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "firth/core/error.h"

namespace firth {
namespace {

using Doubles = std::vector<double>;

TEST(Correlation, TiesShareTheirAverageRank) {
  EXPECT_EQ(average_ranks(Doubles{10, 20, 20, 5, 20}), (Doubles{2, 4, 4, 1, 4}));
  EXPECT_EQ(average_ranks(Doubles{}), Doubles{});
  EXPECT_EQ(average_ranks(Doubles{-0.0, 0.0}), (Doubles{1.5, 1.5}));
}

// scipy.stats.pearsonr and spearmanr (1.17.1) of the same lists.
TEST(Correlation, MatchesScipy) {
  const Doubles a = {1, 2, 3, 4, 5, 6, 7};
  const Doubles b = {2, 1, 4, 4, 3, 9, 8};
  EXPECT_NEAR(pearson(a, b).value(), 0.8509225281635044, 1e-15);
  EXPECT_NEAR(spearman(a, b).value(), 0.8108437164260032, 1e-15);
  EXPECT_DOUBLE_EQ(spearman(a, Doubles{7, 6, 5, 4, 3, 2, 1}).value(), -1);
  EXPECT_DOUBLE_EQ(spearman(a, Doubles{1, 8, 27, 64, 125, 216, 343}).value(), 1);
}

TEST(Correlation, IsUndefinedForConstantLists) {
  EXPECT_FALSE(pearson(Doubles{1, 1, 1}, Doubles{1, 2, 3}).has_value());
  EXPECT_FALSE(spearman(Doubles{1, 2, 3}, Doubles{0, 0, 0}).has_value());
  EXPECT_FALSE(pearson(Doubles{1}, Doubles{1}).has_value());
}

TEST(Correlation, RefusesNaNAndUnequalLengths) {
  EXPECT_THROW(pearson(Doubles{1, 2}, Doubles{1}), Error);
  EXPECT_THROW(spearman(Doubles{1, NAN}, Doubles{1, 2}), Error);
}

}  // namespace
}  // namespace firth
