#include "firth/kernels/rotary.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "firth/core/random.h"
#include "firth/kernels/cpu_levels_for_test.h"

namespace firth {
namespace {

class RotaryTest : public CpuLevelTest {};

TEST_P(RotaryTest, TurnsEachPairByItsAngle) {
  constexpr std::size_t kTokens = 3, kHeads = 2, kGap = 5;
  Random random(3);
  for (std::size_t n = 1; n <= 40; ++n) {
    const std::size_t head_dim = 2 * n + n % 3, stride = kHeads * head_dim + kGap;
    std::vector<float> x(kTokens * stride);
    for (float& value : x) value = random.normal();
    Tensor angles = Tensor::zeros<float>(Shape{kTokens, n});
    Tensor cosines = angles.clone(), sines = angles.clone();
    for (std::size_t i = 0; i < angles.size(); ++i) {
      const float angle = angles.view<float>().span()[i] = random.normal() * 3;
      cosines.view<float>().span()[i] = std::cos(angle);
      sines.view<float>().span()[i] = std::sin(angle);
    }
    std::vector<float> want = x;
    for (std::size_t t = 0; t < kTokens; ++t) {
      for (std::size_t h = 0; h < kHeads; ++h) {
        for (std::size_t i = 0; i < n; ++i) {
          const std::size_t at = t * stride + h * head_dim + i;
          const double a = double{angles.view<float>()(t, i)};
          want[at] =
              static_cast<float>(double{x[at]} * std::cos(a) - double{x[at + n]} * std::sin(a));
          want[at + n] =
              static_cast<float>(double{x[at + n]} * std::cos(a) + double{x[at]} * std::sin(a));
        }
      }
    }
    rotate({.data = x.data(), .stride = stride, .num_heads = kHeads, .head_dim = head_dim},
           cosines.view<float>(), sines.view<float>());
    for (std::size_t i = 0; i < x.size(); ++i) ASSERT_NEAR(x[i], want[i], 2e-6) << n << ", " << i;
  }
}

FIRTH_INSTANTIATE_CPU_LEVELS(RotaryTest);

}  // namespace
}  // namespace firth
