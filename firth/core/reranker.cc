#include "firth/core/reranker.h"

#include <algorithm>
#include <numeric>

namespace firth {

std::vector<std::size_t> ranking(View<const float> scores, std::size_t label) {
  std::vector<std::size_t> order(scores.rows());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::ranges::greater(),
                           [&](std::size_t i) { return scores(i, label); });
  return order;
}

}  // namespace firth
