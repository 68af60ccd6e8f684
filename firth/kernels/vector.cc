#include "firth/kernels/vector.h"

#include <algorithm>
#include <cmath>

namespace firth {
namespace {

// The norm of a row whose squares leave the range of f32: over the largest component first.
float scaled_norm(std::span<const float> a) {
  float largest = 0.0F;
  for (const float x : a) largest = std::max(largest, std::abs(x));
  if (largest == 0.0F || !std::isfinite(largest)) return largest;
  double sum = 0.0;
  for (const float x : a)
    sum += (static_cast<double>(x) / largest) * (static_cast<double>(x) / largest);
  return static_cast<float>(std::sqrt(sum) * largest);
}

float norm(std::span<const float> a) {
  const float squared = squared_norm(a);
  const bool exact = squared > 1e-30F && squared < 1e38F;
  return exact || std::isnan(squared) ? std::sqrt(squared) : scaled_norm(a);
}

}  // namespace

float dot(std::span<const float> a, std::span<const float> b) {
  float sum = 0.0F;
  for (std::size_t j = 0; j < a.size(); ++j) sum += a[j] * b[j];
  return sum;
}

float squared_norm(std::span<const float> a) {
  return dot(a, a);
}

float cosine(std::span<const float> a, std::span<const float> b) {
  const float norms = norm(a) * norm(b);
  return norms == 0.0F ? 0.0F : dot(a, b) / norms;
}

void axpy(float alpha, std::span<const float> x, std::span<float> y) {
  for (std::size_t j = 0; j < x.size(); ++j) y[j] += alpha * x[j];
}

void normalize_rows(View<float> rows, float eps) {
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    const std::span<float> row = rows.row(i);
    const float by = std::max(norm(row), eps);
    for (float& x : row) x /= by;
  }
}

}  // namespace firth
