// The state of a training in one safetensors file that is replaced as a whole (docs/formats.md):
// what was learned, and where in the corpus the training stood.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "firth/core/tensor.h"
#include "firth/words/word_trainer.h"

namespace firth {

struct WordCheckpoint {
  std::string signature;  // of options and corpus
  std::size_t epoch = 0;
  std::size_t next_piece = 0;
  double epoch_loss = 0;
  std::uint64_t epoch_pairs = 0;
  std::vector<EpochReport> reports;
};

// Tables without rows are left out.
void write_checkpoint(const std::string& path, const WordCheckpoint& state,
                      const std::vector<std::pair<std::string, const Tensor*>>& tables);

// Fills the tables, which have their shapes already but for "before". Errors: invalid_argument for
// another training's signature; unsupported for a newer version.
WordCheckpoint read_checkpoint(const std::string& path, const std::string& signature,
                               const std::vector<std::pair<std::string, Tensor*>>& tables);

}  // namespace firth
