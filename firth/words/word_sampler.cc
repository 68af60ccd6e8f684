#include "firth/words/word_sampler.h"

#include <algorithm>
#include <cmath>

namespace firth {

WordSampler::WordSampler(std::span<const std::uint64_t> counts, double exponent) {
  const std::size_t n = counts.size();
  std::vector<double> share(n);
  double total = 0;
  for (std::size_t i = 0; i < n; ++i)
    total += share[i] =
        std::pow(static_cast<double>(std::max<std::uint64_t>(counts[i], 1)), exponent);
  std::vector<std::uint32_t> small, large;
  for (std::size_t i = 0; i < n; ++i) {
    share[i] *= static_cast<double>(n) / total;
    (share[i] < 1 ? small : large).push_back(static_cast<std::uint32_t>(i));
  }
  slots_.resize(n);
  for (std::size_t i = 0; i < n; ++i) slots_[i] = {UINT32_MAX, static_cast<std::uint32_t>(i)};
  while (!small.empty() && !large.empty()) {
    const std::uint32_t little = small.back(), much = large.back();
    small.pop_back();
    slots_[little] = {static_cast<std::uint32_t>(share[little] * 4294967295.0), much};
    share[much] -= 1 - share[little];
    if (share[much] >= 1) continue;
    large.pop_back();
    small.push_back(much);
  }
}

}  // namespace firth
