// The inner loop of exact search: scores of a batch of queries against a block of rows.
//
//   scores[i * stride + j] = score(query i, row j)       i < num_queries, j < num_rows
//
// Callers walk a table in blocks of kScanBlockRows, so that scores are still in cache when the best
// are picked from them. A score is summed in one fixed order: it does not depend on the number of
// queries or rows in the call, nor on their places (at one CPU level). One thread a call.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "firth/core/tensor.h"

namespace firth {

inline constexpr std::size_t kScanBlockRows = 1024;

// f32 dot products. queries: (num_queries, d), rows: (num_rows, d).
void scan_f32(View<const float> queries, View<const float> rows, float* scores, std::size_t stride);

// Queries narrowed to integers and laid out for scan_int8, once for all blocks of a table and for
// the CPU level in use. A query is scaled by its own largest component, query ~ scale * integers: 8
// bits, or 7 where the CPU's 8-bit products saturate (below VNNI). A query with NaN or an infinity
// has the score NaN everywhere.
class Int8Queries {
 public:
  explicit Int8Queries(View<const float> queries);  // (num_queries, d)

  std::size_t num_queries() const { return num_queries_; }

  std::size_t dimension() const { return dimension_; }

  std::span<const float> scales() const { return std::span(scales_).first(num_queries_); }

  // For the kernel alone.
  // (num_queries, d): integer + offset.
  std::span<const std::uint8_t> bytes() const { return bytes_; }

  // The same in panels of as many queries as a vector has lanes: four bytes of the first query,
  // four of the second …, then the next four of the first.
  std::span<const std::uint8_t> panels() const { return panels_; }

  std::size_t padded_dimension() const { return padded_dimension_; }

  std::span<const float> padded_scales() const { return scales_; }

  int offset() const { return offset_; }

 private:
  void fill_panels();

  std::size_t num_queries_ = 0;
  std::size_t dimension_ = 0;
  std::size_t padded_dimension_ = 0;  // a multiple of 4
  std::size_t lanes_ = 0;             // of a panel; 0 = no panels
  int offset_ = 0;                    // 128 or 64
  std::vector<float> scales_;         // zeros after the last query, to a multiple of 16
  std::vector<std::uint8_t> bytes_;
  std::vector<std::uint8_t> panels_;
};

// Rows quantized by quantize_int8_rows: (num_rows, d) int8 and a scale a row; the sum of products
// is exact, then rounded once and scaled twice: scores ~ dot(query, row).
struct Int8Rows {
  const std::int8_t* values = nullptr;
  const float* scales = nullptr;
  std::size_t num_rows = 0;
};

void scan_int8(const Int8Queries& queries, const Int8Rows& rows, float* scores, std::size_t stride);

// Minus the number of different bits. queries: (num_queries, num_bytes), rows: (num_rows,
// num_bytes).
void scan_hamming(View<const std::uint8_t> queries, View<const std::uint8_t> rows, float* scores,
                  std::size_t stride);

}  // namespace firth
