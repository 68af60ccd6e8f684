#include "firth/core/random.h"

#include <gtest/gtest.h>

#include <cmath>

namespace firth {
namespace {

TEST(Random, IsTheSameForASeedAndDiffersByTask) {
  Random a(7, 1), b(7, 1), c(7, 2), d(8, 1);
  for (int i = 0; i < 100; ++i) {
    const std::uint64_t value = a.next();
    EXPECT_EQ(value, b.next());
    EXPECT_NE(value, c.next());
    EXPECT_NE(value, d.next());
  }
}

TEST(Random, BelowStaysBelowAndReachesAll) {
  Random random(1);
  std::array<int, 5> count{};
  for (int i = 0; i < 5000; ++i) ++count[random.below(5)];
  for (const int n : count) EXPECT_NEAR(n, 1000, 150);
}

TEST(Random, NormalHasMeanZeroAndVarianceOne) {
  Random random(3);
  double sum = 0, squares = 0;
  constexpr int kDraws = 20000;
  for (int i = 0; i < kDraws; ++i) {
    const double x = random.normal();
    ASSERT_TRUE(std::isfinite(x));
    sum += x;
    squares += x * x;
  }
  EXPECT_NEAR(sum / kDraws, 0.0, 0.03);
  EXPECT_NEAR(squares / kDraws, 1.0, 0.05);
}

}  // namespace
}  // namespace firth
