#include "firth/search/vector_pair.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <string_view>
#include <vector>

#include "firth/core/error.h"

namespace firth {
namespace {

// The largest magnitude; invalid_argument for NaN and infinity.
double largest(std::span<const double> v, std::string_view which) {
  double result = 0;
  for (std::size_t i = 0; i < v.size(); ++i) {
    if (!std::isfinite(v[i])) {
      fail(ErrorKind::kInvalidArgument, which, " vector: expected finite numbers, found ", v[i],
           " at component ", i);
    }
    result = std::max(result, std::abs(v[i]));
  }
  return result;
}

double norm(std::span<const double> v) {
  double sum = 0;
  for (const double x : v) sum += x * x;
  return std::sqrt(sum);
}

// v / |v| for a vector that is not zero. Dividing by a power of two first keeps the squares of very
// large and very small components within range and changes no digit.
std::vector<double> unit(std::span<const double> v, double max_abs) {
  const int exponent = std::ilogb(max_abs);
  std::vector<double> result(v.size());
  std::transform(v.begin(), v.end(), result.begin(),
                 [&](double x) { return std::scalbn(x, -exponent); });
  const double length = norm(result);
  for (double& x : result) x /= length;
  return result;
}

double angle_between_units(std::span<const double> a, std::span<const double> b) {
  double difference = 0;
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference += (a[i] - b[i]) * (a[i] - b[i]);
    sum += (a[i] + b[i]) * (a[i] + b[i]);
  }
  return 2 * std::atan2(std::sqrt(difference), std::sqrt(sum)) * 180 / std::numbers::pi;
}

double dot(std::span<const double> a, std::span<const double> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

}  // namespace

VectorPair compare_vectors(std::span<const double> a, std::span<const double> b) {
  if (a.size() != b.size()) {
    fail(ErrorKind::kInvalidArgument, "expected two vectors of the same length, found ", a.size(),
         " and ", b.size(), " components");
  }
  if (a.empty()) fail(ErrorKind::kInvalidArgument, "expected vectors, found none with a component");
  const double max_a = largest(a, "first");
  const double max_b = largest(b, "second");

  VectorPair pair{.dot = dot(a, b), .norm_a = norm(a), .norm_b = norm(b), .angle_degrees = {}};
  for (std::size_t i = 0; i < a.size(); ++i) {
    pair.euclidean += (a[i] - b[i]) * (a[i] - b[i]);
    pair.manhattan += std::abs(a[i] - b[i]);
  }
  pair.euclidean = std::sqrt(pair.euclidean);
  if (max_a == 0 || max_b == 0) return pair;

  const std::vector<double> unit_a = unit(a, max_a);
  const std::vector<double> unit_b = unit(b, max_b);
  pair.cosine = std::clamp(dot(unit_a, unit_b), -1.0, 1.0);
  pair.angle_degrees = angle_between_units(unit_a, unit_b);
  return pair;
}

VectorPair compare_vectors(std::span<const float> a, std::span<const float> b) {
  return compare_vectors(std::vector<double>(a.begin(), a.end()),
                         std::vector<double>(b.begin(), b.end()));
}

}  // namespace firth
