#include "firth/eval/interval.h"

#include <algorithm>
#include <cmath>

namespace firth {
namespace {

constexpr double kTwoSided95 = 1.959963984540054;  // of the normal distribution
// atanh(1) is infinite: a correlation of 1 keeps an interval that ends there.
constexpr double kNearOne = 1 - 1e-15;

std::optional<Interval> fisher_interval(double r, std::size_t n, double variance) {
  if (n < 4) return std::nullopt;
  const double z = std::atanh(std::clamp(r, -kNearOne, kNearOne));
  const double half = kTwoSided95 * std::sqrt(variance / static_cast<double>(n - 3));
  return Interval{std::tanh(z - half), std::tanh(z + half)};
}

}  // namespace

std::optional<Interval> pearson_interval(double r, std::size_t n) {
  return fisher_interval(r, n, 1);
}

std::optional<Interval> spearman_interval(double rho, std::size_t n) {
  return fisher_interval(rho, n, 1 + rho * rho / 2);
}

std::optional<Interval> share_interval(std::size_t successes, std::size_t n) {
  if (n == 0) return std::nullopt;
  const auto count = static_cast<double>(n);
  const double p = static_cast<double>(successes) / count;
  const double z2 = kTwoSided95 * kTwoSided95;
  const double middle = (p + z2 / (2 * count)) / (1 + z2 / count);
  const double half =
      kTwoSided95 / (1 + z2 / count) * std::sqrt(p * (1 - p) / count + z2 / (4 * count * count));
  return Interval{std::max(0.0, middle - half), std::min(1.0, middle + half)};
}

}  // namespace firth
