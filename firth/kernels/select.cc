#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "firth/kernels/select.cc"
#include "firth/kernels/simd.h"
// Highway's headers come after.
#include "firth/kernels/select.h"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();

namespace firth::HWY_NAMESPACE {

std::size_t run_select(const float* scores, std::size_t n, float threshold,
                       std::uint32_t* positions) {
  std::size_t found = 0;
  std::size_t j = 0;
#if !(HWY_TARGET & (HWY_SCALAR | HWY_EMU128))
  namespace hn = hwy::HWY_NAMESPACE;
  const hn::ScalableTag<float> d;
  const hn::RebindToUnsigned<decltype(d)> du;
  const std::size_t lanes = hn::Lanes(d);
  const auto least = hn::Set(d, threshold);
  for (; j + lanes <= n; j += lanes) {
    const auto passes = hn::Ge(hn::LoadU(d, scores + j), least);
    if (hn::AllFalse(d, passes)) continue;
    const auto places = hn::Iota(du, static_cast<std::uint32_t>(j));
    found += hn::CompressStore(places, hn::RebindMask(du, passes), du, positions + found);
  }
#endif
  for (; j < n; ++j) {
    if (scores[j] >= threshold) positions[found++] = static_cast<std::uint32_t>(j);
  }
  return found;
}

std::size_t run_scale_and_select(float factor, float subtrahend, float* scores,
                                 const float* thresholds, std::size_t n, std::uint32_t* positions) {
  std::size_t found = 0;
  std::size_t j = 0;
#if !(HWY_TARGET & (HWY_SCALAR | HWY_EMU128))
  namespace hn = hwy::HWY_NAMESPACE;
  const hn::ScalableTag<float> d;
  const hn::RebindToUnsigned<decltype(d)> du;
  const std::size_t lanes = hn::Lanes(d);
  const auto factors = hn::Set(d, factor), subtrahends = hn::Set(d, subtrahend);
  for (; j + lanes <= n; j += lanes) {
    const auto scaled = hn::Sub(hn::Mul(hn::LoadU(d, scores + j), factors), subtrahends);
    hn::StoreU(scaled, d, scores + j);
    const auto passes = hn::Ge(scaled, hn::LoadU(d, thresholds + j));
    if (hn::AllFalse(d, passes)) continue;
    const auto places = hn::Iota(du, static_cast<std::uint32_t>(j));
    found += hn::CompressStore(places, hn::RebindMask(du, passes), du, positions + found);
  }
#endif
  for (; j < n; ++j) {
    scores[j] = scores[j] * factor - subtrahend;
    if (scores[j] >= thresholds[j]) positions[found++] = static_cast<std::uint32_t>(j);
  }
  return found;
}

}  // namespace firth::HWY_NAMESPACE

HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace firth {

std::size_t select_at_least(std::span<const float> scores, float threshold,
                            std::uint32_t* positions) {
  return FIRTH_DISPATCH(run_select)(scores.data(), scores.size(), threshold, positions);
}

std::size_t scale_and_select(float factor, float subtrahend, std::span<float> scores,
                             std::span<const float> thresholds, std::uint32_t* positions) {
  return FIRTH_DISPATCH(run_scale_and_select)(factor, subtrahend, scores.data(), thresholds.data(),
                                              scores.size(), positions);
}

}  // namespace firth
#endif
