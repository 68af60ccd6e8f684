// What `firth quantize` found out about the int8 weights that it wrote. It lies in the metadata of
// the weights' own file, so that neither is ever without the other (docs/formats.md).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "firth/io/safetensors.h"

namespace firth {

// The key of the metadata; a checkpoint that has it holds int8 weights.
inline constexpr std::string_view kInt8Certificate = "firth.int8";
// config.json's quantization_config.quant_method: no other program takes the weights for its own.
inline constexpr std::string_view kInt8Method = "firth-int8";

struct Int8Certificate {
  bool blocks = false;          // scales for blocks of 32 columns, else for rows
  std::uint64_t num_texts = 0;  // that the vectors were compared on
  double cosine_mean = 0;       // between int8 and f32 vectors
  double cosine_min = 0;
  std::string worst_layer;  // the layer whose own product is furthest from f32
  double worst_drift = 0;   // |int8 - f32| / |f32| of its outputs
  std::string made_from;    // identity of the f32 vectors
};

std::string to_json(const Int8Certificate& certificate);

bool has_int8_weights(const Checkpoint& checkpoint);

// Errors: corrupt, and unsupported for a format_version that is newer.
Int8Certificate read_int8_certificate(const Checkpoint& checkpoint);

}  // namespace firth
