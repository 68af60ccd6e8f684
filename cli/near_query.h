// What a person asks of a file of vectors: a word ("orange"), a sum of words ("king - man +
// woman"), or a plain vector ("0.1,0.7,-2").
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "cli/collection.h"
#include "firth/core/tensor.h"

namespace firth::cli {

struct NearTerm {
  double weight = 1;
  std::size_t row = 0;
};

struct NearQuery {
  std::string text;             // as it was asked
  std::vector<NearTerm> terms;  // empty for a plain vector
  Tensor vector;                // (1, dimension)
};

// The words of an expression with their signs; a word that is an item as a whole ("a - b") is one.
// Errors: not_found for a word that is no item; usage for a sign without a word, and for a vector
// of another dimension.
NearQuery parse_near_query(const CollectionArgs& args, const Collection& collection,
                           std::string_view text, bool unit_length);

// Arguments as questions: "king" "-" "man" is one, "orange" "lemon" are two.
std::vector<std::string> near_questions(const std::vector<std::string>& words);

}  // namespace firth::cli
