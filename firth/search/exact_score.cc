#include "firth/search/exact_score.h"

#include <algorithm>
#include <cmath>

#include "firth/kernels/wide_sum.h"

namespace firth {

double exact_norm(std::span<const float> a) {
  return std::sqrt(wide_dot_and_square(a, a).square);
}

double exact_score(Similarity similarity, std::span<const float> q, double query_norm,
                   std::span<const float> r) {
  if (similarity == Similarity::kEuclidean) return -std::sqrt(wide_squared_distance(q, r));
  if (similarity == Similarity::kManhattan) return -wide_manhattan_distance(q, r);
  const DotAndSquare sums = wide_dot_and_square(q, r);
  if (similarity == Similarity::kDot) return sums.dot;
  const double norms = query_norm * std::sqrt(sums.square);
  return norms == 0 ? 0 : std::clamp(sums.dot / norms, -1.0, 1.0);
}

double exact_score(Similarity similarity, std::span<const float> q, std::span<const float> r) {
  return exact_score(similarity, q, similarity == Similarity::kCosine ? exact_norm(q) : 0, r);
}

void keep_best(std::vector<Hit>& hits, std::size_t k) {
  const auto middle = hits.begin() + static_cast<std::ptrdiff_t>(std::min(k, hits.size()));
  std::partial_sort(hits.begin(), middle, hits.end(), [](const Hit& a, const Hit& b) {
    return a.score > b.score || (a.score == b.score && a.row < b.row);
  });
  hits.erase(middle, hits.end());
}

}  // namespace firth
