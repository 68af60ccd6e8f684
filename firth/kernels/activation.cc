// activate(): whole vectors, then the rest through a padded one, so that a number's result is the
// same wherever it stands.
#include "firth/kernels/activation.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "firth/kernels/activation.cc"
#include "firth/kernels/simd.h"
// keep the order: simd.h chooses the targets
#include "hwy/foreach_target.h"
// and foreach_target.h the one to compile
#include "firth/kernels/activation-inl.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();

namespace firth::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// y[i] = activation(x[i]), times by[i] if there is one.
template <Activation kActivation>
void activate_run(const float* x, const float* by, float* y, std::size_t size) {
  const hn::ScalableTag<float> d;
  const std::size_t lanes = hn::Lanes(d);
  std::size_t i = 0;
  for (; i + lanes <= size; i += lanes) {
    auto value = activated<kActivation>(d, hn::LoadU(d, x + i));
    if (by != nullptr) value = hn::Mul(value, hn::LoadU(d, by + i));
    hn::StoreU(value, d, y + i);
  }
  if (i == size) return;
  HWY_ALIGN float rest[HWY_MAX_BYTES / sizeof(float)] = {};
  for (std::size_t j = i; j < size; ++j) rest[j - i] = x[j];
  hn::Store(activated<kActivation>(d, hn::Load(d, rest)), d, rest);
  for (std::size_t j = i; j < size; ++j) y[j] = by == nullptr ? rest[j - i] : rest[j - i] * by[j];
}

void activate_all(Activation activation, const float* x, const float* by, float* y,
                  std::size_t size) {
  switch (activation) {
    case Activation::kNone:
      return activate_run<Activation::kNone>(x, by, y, size);
    case Activation::kGelu:
      return activate_run<Activation::kGelu>(x, by, y, size);
    case Activation::kGeluTanh:
      return activate_run<Activation::kGeluTanh>(x, by, y, size);
    case Activation::kRelu:
      return activate_run<Activation::kRelu>(x, by, y, size);
    case Activation::kTanh:
      return activate_run<Activation::kTanh>(x, by, y, size);
    case Activation::kSigmoid:
      return activate_run<Activation::kSigmoid>(x, by, y, size);
    case Activation::kSilu:
      return activate_run<Activation::kSilu>(x, by, y, size);
  }
}

}  // namespace firth::HWY_NAMESPACE

HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace firth {

void activate(Activation activation, std::span<const float> x, std::span<float> y) {
  FIRTH_DISPATCH(activate_all)(activation, x.data(), nullptr, y.data(), x.size());
}

void activate_gated(Activation activation, View<const float> x, GateHalf gate, View<float> y) {
  const auto run = FIRTH_DISPATCH(activate_all);
  const std::size_t begin = gate == GateHalf::kFirst ? 0 : y.cols();
  for (std::size_t i = 0; i < y.rows(); ++i) {
    const float* row = x.row(i).data();
    run(activation, row + begin, row + (y.cols() - begin), y.row(i).data(), y.cols());
  }
}

}  // namespace firth
#endif
