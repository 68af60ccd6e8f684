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

}  // namespace firth::HWY_NAMESPACE

HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace firth {

std::size_t select_at_least(std::span<const float> scores, float threshold,
                            std::uint32_t* positions) {
  return FIRTH_DISPATCH(run_select)(scores.data(), scores.size(), threshold, positions);
}

}  // namespace firth
#endif
