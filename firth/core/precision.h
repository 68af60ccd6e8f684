// The arithmetic of a model's products. Norms, softmax and pooling are f32 always.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace firth {

enum class Precision : std::uint8_t {
  kF32,   // f32 weights, inputs and sums
  kBF16,  // weights and inputs rounded to bf16, f32 sums
  kInt8,  // int8 weights with a scale for each output, int8 inputs with a scale for each row
};

inline std::string_view precision_name(Precision precision) {
  switch (precision) {
    case Precision::kF32:
      return "f32";
    case Precision::kBF16:
      return "bf16";
    case Precision::kInt8:
      return "int8";
  }
  return "?";
}

// nullopt for a name that is none of them.
inline std::optional<Precision> precision_by_name(std::string_view name) {
  for (const Precision precision : {Precision::kF32, Precision::kBF16, Precision::kInt8}) {
    if (precision_name(precision) == name) return precision;
  }
  return std::nullopt;
}

}  // namespace firth
