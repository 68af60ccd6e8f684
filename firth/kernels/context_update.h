// The inner loop of learning word vectors (word2vec, fastText, doc2vec): logistic regression of a
// few output rows on a few input rows, all pairs at once, so that the vector products of skip-gram
// become two small matrix products (Ji et al. 2016, arXiv:1604.04661):
//
//   p_rj = 1 / (1 + exp(-x_r . w_j))      x: inputs (R rows), w: outputs (J rows)
//   g_rj = rate (label_rj - p_rj)
//   x_r += sum_j g_rj w_j,   w_j += sum_r g_rj x_r        from the rows as they were
//
// Rows are read and written where they lie; other threads may do so at the same time (Hogwild: an
// update may be lost). A row that stands twice among inputs or outputs gets both updates.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace firth {

// Rows are padded with zeros to a multiple of this many floats, and so aligned.
inline constexpr std::size_t kRowFloats = 16;

constexpr std::size_t padded_row(std::size_t dim) {
  return (dim + kRowFloats - 1) / kRowFloats * kRowFloats;
}

inline constexpr std::size_t kMaxOutputs = 6;  // rows of w: what 16 registers hold

// The product of the probabilities given to the right answers, kept as mantissas and exponents so
// that no logarithm stands in the loop.
class LossSum {
 public:
  LossSum() { mantissas.fill(1.0F); }

  double loss() const;  // -sum of logarithms

  std::array<float, kRowFloats> mantissas;
  std::array<std::int32_t, kRowFloats> exponents{};
  std::uint64_t count = 0;  // of pairs
};

struct ContextUpdate {
  std::span<float* const> inputs;   // R rows
  std::span<float* const> outputs;  // J rows, at most kMaxOutputs
  const float* labels = nullptr;    // (R, J): 1 or 0, and zeros for kRowFloats more
  std::size_t row_size = 0;         // floats of a row, a multiple of kRowFloats
  float rate = 0;
};

// scratch: at least R J + 2 kRowFloats floats.
void context_update(const ContextUpdate& update, std::span<float> scratch, LossSum& loss);

// out = scale * the sum of rows `ids` of a table; out: (row_size).
void sum_rows(const float* table, std::span<const std::uint32_t> ids, std::size_t row_size,
              float scale, float* out);

// Rows `ids` of the table += scale * (to - from).
void add_change(const float* from, const float* to, float scale, std::size_t row_size,
                std::span<const std::uint32_t> ids, float* table);

// Asks for a row before it is needed.
inline void prefetch_row(const float* row, std::size_t row_size) {
  for (std::size_t i = 0; i < row_size; i += kRowFloats) __builtin_prefetch(row + i, 1);
}

}  // namespace firth
