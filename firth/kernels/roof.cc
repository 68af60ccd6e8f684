// Twelve independent chains: more than the 4 cycles x 2 units that hide the latency, few enough for
// 16 registers.
#include "firth/kernels/roof.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "firth/kernels/roof.cc"
#include "firth/kernels/simd.h"
// simd.h chooses the targets, foreach_target.h compiles for each of them
#include "hwy/foreach_target.h"
// the rest is seen once for each target
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();

namespace firth::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

double multiply_add_chains(std::size_t steps, float* sink) {
  constexpr std::size_t kChains = 12;
  const hn::ScalableTag<float> d;
  const auto factor = hn::Set(d, 0.999f), term = hn::Set(d, 0.001f);
  hn::Vec<hn::ScalableTag<float>> chain[kChains];
#pragma GCC unroll 16
  for (std::size_t i = 0; i < kChains; ++i) chain[i] = hn::Set(d, static_cast<float>(i));
  for (std::size_t step = 0; step < steps; ++step) {
#pragma GCC unroll 16
    for (std::size_t i = 0; i < kChains; ++i) chain[i] = hn::MulAdd(chain[i], factor, term);
  }
#pragma GCC unroll 16
  for (std::size_t i = 1; i < kChains; ++i) chain[0] = hn::Add(chain[0], chain[i]);
  *sink = hn::GetLane(chain[0]);
  return 2.0 * static_cast<double>(kChains * hn::Lanes(d) * steps);
}

}  // namespace firth::HWY_NAMESPACE

HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace firth {

double run_f32_roof(std::size_t steps) {
  float sum = 0;
  const double operations = FIRTH_DISPATCH(multiply_add_chains)(steps, &sum);
  // Using the sum keeps the compiler from leaving the loop out.
  return sum == -1.0f ? 0.0 : operations;
}

}  // namespace firth
#endif
