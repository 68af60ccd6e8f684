// Element types of tensors, and the two 16-bit floats as plain bit patterns.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace firth {

enum class DType : std::uint8_t { kF32, kF16, kBF16, kI8, kU8, kI32, kI64 };

std::string_view dtype_name(DType dtype);  // "f32", "f16", "bf16", "i8", "u8", "i32", "i64"
std::size_t dtype_size(DType dtype);       // bytes

// IEEE 754 binary16.
struct Float16 {
  std::uint16_t bits = 0;
};

// The upper half of a float.
struct BFloat16 {
  std::uint16_t bits = 0;
};

float to_float(Float16 value);
Float16 to_float16(float value);  // nearest, ties to even; overflow becomes infinity; NaN stays NaN

inline float to_float(BFloat16 value) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(value.bits) << 16);
}

BFloat16 to_bfloat16(float value);  // nearest, ties to even; NaN stays NaN

namespace internal {
template <class T>
struct DTypeOf;

template <>
struct DTypeOf<float> {
  static constexpr DType kValue = DType::kF32;
};

template <>
struct DTypeOf<Float16> {
  static constexpr DType kValue = DType::kF16;
};

template <>
struct DTypeOf<BFloat16> {
  static constexpr DType kValue = DType::kBF16;
};

template <>
struct DTypeOf<std::int8_t> {
  static constexpr DType kValue = DType::kI8;
};

template <>
struct DTypeOf<std::uint8_t> {
  static constexpr DType kValue = DType::kU8;
};

template <>
struct DTypeOf<std::int32_t> {
  static constexpr DType kValue = DType::kI32;
};

template <>
struct DTypeOf<std::int64_t> {
  static constexpr DType kValue = DType::kI64;
};
}  // namespace internal

template <class T>
inline constexpr DType kDTypeOf = internal::DTypeOf<T>::kValue;

}  // namespace firth
