#include "firth/search/exact_score.h"

#include <algorithm>
#include <cmath>

namespace firth {
namespace {

// f(a_i, b_i) summed in double, in eight lanes so that the compiler can use vectors.
template <class F>
double sum_over(std::span<const float> a, std::span<const float> b, F&& f) {
  constexpr std::size_t kLanes = 8;
  double lanes[kLanes] = {};
  std::size_t i = 0;
  for (; i + kLanes <= a.size(); i += kLanes) {
    for (std::size_t j = 0; j < kLanes; ++j) {
      lanes[j] += f(static_cast<double>(a[i + j]), static_cast<double>(b[i + j]));
    }
  }
  double sum = 0;
  for (const double lane : lanes) sum += lane;
  for (; i < a.size(); ++i) sum += f(static_cast<double>(a[i]), static_cast<double>(b[i]));
  return sum;
}

double exact_dot(std::span<const float> a, std::span<const float> b) {
  return sum_over(a, b, [](double x, double y) { return x * y; });
}

}  // namespace

double exact_norm(std::span<const float> a) {
  return std::sqrt(exact_dot(a, a));
}

double exact_score(Similarity similarity, std::span<const float> q, double query_norm,
                   std::span<const float> r) {
  if (similarity == Similarity::kEuclidean) {
    return -std::sqrt(sum_over(q, r, [](double x, double y) { return (x - y) * (x - y); }));
  }
  if (similarity == Similarity::kManhattan) {
    return -sum_over(q, r, [](double x, double y) { return std::abs(x - y); });
  }
  const double dot = exact_dot(q, r);
  if (similarity == Similarity::kDot) return dot;
  const double norms = query_norm * exact_norm(r);
  return norms == 0 ? 0 : std::clamp(dot / norms, -1.0, 1.0);
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
