// A group of queries meets a group of rows: one vector of sums for each pair, running along d,
// folded into a number at the end. Every pair is summed in the same order whatever its neighbours
// are, and nothing has to be packed, so one query costs one pass over the rows. A strip of rows
// stays in the first cache while all queries pass over it.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "firth/kernels/scan.cc"
#include "firth/kernels/simd.h"
// Highway's headers come after.
#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "firth/kernels/scan.h"
#include "hwy/cache_control.h"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

#ifndef FIRTH_KERNELS_SCAN_ONCE
#define FIRTH_KERNELS_SCAN_ONCE

namespace firth::internal {

// scores[i * stride + j] for query i and row j.
struct ScoreBlock {
  float* data;
  std::size_t stride;

  float* at(std::size_t query, std::size_t row) const { return data + query * stride + row; }
};

}  // namespace firth::internal
#endif

HWY_BEFORE_NAMESPACE();

namespace firth::HWY_NAMESPACE {
namespace {

using internal::ScoreBlock;

#if HWY_TARGET & (HWY_SCALAR | HWY_EMU128)

void scan_rows(View<const float> queries, View<const float> rows, const ScoreBlock& scores) {
  for (std::size_t i = 0; i < queries.rows(); ++i) {
    for (std::size_t j = 0; j < rows.rows(); ++j) {
      float sum = 0.0F;
      for (std::size_t c = 0; c < rows.cols(); ++c) sum += queries(i, c) * rows(j, c);
      *scores.at(i, j) = sum;
    }
  }
}

#else

namespace hn = hwy::HWY_NAMESPACE;

using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;
using D128 = hn::FixedTag<float, 4>;
using V128 = hn::Vec<D128>;

constexpr D kD;
constexpr std::size_t kLanes = hn::MaxLanes(D());
constexpr std::size_t kRows = 4;  // folded together
// 6 * 4 sums and the vectors of 4 rows fit 32 registers, 3 * 4 and those of a row at a time 16.
constexpr std::size_t kMaxQueries = HWY_TARGET == HWY_AVX2 ? 3 : 6;
constexpr std::size_t kLineFloats = 16;         // of a cache line
constexpr std::size_t kStripBytes = 20 * 1024;  // of rows, in a first cache of 32 KiB

// [a, b, c, d], each summed over its lanes: ((0 + 2) + (1 + 3)) in every block of four, then
// blocks.
HWY_INLINE V128 fold(V a, V b, V c, V d) {
  const hn::Repartition<double, D> d64;
  const D128 d128;
  const V ab = hn::Add(hn::InterleaveLower(kD, a, b), hn::InterleaveUpper(kD, a, b));
  const V cd = hn::Add(hn::InterleaveLower(kD, c, d), hn::InterleaveUpper(kD, c, d));
  const auto ab64 = hn::BitCast(d64, ab), cd64 = hn::BitCast(d64, cd);
  const V all = hn::Add(hn::BitCast(kD, hn::InterleaveLower(d64, ab64, cd64)),
                        hn::BitCast(kD, hn::InterleaveUpper(d64, ab64, cd64)));
#if HWY_TARGET == HWY_AVX3
  const hn::Half<D> half;
  const auto low = hn::Add(hn::LowerHalf(half, all), hn::UpperHalf(half, all));
  return hn::Add(hn::LowerHalf(d128, low), hn::UpperHalf(d128, low));
#elif HWY_TARGET == HWY_AVX2
  return hn::Add(hn::LowerHalf(d128, all), hn::UpperHalf(d128, all));
#else
  return all;
#endif
}

template <std::size_t kNum>
using Pointers = std::array<const float*, kNum>;

// `ahead`: floats from these rows to those of the next strip, which are fetched meanwhile; 0 =
// none.
template <std::size_t kQueries, std::size_t kGroups, bool kFetch>
void scan_group(const float* queries, const Pointers<kRows * kGroups>& rows, std::size_t d,
                std::size_t ahead, float* const* scores) {
  constexpr std::size_t kNumRows = kRows * kGroups;
  V sums[kQueries][kNumRows];
#pragma GCC unroll 8
  for (std::size_t i = 0; i < kQueries; ++i) {
#pragma GCC unroll 8
    for (std::size_t j = 0; j < kNumRows; ++j) sums[i][j] = hn::Zero(kD);
  }
  const auto step = [&](const auto& load) HWY_ATTR {
    V row[kNumRows];
#pragma GCC unroll 8
    for (std::size_t j = 0; j < kNumRows; ++j) row[j] = load(rows[j]);
#pragma GCC unroll 8
    for (std::size_t i = 0; i < kQueries; ++i) {
      const V query = load(queries + i * d);
#pragma GCC unroll 8
      for (std::size_t j = 0; j < kNumRows; ++j) {
        sums[i][j] = hn::MulAdd(query, row[j], sums[i][j]);
      }
    }
  };
  std::size_t c = 0;
  for (; c + kLanes <= d; c += kLanes) {
    step([&](const float* from) HWY_ATTR { return hn::LoadU(kD, from + c); });
    if (kFetch && c % kLineFloats == 0) {
#pragma GCC unroll 8
      for (std::size_t j = 0; j < kNumRows; ++j) hwy::Prefetch(rows[j] + ahead + c);
    }
  }
  if (c < d) {
    const auto mask = hn::FirstN(kD, d - c);
    step([&](const float* from) HWY_ATTR { return hn::MaskedLoad(mask, kD, from + c); });
  }
#pragma GCC unroll 8
  for (std::size_t i = 0; i < kQueries; ++i) {
#pragma GCC unroll 8
    for (std::size_t g = 0; g < kGroups; ++g) {
      const V* of = sums[i] + g * kRows;
      hn::StoreU(fold(of[0], of[1], of[2], of[3]), D128(), scores[i] + g * kRows);
    }
  }
}

// Fewer than four rows: the last one again, and only what is asked for is written.
template <std::size_t kQueries>
void scan_few_rows(const float* queries, View<const float> rows, const ScoreBlock& scores) {
  Pointers<kRows> pointers;
  for (std::size_t j = 0; j < kRows; ++j)
    pointers[j] = rows.row(std::min(j, rows.rows() - 1)).data();
  std::array<std::array<float, kRows>, kQueries> all;
  std::array<float*, kQueries> to;
  for (std::size_t i = 0; i < kQueries; ++i) to[i] = all[i].data();
  scan_group<kQueries, 1, false>(queries, pointers, rows.cols(), 0, to.data());
  for (std::size_t i = 0; i < kQueries; ++i) {
    std::copy_n(to[i], rows.rows(), scores.at(i, 0));
  }
}

// One query has few sums, so it takes two groups of rows at once to keep both units busy.
template <std::size_t kQueries, std::size_t kGroups>
void scan_queries(const float* queries, View<const float> rows, std::size_t ahead,
                  const ScoreBlock& scores) {
  constexpr std::size_t kNumRows = kRows * kGroups;
  std::size_t begin = 0;
  for (; begin + kNumRows <= rows.rows(); begin += kNumRows) {
    Pointers<kNumRows> pointers;
    for (std::size_t j = 0; j < kNumRows; ++j) pointers[j] = rows.row(begin + j).data();
    std::array<float*, kQueries> to;
    for (std::size_t i = 0; i < kQueries; ++i) to[i] = scores.at(i, begin);
    const auto scan =
        ahead > 0 ? scan_group<kQueries, kGroups, true> : scan_group<kQueries, kGroups, false>;
    scan(queries, pointers, rows.cols(), ahead, to.data());
  }
  for (; begin < rows.rows(); begin += kRows) {
    const std::size_t end = std::min(begin + kRows, rows.rows());
    scan_few_rows<kQueries>(queries, rows.slice_rows(begin, end),
                            {scores.at(0, begin), scores.stride});
  }
}

using ScanQueries = void (*)(const float*, View<const float>, std::size_t, const ScoreBlock&);

// Entry i is for i + 1 queries.
#if HWY_TARGET == HWY_AVX2
constexpr std::array<ScanQueries, kMaxQueries> kScanQueries = {
    scan_queries<1, 2>, scan_queries<2, 1>, scan_queries<3, 1>};
#else
constexpr std::array<ScanQueries, kMaxQueries> kScanQueries = {
    scan_queries<1, 2>, scan_queries<2, 1>, scan_queries<3, 1>,
    scan_queries<4, 1>, scan_queries<5, 1>, scan_queries<6, 1>};
#endif

void scan_rows(View<const float> queries, View<const float> rows, const ScoreBlock& scores) {
  const std::size_t d = rows.cols();
  const std::size_t fitting = kStripBytes / (sizeof(float) * std::max<std::size_t>(d, 1));
  const std::size_t strip = std::max(2 * kRows, fitting / (2 * kRows) * (2 * kRows));
  for (std::size_t begin = 0; begin < rows.rows(); begin += strip) {
    const View<const float> block = rows.slice_rows(begin, std::min(begin + strip, rows.rows()));
    for (std::size_t i = 0; i < queries.rows(); i += kMaxQueries) {
      const std::size_t count = std::min(kMaxQueries, queries.rows() - i);
      const std::size_t ahead = i == 0 && begin + 2 * strip <= rows.rows() ? strip * d : 0;
      kScanQueries[count - 1](queries.data() + i * d, block, ahead,
                              {scores.at(i, begin), scores.stride});
    }
  }
}

#endif

// popcnt where the target has it. Four rows share the load of a query's word.
HWY_INLINE std::uint64_t word_at(const std::uint8_t* from, std::size_t num_bytes) {
  std::uint64_t word = 0;
  std::memcpy(&word, from, num_bytes);
  return word;
}

template <std::size_t kNumRows>
void hamming_rows(const std::uint8_t* query, const std::uint8_t* rows, std::size_t num_bytes,
                  float* scores) {
  std::array<std::uint64_t, kNumRows> sums{};
  const auto add = [&](std::size_t c, std::size_t count) HWY_ATTR {
    const std::uint64_t word = word_at(query + c, count);
#pragma GCC unroll 4
    for (std::size_t j = 0; j < kNumRows; ++j) {
      sums[j] += static_cast<std::uint64_t>(
          std::popcount(word ^ word_at(rows + j * num_bytes + c, count)));
    }
  };
  std::size_t c = 0;
  for (; c + 8 <= num_bytes; c += 8) add(c, 8);
  if (c < num_bytes) add(c, num_bytes - c);
  for (std::size_t j = 0; j < kNumRows; ++j)
    scores[j] = -static_cast<float>(static_cast<std::int64_t>(sums[j]));
}

}  // namespace

void run_scan_f32(View<const float> queries, View<const float> rows, const ScoreBlock& scores) {
  scan_rows(queries, rows, scores);
}

void run_scan_hamming(View<const std::uint8_t> queries, View<const std::uint8_t> rows,
                      const ScoreBlock& scores) {
  const std::size_t n = rows.cols();
  for (std::size_t i = 0; i < queries.rows(); ++i) {
    const std::uint8_t* query = queries.data() + i * n;
    std::size_t j = 0;
    for (; j + 4 <= rows.rows(); j += 4) {
      hamming_rows<4>(query, rows.data() + j * n, n, scores.at(i, j));
    }
    for (; j < rows.rows(); ++j) {
      hamming_rows<1>(query, rows.data() + j * n, n, scores.at(i, j));
    }
  }
}

}  // namespace firth::HWY_NAMESPACE

HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace firth {

void scan_f32(View<const float> queries, View<const float> rows, float* scores,
              std::size_t stride) {
  FIRTH_DISPATCH(run_scan_f32)(queries, rows, {scores, stride});
}

void scan_hamming(View<const std::uint8_t> queries, View<const std::uint8_t> rows, float* scores,
                  std::size_t stride) {
  FIRTH_DISPATCH(run_scan_hamming)(queries, rows, {scores, stride});
}

}  // namespace firth
#endif
