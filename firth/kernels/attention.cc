// Scores are computed with the queries across the lanes of vectors, a strip of two vectors at a
// time, and keys broadcast. So maximum, exponential and sum of the softmax run down the lanes
// without one horizontal step; the weights then lie as the second product wants to broadcast them,
// against values across the lanes. Both products are the same register-blocked loop, and keys,
// values and outputs stay where they are: only queries are transposed. For S queries and a block of
// keys:
//
//   scores (keys, S) = k (keys, d) * q^T (d, S)
//   weights          = 2^(scores - running maximum)
//   y (S, d)         = y * 2^(old maximum - new maximum) + weights^T (S, keys) * v (keys, d)
//
// log2(e) is folded into the scale of the queries, so the exponential is a power of two.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "firth/kernels/attention.cc"
#include "firth/kernels/simd.h"
// Highway's headers come after.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>
#include <utility>

#include "firth/kernels/attention.h"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

#ifndef FIRTH_KERNELS_ATTENTION_ONCE
#define FIRTH_KERNELS_ATTENTION_ONCE

namespace firth::internal {

// Row t of one head: a matrix inside wider rows.
struct HeadRows {
  const float* data;
  std::size_t stride;

  const float* operator[](std::size_t t) const { return data + t * stride; }

  HeadRows from(std::size_t t) const { return {data + t * stride, stride}; }
};

struct AttentionHead {
  HeadRows q, k, v;
  std::size_t num_tokens;
  std::size_t head_dim;
  float scale;
};

}  // namespace firth::internal
#endif

HWY_BEFORE_NAMESPACE();

namespace firth::HWY_NAMESPACE {
namespace {

using internal::AttentionHead;
using internal::HeadRows;

#if HWY_TARGET & (HWY_SCALAR | HWY_EMU128)

// The reference: the formula as it is written.
void head_scores(const AttentionHead& head, std::size_t query, float* scores) {
  for (std::size_t key = 0; key < head.num_tokens; ++key) {
    float sum = 0.0F;
    for (std::size_t c = 0; c < head.head_dim; ++c) sum += head.q[query][c] * head.k[key][c];
    scores[key] = sum * head.scale;
  }
}

void softmax(float* scores, std::size_t n) {
  const float max = *std::max_element(scores, scores + n);
  float sum = 0.0F;
  for (std::size_t i = 0; i < n; ++i) sum += scores[i] = std::exp(scores[i] - max);
  for (std::size_t i = 0; i < n; ++i) scores[i] /= sum;
}

void attention_head(const AttentionHead& head, float* y, std::size_t y_stride, Arena& scratch) {
  float* weights = scratch.allocate<float>(Shape{head.num_tokens}).data();
  for (std::size_t query = 0; query < head.num_tokens; ++query) {
    head_scores(head, query, weights);
    softmax(weights, head.num_tokens);
    float* row = y + query * y_stride;
    std::fill_n(row, head.head_dim, 0.0F);
    for (std::size_t key = 0; key < head.num_tokens; ++key) {
      for (std::size_t c = 0; c < head.head_dim; ++c) row[c] += weights[key] * head.v[key][c];
    }
  }
}

void probabilities_head(const AttentionHead& head, float* probabilities, Arena& /*scratch*/) {
  for (std::size_t query = 0; query < head.num_tokens; ++query) {
    head_scores(head, query, probabilities + query * head.num_tokens);
    softmax(probabilities + query * head.num_tokens, head.num_tokens);
  }
}

#else

namespace hn = hwy::HWY_NAMESPACE;

using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;
using D128 = hn::FixedTag<float, 4>;

constexpr D kD;
constexpr std::size_t kLanes = hn::MaxLanes(D());
constexpr std::size_t kStrip = 2 * kLanes;
// Rows of the product that are summed at once: 12 * 2 sums, 2 vectors of the strip and a broadcast
// fit 32 registers, 6 * 2 fit the 16 of AVX2.
constexpr std::size_t kMaxRows = HWY_TARGET == HWY_AVX2 ? 6 : 12;
// Keys between two updates of the running maximum; their scores stay in the first cache.
constexpr std::size_t kKeyBlock = 128;
// Strips that meet a block of keys while it is in cache.
constexpr std::size_t kGroupStrips = 4;
// From this length on keys and values are first copied together: rows of a fused q, k, v lie a page
// apart, which costs address translations and collides in the cache.
constexpr std::size_t kCopyTokens = 96;
constexpr float kLog2E = 1.44269504F;

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

// ---- the product

template <std::size_t kRows, std::size_t kVectors>
struct Sums {
  V v[kRows][kVectors];
};

// A matrix by its steps: element (i, k) at data[i * row_step + k * depth_step].
template <class RowStep, class DepthStep>
struct Broadcast {
  const float* data;
  RowStep row_step;
  DepthStep depth_step;
};

using One = std::integral_constant<std::size_t, 1>;
using StripStep = std::integral_constant<std::size_t, kStrip>;

// sums[i] += a(i, k) * b[k * b_step], k = 0, 1, … depth - 1 in this order; load(p, n) gives vector
// n of the row at p.
template <std::size_t kRows, std::size_t kVectors, class A, class BStep, class Load>
HWY_INLINE void accumulate(A a, const float* b, BStep b_step, std::size_t depth, const Load& load,
                           Sums<kRows, kVectors>& sums) {
  for (std::size_t k = 0; k < depth; ++k, a.data += a.depth_step, b += b_step) {
    V row[kVectors];
#pragma GCC unroll 2
    for (std::size_t n = 0; n < kVectors; ++n) row[n] = load(b, n);
#pragma GCC unroll 12
    for (std::size_t i = 0; i < kRows; ++i) {
      const V broadcast = hn::Set(kD, a.data[i * a.row_step]);
#pragma GCC unroll 2
      for (std::size_t n = 0; n < kVectors; ++n) {
        sums.v[i][n] = hn::MulAdd(broadcast, row[n], sums.v[i][n]);
      }
    }
  }
}

// Scores of kRows keys, and their maximum into block_max.
template <std::size_t kRows, std::size_t kVectors>
void score_rows(const HeadRows& k, std::size_t head_dim, const Strip& strip, float* scores) {
  Sums<kRows, kVectors> sums;
#pragma GCC unroll 12
  for (std::size_t i = 0; i < kRows; ++i) {
#pragma GCC unroll 2
    for (std::size_t n = 0; n < kVectors; ++n) sums.v[i][n] = hn::Zero(kD);
  }
  const Broadcast<std::size_t, One> keys{k.data, k.stride, {}};
  const auto load = [](const float* row, std::size_t n)
                        HWY_ATTR { return hn::Load(kD, row + n * kLanes); };
  accumulate<kRows, kVectors>(keys, strip.q, StripStep(), head_dim, load, sums);
#pragma GCC unroll 2
  for (std::size_t n = 0; n < kVectors; ++n) {
    V max = hn::Load(kD, strip.block_max + n * kLanes);
#pragma GCC unroll 12
    for (std::size_t i = 0; i < kRows; ++i) {
      max = hn::Max(max, sums.v[i][n]);
      hn::Store(sums.v[i][n], kD, scores + i * kStrip + n * kLanes);
    }
    hn::Store(max, kD, strip.block_max + n * kLanes);
  }
}

// Some queries of a strip and some columns of the values.
struct OutputTile {
  const float* weights;  // (num_keys, kStrip), the first query's column
  HeadRows v;            // the first column
  std::size_t num_keys;
  const float* correction;  // (queries) null in the first block: nothing has been summed
  const float* factor;      // (queries) 1 / sum of weights in the last block; null before
  float* y;
  std::size_t y_stride;
  std::size_t last_lanes;  // columns in the last vector
};

// y = (y * correction + weights^T * v) * factor for kRows queries and kVectors vectors of columns,
// the last of them partly where kPartial.
template <std::size_t kRows, std::size_t kVectors, bool kPartial>
void output_rows(const OutputTile& tile) {
  const auto mask = hn::FirstN(kD, tile.last_lanes);
  const auto load = [&](const float* row, std::size_t n) HWY_ATTR {
    const float* from = row + n * kLanes;
    return kPartial && n + 1 == kVectors ? hn::MaskedLoad(mask, kD, from) : hn::LoadU(kD, from);
  };
  Sums<kRows, kVectors> sums;
#pragma GCC unroll 12
  for (std::size_t i = 0; i < kRows; ++i) {
#pragma GCC unroll 2
    for (std::size_t n = 0; n < kVectors; ++n) {
      sums.v[i][n] = tile.correction == nullptr ? hn::Zero(kD)
                                                : hn::Mul(load(tile.y + i * tile.y_stride, n),
                                                          hn::Set(kD, tile.correction[i]));
    }
  }
  const Broadcast<One, StripStep> weights{tile.weights, {}, {}};
  accumulate<kRows, kVectors>(weights, tile.v.data, tile.v.stride, tile.num_keys, load, sums);
#pragma GCC unroll 12
  for (std::size_t i = 0; i < kRows; ++i) {
#pragma GCC unroll 2
    for (std::size_t n = 0; n < kVectors; ++n) {
      V sum = sums.v[i][n];
      if (tile.factor != nullptr) sum = hn::Mul(sum, hn::Set(kD, tile.factor[i]));
      float* to = tile.y + i * tile.y_stride + n * kLanes;
      if (kPartial && n + 1 == kVectors) {
        hn::BlendedStore(sum, mask, kD, to);
      } else {
        hn::StoreU(sum, kD, to);
      }
    }
  }
}

using ScoreRows = void (*)(const HeadRows&, std::size_t, const Strip&, float*);
using OutputRows = void (*)(const OutputTile&);

// Entry i is for i + 1 rows.
template <std::size_t kVectors, std::size_t... kIndex>
constexpr std::array<ScoreRows, kMaxRows> score_table(std::index_sequence<kIndex...>) {
  return {score_rows<kIndex + 1, kVectors>...};
}

template <std::size_t kVectors, bool kPartial, std::size_t... kIndex>
constexpr std::array<OutputRows, kMaxRows> output_table(std::index_sequence<kIndex...>) {
  return {output_rows<kIndex + 1, kVectors, kPartial>...};
}

// Calls f(begin, rows) for pieces of n of at most kMaxRows, as even as they can be.
template <class F>
void for_each_piece(std::size_t n, const F& f) {
  for (std::size_t begin = 0, left = hwy::DivCeil(n, kMaxRows); left > 0; --left) {
    const std::size_t rows = hwy::DivCeil(n - begin, left);
    f(begin, rows);
    begin += rows;
  }
}

template <std::size_t kVectors>
void block_scores(const HeadRows& k, std::size_t num_keys, std::size_t head_dim, const Strip& strip,
                  float* scores) {
  static constexpr auto kTable = score_table<kVectors>(std::make_index_sequence<kMaxRows>());
  for (std::size_t n = 0; n < kVectors; ++n) {
    hn::Store(hn::Set(kD, -std::numeric_limits<float>::infinity()), kD,
              strip.block_max + n * kLanes);
  }
  for_each_piece(num_keys, [&](std::size_t begin, std::size_t rows) {
    kTable[rows - 1](k.from(begin), head_dim, strip, scores + begin * kStrip);
  });
}

template <std::size_t kVectors, bool kPartial>
void output_columns(const OutputTile& tile, std::size_t num_queries) {
  static constexpr auto kTable =
      output_table<kVectors, kPartial>(std::make_index_sequence<kMaxRows>());
  for_each_piece(num_queries, [&](std::size_t begin, std::size_t rows) {
    OutputTile part = tile;
    part.weights += begin;
    part.y += begin * tile.y_stride;
    if (part.correction != nullptr) part.correction += begin;
    if (part.factor != nullptr) part.factor += begin;
    kTable[rows - 1](part);
  });
}

void block_outputs(OutputTile tile, std::size_t num_queries, std::size_t head_dim) {
  for (std::size_t column = 0; column < head_dim; column += kStrip) {
    const std::size_t columns = std::min(kStrip, head_dim - column);
    tile.last_lanes = (columns - 1) % kLanes + 1;
    const bool partial = tile.last_lanes < kLanes;
    if (columns > kLanes) {
      (partial ? output_columns<2, true> : output_columns<2, false>)(tile, num_queries);
    } else {
      (partial ? output_columns<1, true> : output_columns<1, false>)(tile, num_queries);
    }
    tile.v.data += kStrip;
    tile.y += kStrip;
  }
}

// ---- softmax

// 2^x for x <= 0, relative error 1e-7, 2^0 = 1 exactly; below 2^-126 it stays there, which the sum
// (at least 1) does not feel. NaN stays NaN. x = n + f, f in [-1/2, 1/2]: adding 1.5 * 2^23 + 127
// leaves n + 127 in the lowest bits, which shifted are the bits of 2^n.
HWY_INLINE V power_of_two(V x) {
  const hn::RebindToUnsigned<D> du;
  const V magic = hn::Set(kD, 12582912.0F + 127.0F);
  x = hn::Max(hn::Set(kD, -126.0F), x);  // in this order, for NaN
  const V shifted = hn::Add(x, magic);
  const V f = hn::Sub(x, hn::Sub(shifted, magic));
  V p = hn::Set(kD, 0.001326472731307149F);
  p = hn::MulAdd(p, f, hn::Set(kD, 0.009671512991189957F));
  p = hn::MulAdd(p, f, hn::Set(kD, 0.05550733581185341F));
  p = hn::MulAdd(p, f, hn::Set(kD, 0.24022242426872253F));
  p = hn::MulAdd(p, f, hn::Set(kD, 0.6931470036506653F));
  p = hn::MulAdd(p, f, hn::Set(kD, 1.0F));
  return hn::Mul(p, hn::BitCast(kD, hn::ShiftLeft<23>(hn::BitCast(du, shifted))));
}

// Scores become weights; the running maximum and sum go on.
template <std::size_t kVectors>
void block_softmax(float* scores, std::size_t num_keys, const Strip& strip) {
  V max[kVectors], sum[kVectors];
  for (std::size_t n = 0; n < kVectors; ++n) {
    const V old_max = hn::Load(kD, strip.max + n * kLanes);
    const V new_max = hn::Max(old_max, hn::Load(kD, strip.block_max + n * kLanes));
    hn::Store(new_max, kD, strip.max + n * kLanes);
    // All scores -inf: subtract nothing, or -inf - -inf would spoil the blocks that follow.
    const V lowest = hn::Set(kD, -std::numeric_limits<float>::infinity());
    max[n] = hn::IfThenZeroElse(hn::Eq(new_max, lowest), new_max);
    const V factor = power_of_two(hn::Sub(old_max, max[n]));
    hn::Store(factor, kD, strip.correction + n * kLanes);
    sum[n] = hn::Mul(hn::Load(kD, strip.sum + n * kLanes), factor);
  }
  for (std::size_t key = 0; key < num_keys; ++key) {
    float* row = scores + key * kStrip;
#pragma GCC unroll 2
    for (std::size_t n = 0; n < kVectors; ++n) {
      const V weight = power_of_two(hn::Sub(hn::Load(kD, row + n * kLanes), max[n]));
      sum[n] = hn::Add(sum[n], weight);
      hn::Store(weight, kD, row + n * kLanes);
    }
  }
  for (std::size_t n = 0; n < kVectors; ++n) hn::Store(sum[n], kD, strip.sum + n * kLanes);
}

// 1 / sum of the weights, NaN where every score was -inf, as 0 / 0 would be.
void normalizers(const Strip& strip, float* factor) {
  const V lowest = hn::Set(kD, -std::numeric_limits<float>::infinity());
  const V nan = hn::Set(kD, std::numeric_limits<float>::quiet_NaN());
  for (std::size_t lane = 0; lane < kStrip; lane += kLanes) {
    const V inverse = hn::Div(hn::Set(kD, 1.0F), hn::Load(kD, strip.sum + lane));
    const auto nothing = hn::Eq(hn::Load(kD, strip.max + lane), lowest);
    hn::Store(hn::IfThenElse(nothing, nan, inverse), kD, factor + lane);
  }
}

// ---- one head

void start_strip(const AttentionHead& head, std::size_t first_query, const Strip& strip) {
  for (std::size_t lane = 0; lane < kStrip; lane += kLanes) {
    const std::size_t query = first_query + lane;
    if (query >= head.num_tokens) break;
    load_queries(head.q.from(query), std::min(kLanes, head.num_tokens - query), head.head_dim,
                 head.scale * kLog2E, strip.q + lane);
  }
  std::fill_n(strip.max, kStrip, -std::numeric_limits<float>::infinity());
  std::fill_n(strip.sum, kStrip, 0.0F);
}

// Where the outputs of a head go.
struct Outputs {
  float* y;
  std::size_t stride;
};

template <std::size_t kVectors>
void attend_block(const AttentionHead& head, std::size_t first_query, std::size_t first_key,
                  const Strip& strip, float* scores, const Outputs& outputs) {
  HWY_ALIGN std::array<float, kStrip> factor;
  const std::size_t num_keys = std::min(kKeyBlock, head.num_tokens - first_key);
  const bool last = first_key + num_keys == head.num_tokens;
  block_scores<kVectors>(head.k.from(first_key), num_keys, head.head_dim, strip, scores);
  block_softmax<kVectors>(scores, num_keys, strip);
  if (last) normalizers(strip, factor.data());
  const OutputTile tile{.weights = scores,
                        .v = head.v.from(first_key),
                        .num_keys = num_keys,
                        .correction = first_key == 0 ? nullptr : strip.correction,
                        .factor = last ? factor.data() : nullptr,
                        .y = outputs.y + first_query * outputs.stride,
                        .y_stride = outputs.stride,
                        .last_lanes = 0};
  block_outputs(tile, std::min(kStrip, head.num_tokens - first_query), head.head_dim);
}

bool one_vector(const AttentionHead& head, std::size_t first_query) {
  return head.num_tokens - first_query <= kLanes;
}

HeadRows copy_together(const HeadRows& from, const AttentionHead& head, Arena& scratch) {
  float* to = scratch.allocate<float>(Shape{head.num_tokens, head.head_dim}).data();
  for (std::size_t t = 0; t < head.num_tokens; ++t) {
    std::memcpy(to + t * head.head_dim, from[t], head.head_dim * sizeof(float));
  }
  return {to, head.head_dim};
}

void attention_head(AttentionHead head, float* y, std::size_t y_stride, Arena& scratch) {
  if (head.num_tokens >= kCopyTokens) {
    head.k = copy_together(head.k, head, scratch);
    head.v = copy_together(head.v, head, scratch);
  }
  const std::size_t num_strips = hwy::DivCeil(head.num_tokens, kStrip);
  const std::size_t group = std::min(kGroupStrips, num_strips), each = strip_floats(head.head_dim);
  float* memory = scratch.allocate<float>(Shape{kKeyBlock * kStrip + group * each}).data();
  float* scores = memory + group * each;
  const auto strip = [&](std::size_t s) { return strip_at(memory + s * each, head.head_dim); };
  for (std::size_t first = 0; first < num_strips; first += group) {
    const std::size_t count = std::min(group, num_strips - first);
    for (std::size_t s = 0; s < count; ++s) start_strip(head, (first + s) * kStrip, strip(s));
    for (std::size_t key = 0; key < head.num_tokens; key += kKeyBlock) {
      for (std::size_t s = 0; s < count; ++s) {
        const std::size_t query = (first + s) * kStrip;
        const auto attend = one_vector(head, query) ? attend_block<1> : attend_block<2>;
        attend(head, query, key, strip(s), scores, {y, y_stride});
      }
    }
  }
}

void probabilities_head(const AttentionHead& head, float* probabilities, Arena& scratch) {
  const std::size_t num_tokens = head.num_tokens;
  const Strip strip =
      strip_at(scratch.allocate<float>(Shape{strip_floats(head.head_dim)}).data(), head.head_dim);
  float* scores = scratch.allocate<float>(Shape{num_tokens, kStrip}).data();
  HWY_ALIGN std::array<float, kStrip> factor;
  for (std::size_t query = 0; query < num_tokens; query += kStrip) {
    start_strip(head, query, strip);
    const bool one = one_vector(head, query);
    (one ? block_scores<1> : block_scores<2>)(head.k, num_tokens, head.head_dim, strip, scores);
    (one ? block_softmax<1> : block_softmax<2>)(scores, num_tokens, strip);
    normalizers(strip, factor.data());
    for (std::size_t i = 0; i < std::min(kStrip, num_tokens - query); ++i) {
      float* row = probabilities + (query + i) * num_tokens;
      for (std::size_t key = 0; key < num_tokens; ++key)
        row[key] = scores[key * kStrip + i] * factor[i];
    }
  }
}

#endif

}  // namespace

void run_attention(const AttentionHead& head, float* y, std::size_t y_stride, Arena& scratch) {
  attention_head(head, y, y_stride, scratch);
}

void run_probabilities(const AttentionHead& head, float* probabilities, Arena& scratch) {
  probabilities_head(head, probabilities, scratch);
}

}  // namespace firth::HWY_NAMESPACE

HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace firth {
namespace {

internal::AttentionHead head_of(const AttentionInput& input, std::size_t sequence,
                                std::size_t head) {
  const auto begin = static_cast<std::size_t>(input.offsets[sequence]);
  const auto end = static_cast<std::size_t>(input.offsets[sequence + 1]);
  const std::size_t column = head * input.head_dim;
  return {{input.q + begin * input.q_stride + column, input.q_stride},
          {input.k + begin * input.k_stride + column, input.k_stride},
          {input.v + begin * input.v_stride + column, input.v_stride},
          end - begin,
          input.head_dim,
          input.scale};
}

}  // namespace

void attention(const AttentionInput& input, std::size_t sequence, std::size_t head, View<float> y,
               Arena& scratch) {
  const Arena::Scope scope(scratch);
  const auto first_row = static_cast<std::size_t>(input.offsets[sequence]);
  float* rows = y.data() + first_row * y.cols() + head * input.head_dim;
  FIRTH_DISPATCH(run_attention)(head_of(input, sequence, head), rows, y.cols(), scratch);
}

void attention(const AttentionInput& input, View<float> y, Arena& scratch) {
  for (std::size_t sequence = 0; sequence < input.num_sequences(); ++sequence) {
    for (std::size_t head = 0; head < input.num_heads; ++head) {
      attention(input, sequence, head, y, scratch);
    }
  }
}

void attention_probabilities(const AttentionInput& input, std::size_t sequence, std::size_t head,
                             View<float> probabilities, Arena& scratch) {
  const Arena::Scope scope(scratch);
  FIRTH_DISPATCH(run_probabilities)
  (head_of(input, sequence, head), probabilities.data(), scratch);
}

}  // namespace firth
#endif
