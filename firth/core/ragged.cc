#include "firth/core/ragged.h"

#include <algorithm>
#include <numeric>

namespace firth {

std::vector<std::vector<std::size_t>> cut_batches(std::span<const std::size_t> lengths,
                                                  std::size_t token_budget) {
  std::vector<std::size_t> order(lengths.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return lengths[a] > lengths[b]; });
  std::vector<std::vector<std::size_t>> batches;
  std::size_t tokens = 0;
  for (const std::size_t i : order) {
    if (batches.empty() || tokens + lengths[i] > token_budget) {
      batches.emplace_back();
      tokens = 0;
    }
    batches.back().push_back(i);
    tokens += lengths[i];
  }
  return batches;
}

}  // namespace firth
