// The true score of a pair: what the hits of a search carry. Sums are in double precision over f32
// components, in a fixed order, so a score is the same at every CPU level.
//
// The greater the nearer, as sentence-transformers' similarity functions:
//   kCosine     q·r / (|q| |r|), 0 if one of them is zero
//   kDot        q·r
//   kEuclidean  -|q - r|
//   kManhattan  -sum |q_i - r_i|
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "firth/core/embedder.h"

namespace firth {

struct Hit {
  std::size_t row = 0;
  double score = 0;

  friend bool operator==(const Hit&, const Hit&) = default;
};

double exact_norm(std::span<const float> a);
double exact_score(Similarity similarity, std::span<const float> q, std::span<const float> r);

// As above, |q| given: for many rows and one query.
double exact_score(Similarity similarity, std::span<const float> q, double query_norm,
                   std::span<const float> r);

// Sorts the best k to the front, equal scores by row, and drops the others.
void keep_best(std::vector<Hit>& hits, std::size_t k);

}  // namespace firth
