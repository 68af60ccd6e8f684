// Pooling: from the vectors of a sequence's tokens to the sequence's vector, as
// sentence-transformers' Pooling module does it. Several ways stand side by side: "cls+max" is
// twice as wide as the hidden state.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "firth/kernels/pool.h"
#include "firth/nn/var.h"

namespace firth {

struct PoolingConfig {
  std::vector<Pooling> modes = {Pooling::kMean};  // concatenated in this order
  bool include_prompt = true;  // false: the tokens of the prompt are left out of the pooling
};

// "mean", "max", "cls", "last" (or "lasttoken"), "mean_sqrt_len" (or "mean_sqrt_len_tokens"),
// "weightedmean", joined by '+'. invalid_argument lists them.
PoolingConfig parse_pooling(std::string_view spec);

std::string pooling_name(const PoolingConfig& config);  // the spec of its modes

// The folder of a Pooling module: `config.json` in the spelling of any release, booleans
// pooling_mode_… or "pooling_mode". The width it states must be hidden_size.
PoolingConfig read_pooling(const std::string& folder, std::size_t hidden_size);

// tokens: (total_tokens, hidden_size) -> (num_sequences, num modes * hidden_size). `prompt_tokens`
// first tokens of each sequence are left out. A sequence of which nothing is left gives zeros for
// means and max, its first token for cls, zeros for last.
Var pool(Pass& pass, const PoolingConfig& config, View<const float> tokens,
         std::span<const std::int64_t> offsets, std::size_t prompt_tokens);

}  // namespace firth
