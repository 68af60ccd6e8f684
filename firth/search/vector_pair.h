// How two vectors stand to each other: dot product, cosine, angle and distances, in double
// precision. This is the arithmetic for a pair that a person asks about; the scan over many rows is
// exact_index.h.
//
//   cosine = a·b / (|a| |b|)
//   angle  = 2 atan2(| a/|a| - b/|b| |, | a/|a| + b/|b| |)
//
// The angle is Kahan's form, not acos(cosine): acos loses half of the digits near 0 and 180
// degrees, where the cosine hardly moves, and is undefined where rounding carries it beyond 1.
#pragma once

#include <optional>
#include <span>

namespace firth {

struct VectorPair {
  double dot = 0;
  double norm_a = 0;
  double norm_b = 0;
  double cosine = 0;                    // in [-1, 1]; 0 if a vector is zero
  std::optional<double> angle_degrees;  // in [0, 180]; nullopt if a vector is zero: it points
                                        // nowhere
  double euclidean = 0;                 // |a - b|
  double manhattan = 0;                 // sum of |a_i - b_i|
};

// invalid_argument if the lengths differ, are 0, or a component is not finite.
VectorPair compare_vectors(std::span<const double> a, std::span<const double> b);
VectorPair compare_vectors(std::span<const float> a, std::span<const float> b);

}  // namespace firth
