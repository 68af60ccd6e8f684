// Four bytes of a row are broadcast and meet four bytes of each of the queries that lie across the
// lanes: the 8-bit dot product of VNNI (vpdpbusd), or the pair of AVX2 instructions that it
// replaced (vpmaddubsw, vpmaddwd). Both take one side unsigned, so queries carry an offset, and
//
//   sum (q + offset) * row = sum q * row + offset * sum row
//
// is put right by the sum of the row. vpmaddubsw adds two products in 16 bits and saturates: with
// queries in [-63, 63] and rows in [-127, 127] the largest sum is 2 * 127 * 127 = 32258, which
// fits. Integer sums are exact, so their order is free.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "firth/kernels/scan_int8.cc"
#include "firth/kernels/simd.h"
// Highway's headers come after.
#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include "firth/kernels/quantize.h"
#include "firth/kernels/scan.h"
#include "hwy/cache_control.h"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

#ifndef FIRTH_KERNELS_SCAN_INT8_ONCE
#define FIRTH_KERNELS_SCAN_INT8_ONCE

namespace firth::internal {

// The one rounding of a score, the same in every kernel.
inline float int8_score(std::int32_t sum, float row_scale, float query_scale) {
  return static_cast<float>(sum) * row_scale * query_scale;
}

inline float int8_pair_score(const Int8Queries& queries, std::size_t i, const Int8Rows& rows,
                             std::size_t j) {
  const std::uint8_t* query = queries.bytes().data() + i * queries.dimension();
  const std::int8_t* row = rows.values + j * queries.dimension();
  std::int32_t sum = 0;
  for (std::size_t c = 0; c < queries.dimension(); ++c)
    sum += (query[c] - queries.offset()) * row[c];
  return int8_score(sum, rows.scales[j], queries.scales()[i]);
}

}  // namespace firth::internal
#endif

HWY_BEFORE_NAMESPACE();

namespace firth::HWY_NAMESPACE {

#if HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_AVX3
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;
using DI = hn::ScalableTag<std::int32_t>;
using VI = hn::Vec<DI>;
using D128 = hn::FixedTag<float, 4>;

constexpr D kD;
constexpr DI kDI;
constexpr std::size_t kLanes = hn::MaxLanes(D());
constexpr std::size_t kLineBytes = 64;  // of the cache
// Rows summed at once against two vectors of queries.
constexpr std::size_t kMaxRows = HWY_TARGET == HWY_AVX2 ? 4 : 12;

// sum += the four products of each lane: unsigned bytes of a, signed bytes of b.
struct WithVnni {
  static HWY_INLINE VI dot(VI sum, VI a, VI b) {
    // By name: Highway's AVX-512 target does not include VNNI. Chosen only where the level says so.
    __asm__("vpdpbusd %2, %1, %0" : "+v"(sum.raw) : "v"(a.raw), "v"(b.raw));
    return sum;
  }
};

struct WithoutVnni {
  static HWY_INLINE VI dot(VI sum, VI a, VI b) {
    const hn::Repartition<std::int16_t, DI> di16;
#if HWY_TARGET == HWY_AVX2
    const hn::Vec<decltype(di16)> pairs{_mm256_maddubs_epi16(a.raw, b.raw)};
    const VI quads{_mm256_madd_epi16(pairs.raw, hn::Set(di16, 1).raw)};
#else
    const hn::Vec<decltype(di16)> pairs{_mm512_maddubs_epi16(a.raw, b.raw)};
    const VI quads{_mm512_madd_epi16(pairs.raw, hn::Set(di16, 1).raw)};
#endif
    return hn::Add(sum, quads);
  }
};

std::int32_t four_bytes(const std::int8_t* from, std::size_t count) {
  std::int32_t word = 0;
  std::memcpy(&word, from, count);
  return word;
}

template <class Dot>
std::int32_t row_sum(const std::int8_t* row, std::size_t d) {
  constexpr std::size_t kBytes = 4 * kLanes;
  const VI ones = hn::Set(kDI, 0x01010101);
  VI sums = hn::Zero(kDI);
  std::size_t c = 0;
  for (; c + kBytes <= d; c += kBytes) {
    const hn::Repartition<std::int8_t, DI> d8;
    sums = Dot::dot(sums, ones, hn::BitCast(kDI, hn::LoadU(d8, row + c)));
  }
  std::int32_t sum = hn::GetLane(hn::SumOfLanes(kDI, sums));
  for (; c < d; ++c) sum += row[c];
  return sum;
}

// [a, b, c, d] of every lane to four places in the query's row of scores, from `row` on.
HWY_INLINE void store_transposed(V a, V b, V c, V d, float* const* to, std::size_t row,
                                 std::size_t num_queries) {
  const hn::Repartition<double, D> d64;
  const D128 d128;
  const auto wide = [&](V v) HWY_ATTR { return hn::BitCast(d64, v); };
  const auto ab_low = wide(hn::InterleaveLower(kD, a, b));
  const auto ab_high = wide(hn::InterleaveUpper(kD, a, b));
  const auto cd_low = wide(hn::InterleaveLower(kD, c, d));
  const auto cd_high = wide(hn::InterleaveUpper(kD, c, d));
  const std::array<V, 4> queries = {hn::BitCast(kD, hn::InterleaveLower(d64, ab_low, cd_low)),
                                    hn::BitCast(kD, hn::InterleaveUpper(d64, ab_low, cd_low)),
                                    hn::BitCast(kD, hn::InterleaveLower(d64, ab_high, cd_high)),
                                    hn::BitCast(kD, hn::InterleaveUpper(d64, ab_high, cd_high))};
  const auto store = [&](std::size_t query, hn::Vec<D128> four) HWY_ATTR {
    if (query < num_queries) hn::StoreU(four, d128, to[query] + row);
  };
#pragma GCC unroll 4
  for (std::size_t j = 0; j < 4; ++j) {  // block b of vector j is query 4 * b + j
#if HWY_TARGET == HWY_AVX3
    const hn::Half<D> half;
    const auto low = hn::LowerHalf(half, queries[j]), high = hn::UpperHalf(half, queries[j]);
    store(j, hn::LowerHalf(d128, low));
    store(j + 4, hn::UpperHalf(d128, low));
    store(j + 8, hn::LowerHalf(d128, high));
    store(j + 12, hn::UpperHalf(d128, high));
#else
    store(j, hn::LowerHalf(d128, queries[j]));
    store(j + 4, hn::UpperHalf(d128, queries[j]));
#endif
  }
}

// What a kernel call needs to know besides its place.
struct Int8Scan {
  const Int8Queries* queries;
  Int8Rows rows;
  const std::int32_t* corrections;  // (num_rows) offset * sum of the row
  float* scores;
  std::size_t stride;
  std::size_t ahead;  // bytes from these rows to the strip to be fetched meanwhile; 0 = none
};

// kRows rows from `row` on (a multiple of 4) against kVectors panels of queries from `panel` on.
template <class Dot, std::size_t kRows, std::size_t kVectors, bool kFetch>
void scan_tile(const Int8Scan& scan, std::size_t row, std::size_t panel) {
  const std::size_t d = scan.queries->dimension();
  const std::size_t panel_bytes = scan.queries->padded_dimension() * kLanes;
  const std::uint8_t* queries = scan.queries->panels().data() + panel * panel_bytes;
  const std::int8_t* rows = scan.rows.values + row * d;
  VI sums[kRows][kVectors];
#pragma GCC unroll 12
  for (std::size_t i = 0; i < kRows; ++i) {
#pragma GCC unroll 2
    for (std::size_t n = 0; n < kVectors; ++n) sums[i][n] = hn::Zero(kDI);
  }
  const auto step = [&](std::size_t c, std::size_t count) HWY_ATTR {
    const hn::Repartition<std::uint8_t, DI> d8;
    VI query[kVectors];
#pragma GCC unroll 2
    for (std::size_t n = 0; n < kVectors; ++n) {
      query[n] = hn::BitCast(kDI, hn::LoadU(d8, queries + n * panel_bytes + c * kLanes));
    }
#pragma GCC unroll 12
    for (std::size_t i = 0; i < kRows; ++i) {
      const VI four = hn::Set(kDI, four_bytes(rows + i * d + c, count));
#pragma GCC unroll 2
      for (std::size_t n = 0; n < kVectors; ++n) sums[i][n] = Dot::dot(sums[i][n], query[n], four);
    }
  };
  std::size_t c = 0;
  for (; c + 4 <= d; c += 4) {
    step(c, 4);
    if (kFetch && c % kLineBytes == 0) {
#pragma GCC unroll 12
      for (std::size_t i = 0; i < kRows; ++i) hwy::Prefetch(rows + scan.ahead + i * d + c);
    }
  }
  if (c < d) step(c, d - c);

  const std::size_t num_queries = scan.queries->num_queries();
#pragma GCC unroll 2
  for (std::size_t n = 0; n < kVectors; ++n) {
    const std::size_t first = (panel + n) * kLanes;
    const std::size_t count = std::min(kLanes, num_queries - first);
    const V query_scale = hn::LoadU(kD, scan.queries->padded_scales().data() + first);
    std::array<float*, kLanes> to;
    for (std::size_t q = 0; q < count; ++q) to[q] = scan.scores + (first + q) * scan.stride + row;
    const auto score = [&](VI sum, std::size_t i) HWY_ATTR {
      const VI exact = hn::Sub(sum, hn::Set(kDI, scan.corrections[row + i]));
      const V row_scale = hn::Set(kD, scan.rows.scales[row + i]);
      return hn::Mul(hn::Mul(hn::ConvertTo(kD, exact), row_scale), query_scale);
    };
#pragma GCC unroll 3
    for (std::size_t i = 0; i < kRows; i += 4) {
      store_transposed(score(sums[i][n], i), score(sums[i + 1][n], i + 1),
                       score(sums[i + 2][n], i + 2), score(sums[i + 3][n], i + 3), to.data(), i,
                       count);
    }
  }
}

// Rows [begin, end) against the panels [panel, panel + kVectors): whole groups of four.
template <class Dot, std::size_t kVectors, bool kFetch>
void scan_strip(const Int8Scan& scan, std::size_t begin, std::size_t end, std::size_t panel) {
  for (; begin + kMaxRows <= end; begin += kMaxRows) {
    scan_tile<Dot, kMaxRows, kVectors, kFetch>(scan, begin, panel);
  }
  for (; begin + 4 <= end; begin += 4) scan_tile<Dot, 4, kVectors, false>(scan, begin, panel);
}

// Rows of a strip: a whole number of the largest tiles, within the stack and half a first cache.
constexpr std::size_t kMaxStrip = 192;
constexpr std::size_t kStripBytes = 16 * 1024;

std::size_t strip_rows(std::size_t d) {
  const std::size_t fitting = std::min(kMaxStrip, kStripBytes / std::max<std::size_t>(d, 1));
  return std::max(kMaxRows, fitting / kMaxRows * kMaxRows);
}

// One strip of rows, in cache, against all queries.
template <class Dot>
void scan_all_queries(const Int8Queries& queries, const Int8Rows& rows, float* scores,
                      std::size_t stride, std::size_t ahead) {
  std::array<std::int32_t, kMaxStrip> corrections;
  const std::size_t d = queries.dimension();
  for (std::size_t j = 0; j < rows.num_rows; ++j) {
    corrections[j] = queries.offset() * row_sum<Dot>(rows.values + j * d, d);
  }
  const Int8Scan scan{&queries, rows, corrections.data(), scores, stride, ahead};
  const std::size_t num_panels = hwy::DivCeil(queries.num_queries(), kLanes);
  for (std::size_t panel = 0; panel < num_panels; panel += 2) {
    const bool two = panel + 2 <= num_panels, fetch = panel == 0 && ahead > 0;
    const auto scan_panels = two ? (fetch ? scan_strip<Dot, 2, true> : scan_strip<Dot, 2, false>)
                                 : (fetch ? scan_strip<Dot, 1, true> : scan_strip<Dot, 1, false>);
    scan_panels(scan, 0, rows.num_rows, panel);
  }
  for (std::size_t j = rows.num_rows / 4 * 4; j < rows.num_rows; ++j) {
    for (std::size_t i = 0; i < queries.num_queries(); ++i) {
      scores[i * stride + j] = internal::int8_pair_score(queries, i, rows, j);
    }
  }
}

template <class Dot>
void scan_with(const Int8Queries& queries, const Int8Rows& rows, float* scores,
               std::size_t stride) {
  const std::size_t strip = strip_rows(queries.dimension());
  for (std::size_t begin = 0; begin < rows.num_rows; begin += strip) {
    const std::size_t count = std::min(strip, rows.num_rows - begin);
    const bool more = begin + 2 * strip <= rows.num_rows;
    scan_all_queries<Dot>(queries,
                          {rows.values + begin * queries.dimension(), rows.scales + begin, count},
                          scores + begin, stride, more ? strip * queries.dimension() : 0);
  }
}

}  // namespace

std::size_t int8_lanes() {
  return kLanes;
}

void run_scan_int8(const Int8Queries& queries, const Int8Rows& rows, float* scores,
                   std::size_t stride) {
#if HWY_TARGET == HWY_AVX3
  if (queries.offset() == 128) return scan_with<WithVnni>(queries, rows, scores, stride);
#endif
  scan_with<WithoutVnni>(queries, rows, scores, stride);
}

#else

std::size_t int8_lanes() {
  return 0;  // no panels
}

void run_scan_int8(const Int8Queries& queries, const Int8Rows& rows, float* scores,
                   std::size_t stride) {
  for (std::size_t i = 0; i < queries.num_queries(); ++i) {
    for (std::size_t j = 0; j < rows.num_rows; ++j) {
      scores[i * stride + j] = internal::int8_pair_score(queries, i, rows, j);
    }
  }
}

#endif

}  // namespace firth::HWY_NAMESPACE

HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace firth {

Int8Queries::Int8Queries(View<const float> queries)
    : num_queries_(queries.rows()),
      dimension_(queries.cols()),
      padded_dimension_((queries.cols() + 3) / 4 * 4),
      lanes_(FIRTH_DISPATCH(int8_lanes)()),
      offset_(lanes_ == 0 || cpu_level() >= CpuLevel::kVnni ? 128 : 64),
      scales_((queries.rows() + 15) / 16 * 16) {
  bytes_.resize(num_queries_ * dimension_);
  std::vector<std::int8_t> values(dimension_);
  for (std::size_t i = 0; i < num_queries_; ++i) {
    scales_[i] = quantize_int8(queries.row(i), offset_ - 1, values);
    std::ranges::transform(values, bytes_.begin() + static_cast<std::ptrdiff_t>(i * dimension_),
                           [&](int value) { return static_cast<std::uint8_t>(value + offset_); });
  }
  if (lanes_ > 0) fill_panels();
}

void Int8Queries::fill_panels() {
  const std::size_t num_panels = (num_queries_ + lanes_ - 1) / lanes_;
  panels_.resize(num_panels * lanes_ * padded_dimension_, static_cast<std::uint8_t>(offset_));
  for (std::size_t i = 0; i < num_queries_; ++i) {
    std::uint8_t* panel = panels_.data() + i / lanes_ * lanes_ * padded_dimension_;
    for (std::size_t j = 0; j < dimension_; ++j) {
      panel[j / 4 * 4 * lanes_ + i % lanes_ * 4 + j % 4] = bytes_[i * dimension_ + j];
    }
  }
}

void scan_int8(const Int8Queries& queries, const Int8Rows& rows, float* scores,
               std::size_t stride) {
  FIRTH_DISPATCH(run_scan_int8)(queries, rows, scores, stride);
}

}  // namespace firth
#endif
