// What attention() works on: one head of one sequence, and a strip of its queries, transposed so
// that they lie across the lanes of vectors. Compiled for each target, as vector_math-inl.h.
#ifndef FIRTH_KERNELS_ATTENTION_STRIP_ONCE
#define FIRTH_KERNELS_ATTENTION_STRIP_ONCE

#include <algorithm>
#include <array>
#include <cstddef>

namespace firth::internal {

// Row t of one head: a matrix inside wider rows.
struct HeadRows {
  const float* data;
  std::size_t stride;

  const float* operator[](std::size_t t) const { return data + t * stride; }

  HeadRows from(std::size_t t) const { return {data + t * stride, stride}; }
};

// The keys [begin, end).
struct KeyRange {
  std::size_t begin;
  std::size_t end;
};

// From the key to the query.
inline std::ptrdiff_t distance(std::size_t query, std::size_t key) {
  return static_cast<std::ptrdiff_t>(query) - static_cast<std::ptrdiff_t>(key);
}

struct AttentionHead {
  HeadRows q, k, v;
  std::size_t num_tokens;
  std::size_t head_dim;
  float scale;
  std::size_t left;  // keys that a query sees before and after its own place
  std::size_t right;
  const float* bias;  // bias[t - u] is that of the query at t and the key at u; null = none

  // Keys that the queries [first, last] see at least one of.
  KeyRange keys_of(std::size_t first, std::size_t last) const {
    return {first - std::min(first, left), last + 1 + std::min(num_tokens - 1 - last, right)};
  }
};

}  // namespace firth::internal
#endif

#if defined(FIRTH_KERNELS_ATTENTION_STRIP_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef FIRTH_KERNELS_ATTENTION_STRIP_INL_H_
#undef FIRTH_KERNELS_ATTENTION_STRIP_INL_H_
#else
#define FIRTH_KERNELS_ATTENTION_STRIP_INL_H_
#endif

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();

namespace firth::HWY_NAMESPACE {
namespace {

using internal::AttentionHead;
using internal::HeadRows;
using internal::KeyRange;

#if !(HWY_TARGET & (HWY_SCALAR | HWY_EMU128))

namespace hn = hwy::HWY_NAMESPACE;

using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;
using D128 = hn::FixedTag<float, 4>;

constexpr D kD;
constexpr std::size_t kLanes = hn::MaxLanes(D());
constexpr std::size_t kStrip = 2 * kLanes;

struct Strip {
  float* q;           // (d, kStrip), scaled
  float* max;         // (kStrip) running maximum of the scores
  float* block_max;   // (kStrip) that of the block at hand
  float* sum;         // (kStrip) running sum of the weights
  float* correction;  // (kStrip) factor of what was summed before the block at hand
};

constexpr std::size_t strip_floats(std::size_t head_dim) {
  return (head_dim + 4) * kStrip;
}

Strip strip_at(float* memory, std::size_t head_dim) {
  float* rows = memory + head_dim * kStrip;
  return {memory, rows, rows + kStrip, rows + 2 * kStrip, rows + 3 * kStrip};
}

// ---- queries across the lanes, by 4 x 4 transposes inside each 128-bit block

// lanes [4 * b, 4 * b + 4) = the four floats at rows[4 * b]
template <class Rows>
HWY_INLINE V load_blocks(const Rows& rows, std::size_t column) {
  const D128 d128;
  const auto block = [&](std::size_t b) HWY_ATTR { return hn::LoadU(d128, rows[4 * b] + column); };
#if HWY_TARGET == HWY_AVX3
  const hn::Half<D> half;
  return hn::Combine(kD, hn::Combine(half, block(3), block(2)),
                     hn::Combine(half, block(1), block(0)));
#elif HWY_TARGET == HWY_AVX2
  return hn::Combine(kD, block(1), block(0));
#else
  return block(0);
#endif
}

HWY_INLINE void transpose_4x4(V& a, V& b, V& c, V& d) {
  const hn::Repartition<double, D> d64;
  const auto wide = [&](V v) HWY_ATTR { return hn::BitCast(d64, v); };
  const auto ab_low = wide(hn::InterleaveLower(kD, a, b));
  const auto ab_high = wide(hn::InterleaveUpper(kD, a, b));
  const auto cd_low = wide(hn::InterleaveLower(kD, c, d));
  const auto cd_high = wide(hn::InterleaveUpper(kD, c, d));
  a = hn::BitCast(kD, hn::InterleaveLower(d64, ab_low, cd_low));
  b = hn::BitCast(kD, hn::InterleaveUpper(d64, ab_low, cd_low));
  c = hn::BitCast(kD, hn::InterleaveLower(d64, ab_high, cd_high));
  d = hn::BitCast(kD, hn::InterleaveUpper(d64, ab_high, cd_high));
}

// q^T of up to kLanes queries into column `lane` of the strip; missing queries repeat the last one.
void load_queries(const HeadRows& q, std::size_t num_queries, std::size_t head_dim, float scale,
                  float* to) {
  std::array<const float*, kLanes> rows;
  for (std::size_t i = 0; i < kLanes; ++i) rows[i] = q[std::min(i, num_queries - 1)];
  const V factor = hn::Set(kD, scale);
  std::size_t c = 0;
  for (; c + 4 <= head_dim; c += 4) {
    V v0 = load_blocks(rows.data(), c), v1 = load_blocks(rows.data() + 1, c);
    V v2 = load_blocks(rows.data() + 2, c), v3 = load_blocks(rows.data() + 3, c);
    transpose_4x4(v0, v1, v2, v3);
    hn::Store(hn::Mul(v0, factor), kD, to + c * kStrip);
    hn::Store(hn::Mul(v1, factor), kD, to + (c + 1) * kStrip);
    hn::Store(hn::Mul(v2, factor), kD, to + (c + 2) * kStrip);
    hn::Store(hn::Mul(v3, factor), kD, to + (c + 3) * kStrip);
  }
  for (; c < head_dim; ++c) {
    for (std::size_t i = 0; i < kLanes; ++i) to[c * kStrip + i] = rows[i][c] * scale;
  }
}

#endif

}  // namespace
}  // namespace firth::HWY_NAMESPACE

HWY_AFTER_NAMESPACE();

#endif  // FIRTH_KERNELS_ATTENTION_STRIP_INL_H_
