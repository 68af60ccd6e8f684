#include "firth/nn/rotary.h"

#include <algorithm>
#include <cmath>

#include "firth/kernels/rotary.h"

namespace firth {

Tensor rotary_frequencies(double base, std::size_t n) {
  Tensor out = Tensor::zeros<float>({n});
  const auto width = static_cast<float>(2 * n);
  for (std::size_t i = 0; i < n; ++i) {
    const float exponent = static_cast<float>(2 * i) / width;
    const auto power = static_cast<float>(std::pow(base, static_cast<double>(exponent)));
    out.view<float>().span()[i] = 1.0F / power;
  }
  return out;
}

RotaryTable rotary_table(Pass& pass, const Tensor& frequencies,
                         std::span<const std::int64_t> offsets) {
  std::size_t positions = 0;
  for (std::size_t s = 0; s + 1 < offsets.size(); ++s)
    positions = std::max(positions, static_cast<std::size_t>(offsets[s + 1] - offsets[s]));
  const std::size_t n = frequencies.size();
  const View<float> cosines = pass.arena().allocate<float>({positions, n});
  const View<float> sines = pass.arena().allocate<float>({positions, n});
  for (std::size_t t = 0; t < positions; ++t) {
    for (std::size_t i = 0; i < n; ++i) {
      const float angle = static_cast<float>(t) * frequencies.view<float>().span()[i];
      cosines(t, i) = std::cos(angle);
      sines(t, i) = std::sin(angle);
    }
  }
  return {cosines, sines};
}

void rotary(const RotaryTable& table, Var x, std::span<const std::int64_t> offsets,
            std::size_t num_heads, std::size_t head_dim) {
  for (std::size_t s = 0; s + 1 < offsets.size(); ++s) {
    const auto length = static_cast<std::size_t>(offsets[s + 1] - offsets[s]);
    rotate({.data = x.value.data() + static_cast<std::size_t>(offsets[s]) * x.cols(),
            .stride = x.cols(),
            .num_heads = num_heads,
            .head_dim = head_dim},
           table.cosines.slice_rows(0, length), table.sines.slice_rows(0, length));
  }
}

}  // namespace firth
