// What the opener of a model may choose over the head of the model's own files.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "firth/core/precision.h"

namespace firth {

struct OpenOptions {
  // "mean", "cls+max", …; nullopt: what the files say, else mean.
  std::optional<std::string> pooling = std::nullopt;
  std::size_t max_length = 0;  // tokens of a text, special tokens included; 0: what the files say
  PrecisionChoice precision = PrecisionChoice::kAsStored;
  std::size_t token_budget = 0;  // tokens of a batch; 0: SentenceTransformer::kTokenBudget. Moves
                                 // speed and memory only
};

}  // namespace firth
