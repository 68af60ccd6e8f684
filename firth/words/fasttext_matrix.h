// A table of a fastText model: floats as they lie in the file (mapped, where they may be
// unaligned) or in memory, or codes of a product quantizer. With `qnorm` the length of a row is
// quantised apart from its direction.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "firth/core/tensor.h"
#include "firth/words/product_quantizer.h"

namespace firth {

class FastTextMatrix {
 public:
  struct Quantized {
    ProductQuantizer quantizer;
    std::vector<std::uint8_t> codes;  // (rows, num_parts)
    std::optional<ProductQuantizer> norm_quantizer;
    std::vector<std::uint8_t> norm_codes;  // (rows), with norm_quantizer
  };

  FastTextMatrix() = default;
  // bytes: rows * cols floats, which `owner` keeps alive.
  FastTextMatrix(const std::byte* bytes, std::size_t rows, std::size_t cols,
                 std::shared_ptr<const void> owner);
  explicit FastTextMatrix(const std::shared_ptr<const Tensor>& rows);
  FastTextMatrix(std::size_t rows, std::size_t cols, Quantized quantized);

  std::size_t rows() const { return rows_; }

  std::size_t cols() const { return cols_; }

  const Quantized* quantized() const { return quantized_.get(); }

  std::span<const std::byte> bytes() const { return {bytes_, rows_ * cols_ * sizeof(float)}; }

  // out += scale * row; scratch: (cols).
  void add_row(std::size_t row, float scale, std::span<float> out, std::span<float> scratch) const;
  void copy_row(std::size_t row, std::span<float> out) const;

 private:
  std::size_t rows_ = 0;
  std::size_t cols_ = 0;
  const std::byte* bytes_ = nullptr;
  std::shared_ptr<const void> owner_;
  std::shared_ptr<const Quantized> quantized_;
};

// dsub components a code; with qnorm the norm apart. Errors: invalid_argument for an empty table.
FastTextMatrix quantize(const FastTextMatrix& matrix, std::size_t dsub, bool qnorm,
                        std::uint64_t seed);

}  // namespace firth
