// Sums over two f32 vectors in double precision, the same bits at every CPU level: element i goes
// to partial sum i mod 16, and the partial sums are folded in one order. Products of two f32 are
// exact in double.
#pragma once

#include <span>

namespace firth {

struct DotAndSquare {
  double dot = 0;     // sum a_i b_i
  double square = 0;  // sum b_i^2
};

// a and b are of one length.
DotAndSquare wide_dot_and_square(std::span<const float> a, std::span<const float> b);
double wide_squared_distance(std::span<const float> a, std::span<const float> b);
double wide_manhattan_distance(std::span<const float> a, std::span<const float> b);

}  // namespace firth
