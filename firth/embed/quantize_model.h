// quantize_model(folder, out): a copy of a model's folder with int8 weights in place of floats,
// fitted to texts, compared with the original on other texts, and written only if its vectors stay
// near enough. The form of the folder is stated in docs/formats.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "firth/core/workspace.h"
#include "firth/models/int8_certificate.h"

namespace firth {

// What the vectors of the int8 weights must reach: mean and minimum of the cosine to f32.
struct CosineBars {
  double mean;
  double min;
};

inline constexpr CosineBars kInt8Bars = {0.997, 0.99};
inline constexpr CosineBars kCarefulInt8Bars = {0.9995, 0.998};

struct QuantizeModelOptions {
  bool careful = false;  // scales for blocks of 32 columns: slower, nearer to f32
  // Half of them fit the weights, the other half judge them; empty: texts that come with firth
  // (English, with some of other languages and some code).
  std::vector<std::string> texts = {};
  std::optional<CosineBars> bars = std::nullopt;  // nullopt: those above
};

struct LayerDrift {
  std::string name;
  double drift;  // |int8 - f32| / |f32| of its outputs
};

struct QuantizeReport {
  Int8Certificate certificate;
  std::vector<LayerDrift> layers;  // in the order in which they run
  std::uint64_t bytes_before = 0;  // of the files with weights
  std::uint64_t bytes_after = 0;
};

// `out` must not be there yet; it appears whole or not at all. Errors: invalid_argument, not_found,
// corrupt, io; unsupported for models without layers that int8 weights are for, and for weights
// whose vectors drift, naming the layer that drifts most.
QuantizeReport quantize_model(const std::filesystem::path& folder, const std::filesystem::path& out,
                              const QuantizeModelOptions& options, Workspace& workspace);

}  // namespace firth
