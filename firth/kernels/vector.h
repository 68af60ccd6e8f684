// Arithmetic on single vectors. Sums are taken in f32 in an order that the length alone decides.
#pragma once

#include <span>

#include "firth/core/tensor.h"

namespace firth {

float dot(std::span<const float> a, std::span<const float> b);  // of one length
float squared_norm(std::span<const float> a);
float norm(std::span<const float> a);  // right also where the squares leave the range of f32

// dot / (norms), 0 where a vector is zero. In [-1, 1] up to rounding.
float cosine(std::span<const float> a, std::span<const float> b);

void axpy(float alpha, std::span<const float> x, std::span<float> y);  // y += alpha * x
void maximum(std::span<const float> x, std::span<float> y);            // y = max(x, y), NaN wins
void multiply(std::span<const float> x, std::span<float> y);           // y *= x
void subtract(std::span<const float> x, std::span<float> y);           // y -= x
void divide(float divisor, std::span<float> y);                        // y /= divisor

// Makes rows unit length, dividing by max(norm, eps), torch.nn.functional.normalize's way: a zero
// row stays zero.
inline constexpr float kNormalizeEps = 1e-12F;
void normalize_rows(View<float> rows, float eps = kNormalizeEps);

}  // namespace firth
