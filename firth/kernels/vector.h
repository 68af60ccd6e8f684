// Arithmetic on single vectors. Sums are taken in f32 in an order that the length alone decides.
#pragma once

#include <span>

#include "firth/core/tensor.h"

namespace firth {

float dot(std::span<const float> a, std::span<const float> b);  // of one length
float squared_norm(std::span<const float> a);

// dot / (norms), 0 where a vector is zero. In [-1, 1] up to rounding.
float cosine(std::span<const float> a, std::span<const float> b);

void axpy(float alpha, std::span<const float> x, std::span<float> y);  // y += alpha * x

// Makes rows unit length, dividing by max(norm, eps), torch.nn.functional.normalize's way: a zero
// row stays zero. Rows whose squared norm would overflow or vanish in f32 are scaled first.
inline constexpr float kNormalizeEps = 1e-12F;
void normalize_rows(View<float> rows, float eps = kNormalizeEps);

}  // namespace firth
