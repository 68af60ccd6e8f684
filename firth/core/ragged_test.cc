#include "firth/core/ragged.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

namespace firth {
namespace {

TEST(CutBatches, KeepsTheBudgetAndEverySequence) {
  const std::vector<std::size_t> lengths{3, 100, 0, 7, 7, 64, 1};
  for (const std::size_t budget : {0, 1, 10, 64, 1000}) {
    std::vector<std::size_t> seen;
    for (const auto& batch : cut_batches(lengths, budget)) {
      std::size_t tokens = 0;
      for (const std::size_t i : batch) {
        tokens += lengths[i];
        seen.push_back(i);
      }
      EXPECT_TRUE(tokens <= budget || batch.size() == 1 || lengths[batch[1]] == 0) << budget;
    }
    EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end(),
                               [&](auto a, auto b) { return lengths[a] > lengths[b]; }));
    std::sort(seen.begin(), seen.end());
    std::vector<std::size_t> all(lengths.size());
    std::iota(all.begin(), all.end(), 0u);
    EXPECT_EQ(seen, all);
  }
  EXPECT_TRUE(cut_batches({}, 10).empty());
}

TEST(Ragged, SequencesAreWhatWasClosed) {
  Ragged ragged;
  ragged.ids = {5, 6};
  ragged.close_sequence();
  ragged.close_sequence();
  ragged.ids.push_back(7);
  ragged.close_sequence();
  ASSERT_EQ(ragged.num_sequences(), 3u);
  EXPECT_EQ(ragged.length(1), 0u);
  EXPECT_EQ(ragged.sequence(2)[0], 7);
}

}  // namespace
}  // namespace firth
