// The arithmetic of a model's products. Norms, softmax and pooling are f32 always.
#pragma once

#include <cstdint>
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

}  // namespace firth
