#include "firth/kernels/rotary.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "firth/kernels/rotary.cc"
#include "firth/kernels/simd.h"
// keep the order: simd.h chooses the targets
#include "hwy/foreach_target.h"
// and foreach_target.h the one to compile
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();

namespace firth::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// The pairs of one head.
void rotate_head(float* x, const float* cosines, const float* sines, std::size_t n) {
  const hn::ScalableTag<float> d;
  float* y = x + n;
  std::size_t i = 0;
  for (const std::size_t lanes = hn::Lanes(d); i + lanes <= n; i += lanes) {
    const auto a = hn::LoadU(d, x + i), b = hn::LoadU(d, y + i);
    const auto c = hn::LoadU(d, cosines + i), s = hn::LoadU(d, sines + i);
    hn::StoreU(hn::Sub(hn::Mul(a, c), hn::Mul(b, s)), d, x + i);
    hn::StoreU(hn::Add(hn::Mul(b, c), hn::Mul(a, s)), d, y + i);
  }
  for (; i < n; ++i) {
    const float a = x[i], b = y[i];
    x[i] = a * cosines[i] - b * sines[i];
    y[i] = b * cosines[i] + a * sines[i];
  }
}

void rotate_all(const RotaryHeads& heads, View<const float> cosines, View<const float> sines) {
  for (std::size_t t = 0; t < cosines.rows(); ++t) {
    float* row = heads.data + t * heads.stride;
    for (std::size_t h = 0; h < heads.num_heads; ++h) {
      rotate_head(row + h * heads.head_dim, cosines.row(t).data(), sines.row(t).data(),
                  cosines.cols());
    }
  }
}

}  // namespace firth::HWY_NAMESPACE

HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace firth {

void rotate(const RotaryHeads& heads, View<const float> cosines, View<const float> sines) {
  FIRTH_DISPATCH(rotate_all)(heads, cosines, sines);
}

}  // namespace firth
#endif
