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
// and foreach_target.h the one to compile
#include "firth/kernels/attention_strip-inl.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();

namespace firth::HWY_NAMESPACE {
namespace {

#if HWY_TARGET & (HWY_SCALAR | HWY_EMU128)

// The reference: the formula as it is written. Writes the weights of the keys that the query sees.
KeyRange query_weights(const AttentionHead& head, std::size_t query, float* weights) {
  const KeyRange keys = head.keys_of(query, query);
  float max = -std::numeric_limits<float>::infinity();
  for (std::size_t key = keys.begin; key < keys.end; ++key) {
    float score = 0.0F;
    for (std::size_t c = 0; c < head.head_dim; ++c) score += head.q[query][c] * head.k[key][c];
    score *= head.scale;
    if (head.bias != nullptr) score += head.bias[internal::distance(query, key)];
    weights[key] = score;
    max = std::max(max, score);
  }
  float sum = 0.0F;
  for (std::size_t key = keys.begin; key < keys.end; ++key)
    sum += weights[key] = std::exp(weights[key] - max);
  for (std::size_t key = keys.begin; key < keys.end; ++key) weights[key] /= sum;
  return keys;
}

void attention_head(const AttentionHead& head, float* y, std::size_t y_stride, Arena& scratch) {
  float* weights = scratch.allocate<float>(Shape{head.num_tokens}).data();
  for (std::size_t query = 0; query < head.num_tokens; ++query) {
    const KeyRange keys = query_weights(head, query, weights);
    float* row = y + query * y_stride;
    std::fill_n(row, head.head_dim, 0.0F);
    for (std::size_t key = keys.begin; key < keys.end; ++key) {
      for (std::size_t c = 0; c < head.head_dim; ++c) row[c] += weights[key] * head.v[key][c];
    }
  }
}

void probabilities_head(const AttentionHead& head, float* probabilities, Arena& /*scratch*/) {
  for (std::size_t query = 0; query < head.num_tokens; ++query) {
    float* row = probabilities + query * head.num_tokens;
    std::fill_n(row, head.num_tokens, 0.0F);
    query_weights(head, query, row);
  }
}

#else

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

// A block of scores: of the queries of a strip and the keys from `first_key` on.
struct Block {
  std::size_t first_query;
  std::size_t first_key;
  std::size_t num_keys;
};

// True if there are queries in the block that do not see all of its keys.
bool is_edge(const AttentionHead& head, const Block& block) {
  const std::size_t last_query = std::min(block.first_query + kStrip, head.num_tokens) - 1;
  const KeyRange first = head.keys_of(block.first_query, block.first_query);
  const KeyRange last = head.keys_of(last_query, last_query);
  return last.begin > block.first_key || first.end < block.first_key + block.num_keys;
}

// The lanes of a vector of queries, the first being `query`, that see the key.
HWY_INLINE auto seeing_lanes(const AttentionHead& head, std::size_t query, std::size_t key) {
  const std::size_t from = key - std::min(key, head.right);  // queries that see the key
  const std::size_t to = key + std::min(head.num_tokens - 1 - key, head.left) + 1;
  const auto lane = [&](std::size_t q) { return std::min(q - std::min(q, query), kLanes); };
  return hn::AndNot(hn::FirstN(kD, lane(from)), hn::FirstN(kD, lane(to)));
}

// Scores get their bias and become -inf where the query does not see the key; block_max follows.
template <std::size_t kVectors>
void block_bias(const AttentionHead& head, const Block& block, const Strip& strip, float* scores) {
  const V lowest = hn::Set(kD, -std::numeric_limits<float>::infinity());
  const V log2e = hn::Set(kD, kLog2E);
  const bool edge = is_edge(head, block);
  for (std::size_t n = 0; n < kVectors; ++n) {
    const std::size_t query = block.first_query + n * kLanes;
    if (query >= head.num_tokens) break;
    const auto lanes = hn::FirstN(kD, std::min(kLanes, head.num_tokens - query));
    V max = lowest;
    for (std::size_t i = 0; i < block.num_keys; ++i) {
      const std::size_t key = block.first_key + i;
      float* score = scores + i * kStrip + n * kLanes;
      V value = hn::Load(kD, score);
      if (head.bias != nullptr) {
        const float* bias = head.bias + internal::distance(query, key);
        value = hn::MulAdd(hn::MaskedLoad(lanes, kD, bias), log2e, value);
      }
      if (edge) value = hn::IfThenElse(seeing_lanes(head, query, key), value, lowest);
      max = hn::Max(max, value);
      hn::Store(value, kD, score);
    }
    hn::Store(max, kD, strip.block_max + n * kLanes);
  }
}

// Scores become weights; the running maximum and sum go on. A score of -inf weighs 2^-126 times
// what the greatest does, or exactly nothing where kEdge says that there are keys not seen.
template <std::size_t kVectors, bool kEdge>
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
      const V score = hn::Load(kD, row + n * kLanes);
      V weight = power_of_two(hn::Sub(score, max[n]));
      if constexpr (kEdge) {
        const V lowest = hn::Set(kD, -std::numeric_limits<float>::infinity());
        weight = hn::IfThenZeroElse(hn::Eq(score, lowest), weight);
      }
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

// Scores of a block to weights.
template <std::size_t kVectors>
void weigh_block(const AttentionHead& head, const Block& block, const Strip& strip, float* scores) {
  block_scores<kVectors>(head.k.from(block.first_key), block.num_keys, head.head_dim, strip,
                         scores);
  const bool edge = is_edge(head, block);
  if (edge || head.bias != nullptr) block_bias<kVectors>(head, block, strip, scores);
  (edge ? block_softmax<kVectors, true> : block_softmax<kVectors, false>)(scores, block.num_keys,
                                                                          strip);
}

// `keys` are those of the strip, of which the block is a part.
template <std::size_t kVectors>
void attend_block(const AttentionHead& head, const Block& block, const KeyRange& keys,
                  const Strip& strip, float* scores, const Outputs& outputs) {
  HWY_ALIGN std::array<float, kStrip> factor;
  const bool last = block.first_key + block.num_keys == keys.end;
  weigh_block<kVectors>(head, block, strip, scores);
  if (last) normalizers(strip, factor.data());
  const OutputTile tile{.weights = scores,
                        .v = head.v.from(block.first_key),
                        .num_keys = block.num_keys,
                        .correction = block.first_key == keys.begin ? nullptr : strip.correction,
                        .factor = last ? factor.data() : nullptr,
                        .y = outputs.y + block.first_query * outputs.stride,
                        .y_stride = outputs.stride,
                        .last_lanes = 0};
  block_outputs(tile, std::min(kStrip, head.num_tokens - block.first_query), head.head_dim);
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
    const std::size_t last_query = std::min((first + count) * kStrip, head.num_tokens) - 1;
    const KeyRange all = head.keys_of(first * kStrip, last_query);
    for (std::size_t step = 0; all.begin + step < all.end; step += kKeyBlock) {
      for (std::size_t s = 0; s < count; ++s) {
        const std::size_t query = (first + s) * kStrip;
        // Counted from the first key that the strip sees: so each of its queries sees a key of the
        // strip's first block.
        const KeyRange keys = head.keys_of(query, std::min(query + kStrip, head.num_tokens) - 1);
        const std::size_t key = keys.begin + step;
        if (key >= keys.end) continue;
        const auto attend = one_vector(head, query) ? attend_block<1> : attend_block<2>;
        attend(head, {query, key, std::min(kKeyBlock, keys.end - key)}, keys, strip(s), scores,
               {y, y_stride});
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
    const auto weigh = one_vector(head, query) ? weigh_block<1> : weigh_block<2>;
    weigh(head, {query, 0, num_tokens}, strip, scores);
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
  const std::size_t num_kv_heads = input.num_kv_heads == 0 ? input.num_heads : input.num_kv_heads;
  const std::size_t column = head * input.head_dim;
  const std::size_t kv_column = head / (input.num_heads / num_kv_heads) * input.head_dim;
  return {
      .q = {input.q + begin * input.q_stride + column, input.q_stride},
      .k = {input.k + begin * input.k_stride + kv_column, input.k_stride},
      .v = {input.v + begin * input.v_stride + kv_column, input.v_stride},
      .num_tokens = end - begin,
      .head_dim = input.head_dim,
      .scale = input.scale,
      .left = input.left,
      .right = input.right,
      .bias = input.bias.empty() ? nullptr : input.bias.row(head).data() + input.bias.cols() / 2};
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
