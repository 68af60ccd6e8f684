#include "firth/kernels/wide_sum.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "firth/core/random.h"
#include "firth/kernels/cpu_levels_for_test.h"

namespace firth {
namespace {

struct Sums {
  double dot = 0;
  double square = 0;
  double squared_distance = 0;
  double manhattan_distance = 0;

  friend bool operator==(const Sums&, const Sums&) = default;
};

// What wide_sum.h promises, written down once more: element i goes to sum i mod 16, then halves are
// added to halves.
Sums sums_as_stated(std::span<const float> a, std::span<const float> b) {
  Sums lanes[16];
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double x = a[i], y = b[i];
    Sums& lane = lanes[i % 16];
    lane.dot += x * y;
    lane.square += y * y;
    lane.squared_distance += (x - y) * (x - y);
    lane.manhattan_distance += std::abs(x - y);
  }
  for (std::size_t half = 8; half > 0; half /= 2) {
    for (std::size_t i = 0; i < half; ++i) {
      lanes[i].dot += lanes[i + half].dot;
      lanes[i].square += lanes[i + half].square;
      lanes[i].squared_distance += lanes[i + half].squared_distance;
      lanes[i].manhattan_distance += lanes[i + half].manhattan_distance;
    }
  }
  return lanes[0];
}

Sums sums_of(std::span<const float> a, std::span<const float> b) {
  const DotAndSquare both = wide_dot_and_square(a, b);
  return {both.dot, both.square, wide_squared_distance(a, b), wide_manhattan_distance(a, b)};
}

class WideSumTest : public CpuLevelTest {};

TEST_P(WideSumTest, HasTheSameBitsAtEveryLevelAndLength) {
  Random random(3);
  for (std::size_t n = 0; n <= 100; ++n) {
    for (const std::size_t shift : {0, 1, 3}) {
      std::vector<float> a(n + shift), b(n + shift);
      for (float& x : a) x = random.normal() * std::exp(10 * random.normal());
      for (float& x : b) x = random.normal();
      const auto x = std::span(a).subspan(shift), y = std::span(b).subspan(shift);
      ASSERT_EQ(sums_of(x, y), sums_as_stated(x, y)) << n;
    }
  }
}

TEST_P(WideSumTest, HoldsWhatLeavesTheRangeOfF32) {
  const std::vector<float> huge(20, 3e38F), tiny(20, 1e-42F);
  EXPECT_EQ(wide_dot_and_square(huge, huge).square, 20 * double{3e38F} * double{3e38F});
  EXPECT_GT(wide_dot_and_square(tiny, tiny).dot, 0);
  EXPECT_TRUE(std::isnan(wide_squared_distance(huge, std::vector<float>(20, std::nanf("")))));
}

FIRTH_INSTANTIATE_CPU_LEVELS(WideSumTest);

}  // namespace
}  // namespace firth
