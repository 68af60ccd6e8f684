#include "firth/eval/retrieval_metrics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace firth {
namespace {

using Ints = std::vector<int>;

// By hand: grades found 3, 0, 1, 2; judged 3, 2, 2, 1, -1 (one 2 was not found).
TEST(RetrievalMetrics, MatchHandValues) {
  const Ints ranking = {3, 0, 1, 2};
  const Ints judged = {2, -1, 3, 1, 2};
  const RankedGrades grades{ranking, judged};
  const double log2_3 = std::log2(3.0);
  const double log2_5 = std::log2(5.0);
  EXPECT_DOUBLE_EQ(ndcg_at(grades, 1), 1);
  EXPECT_DOUBLE_EQ(ndcg_at(grades, 3), (3 + 1 / 2.0) / (3 + 2 / log2_3 + 2 / 2.0));
  EXPECT_DOUBLE_EQ(ndcg_at(grades, 10),
                   (3 + 1 / 2.0 + 2 / log2_5) / (3 + 2 / log2_3 + 2 / 2.0 + 1 / log2_5));
  EXPECT_DOUBLE_EQ(recall_at(grades, 1), 0.25);
  EXPECT_DOUBLE_EQ(recall_at(grades, 10), 0.75);
  EXPECT_DOUBLE_EQ(reciprocal_rank_at(grades, 10), 1);
  EXPECT_DOUBLE_EQ(average_precision_at(grades, 10), (1.0 + 2.0 / 3 + 3.0 / 4) / 4);
  EXPECT_DOUBLE_EQ(average_precision_at(grades, 2), 1.0 / 4);
}

TEST(RetrievalMetrics, AGradeBelowZeroIsNotRelevant) {
  const Ints ranking = {-1, 0, 1};
  const Ints judged = {-1, 1};
  const RankedGrades grades{ranking, judged};
  EXPECT_DOUBLE_EQ(ndcg_at(grades, 10), 0.5);
  EXPECT_DOUBLE_EQ(reciprocal_rank_at(grades, 10), 1.0 / 3);
  EXPECT_DOUBLE_EQ(reciprocal_rank_at(grades, 2), 0);
  EXPECT_DOUBLE_EQ(recall_at(grades, 3), 1);
}

TEST(RetrievalMetrics, AreZeroWithoutRelevantDocuments) {
  const Ints ranking = {0, 0};
  const Ints judged = {0};
  const RankedGrades grades{ranking, judged};
  EXPECT_EQ(ndcg_at(grades, 10), 0);
  EXPECT_EQ(recall_at(grades, 10), 0);
  EXPECT_EQ(reciprocal_rank_at(grades, 10), 0);
  EXPECT_EQ(average_precision_at(grades, 10), 0);
}

}  // namespace
}  // namespace firth
