// The arithmetic of a model's products. Norms, softmax and pooling are f32 always.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace firth {

enum class Precision : std::uint8_t {
  kF32,   // f32 weights, inputs and sums
  kBF16,  // weights and inputs rounded to bf16, f32 sums
  kInt8,  // int8 weights with a scale for each output, 8-bit inputs with a range for each row
};

// What whoever opens a model asks for; the model's weights and the machine decide the rest.
enum class PrecisionChoice : std::uint8_t {
  kAsStored,  // int8 where the folder holds int8 weights, else f32
  kAuto,      // the same, but bf16 instead of f32 where the machine has AMX
  kF32,
  kBF16,
  kInt8,
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

// "" is kAsStored, "auto" and the names of precisions are what they say; else nullopt.
inline std::optional<PrecisionChoice> precision_choice(std::string_view name) {
  if (name.empty()) return PrecisionChoice::kAsStored;
  if (name == "auto") return PrecisionChoice::kAuto;
  if (name == "f32") return PrecisionChoice::kF32;
  if (name == "bf16") return PrecisionChoice::kBF16;
  if (name == "int8") return PrecisionChoice::kInt8;
  return std::nullopt;
}

}  // namespace firth
