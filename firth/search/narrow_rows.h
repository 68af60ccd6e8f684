// Rows of a table in fewer bits: the form that the first pass of a search reads, four (int8) or
// thirty-two (binary) times smaller than f32. Beside the integers lie what the metrics need: a
// scale a row (int8) and the length of each row before it was narrowed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "firth/core/tensor.h"
#include "firth/core/thread_pool.h"

namespace firth {

enum class RowForm : std::uint8_t {
  kF32,
  kInt8,    // kernels/quantize.h: x ~ scale * integer
  kBinary,  // a bit a component, 1 where x > 0
};

struct NarrowRows {
  RowForm form = RowForm::kInt8;
  std::size_t dimension = 0;
  View<const std::int8_t> int8;       // (n, dimension), kInt8
  View<const std::uint8_t> bits;      // (n, binary_bytes(dimension)), kBinary
  std::span<const float> scales;      // (n), kInt8
  std::span<const float> norms;       // (n)
  std::shared_ptr<const void> owner;  // keeps what is viewed; null if somebody else does

  std::size_t num_rows() const { return norms.size(); }
};

// Owns what it views. `form` is not kF32. Errors: invalid_argument for a row that is not finite.
NarrowRows narrow_rows(View<const float> rows, RowForm form, ThreadPool& pool);

// For integers and scales made elsewhere, which stay the caller's: finds the norms. Errors:
// invalid_argument if the numbers of rows and scales differ or a scale is not finite.
NarrowRows int8_rows(View<const std::int8_t> values, std::span<const float> scales,
                     ThreadPool& pool);

// Euclidean lengths. Errors: invalid_argument, naming the row and component, for NaN and infinity,
// and for rows too long for the square of their length to be an f32.
void find_norms(View<const float> rows, std::span<float> norms, ThreadPool& pool);

}  // namespace firth
