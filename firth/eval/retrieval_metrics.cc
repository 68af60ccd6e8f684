#include "firth/eval/retrieval_metrics.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

namespace firth {
namespace {

double dcg(std::span<const int> grades, std::size_t k) {
  double sum = 0;
  for (std::size_t i = 0; i < std::min(k, grades.size()); ++i) {
    sum += std::max(grades[i], 0) / std::log2(static_cast<double>(i) + 2);
  }
  return sum;
}

double count_relevant(std::span<const int> grades) {
  return static_cast<double>(
      std::count_if(grades.begin(), grades.end(), [](int g) { return g > 0; }));
}

std::span<const int> first(std::span<const int> grades, std::size_t k) {
  return grades.first(std::min(k, grades.size()));
}

}  // namespace

double ndcg_at(const RankedGrades& grades, std::size_t k) {
  std::vector<int> ideal(grades.judged.begin(), grades.judged.end());
  std::sort(ideal.begin(), ideal.end(), std::greater<>());
  const double best = dcg(ideal, k);
  return best == 0 ? 0 : dcg(grades.ranking, k) / best;
}

double recall_at(const RankedGrades& grades, std::size_t k) {
  const double relevant = count_relevant(grades.judged);
  return relevant == 0 ? 0 : count_relevant(first(grades.ranking, k)) / relevant;
}

double reciprocal_rank_at(const RankedGrades& grades, std::size_t k) {
  const auto top = first(grades.ranking, k);
  const auto hit = std::find_if(top.begin(), top.end(), [](int g) { return g > 0; });
  return hit == top.end() ? 0 : 1 / static_cast<double>(hit - top.begin() + 1);
}

double average_precision_at(const RankedGrades& grades, std::size_t k) {
  const double relevant = count_relevant(grades.judged);
  if (relevant == 0) return 0;
  const auto top = first(grades.ranking, k);
  double found = 0;
  double sum = 0;
  for (std::size_t i = 0; i < top.size(); ++i) {
    if (top[i] > 0) sum += ++found / static_cast<double>(i + 1);
  }
  return sum / relevant;
}

}  // namespace firth
