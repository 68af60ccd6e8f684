// The inner loops of the int8 product for x86-64. All give the same, exact, 32-bit sums.
//
// VNNI: vpdpbusd multiplies four unsigned bytes of x with four signed ones of W and adds the four
// products to a 32-bit lane.
//
// AVX2 and AVX-512 without VNNI: the like instruction for bytes (vpmaddubsw) saturates at 16 bits,
// which is not exact, so both sides are widened to 16 bits and vpmaddwd adds two products to a
// lane: W while it is loaded, once for all rows of a tile, and x when it is quantised.
//
// The bf16 product by vdpbf16ps has the same tiles, with pairs of bf16 for groups of bytes.
//
// The tiles are those of product_f32.cc, for the same reasons.
#include "firth/kernels/product_narrow.h"

#if defined(__x86_64__)

#include <immintrin.h>

#include <array>
#include <cstring>
#include <utility>

#define FIRTH_TARGET_AVX2 __attribute__((target("avx2")))
#define FIRTH_TARGET_AVX512 __attribute__((target("avx512f,avx512bw")))
#define FIRTH_TARGET_VNNI __attribute__((target("avx512f,avx512bw,avx512vnni")))

#define FIRTH_TARGET_BF16 __attribute__((target("avx512f,avx512bw,avx512bf16")))

namespace firth {
namespace {

// The group of k of one row, in every lane's place.
std::int32_t group_at(const std::byte* x) {
  std::int32_t group;
  std::memcpy(&group, x, sizeof group);
  return group;
}

// What the three levels differ in. The loop is the same (x86_int8_tile-inl.h), but a compiler
// inlines these functions only into one with the same target, so it is compiled once for each
// level.
struct Avx2 {
  using Vector = __m256i;
  static constexpr std::size_t kMaxRows = 6, kLoadBytes = 16, kLanes = 8;

  FIRTH_TARGET_AVX2 static Vector load_weights(const std::byte* p) {
    return _mm256_cvtepi8_epi16(_mm_load_si128(reinterpret_cast<const __m128i*>(p)));
  }

  FIRTH_TARGET_AVX2 static Vector add_products(Vector sum, Vector x, Vector w) {
    return _mm256_add_epi32(sum, _mm256_madd_epi16(x, w));
  }

  FIRTH_TARGET_AVX2 static Vector broadcast(std::int32_t v) { return _mm256_set1_epi32(v); }

  FIRTH_TARGET_AVX2 static void store(std::int32_t* p, Vector v) {
    _mm256_store_si256(reinterpret_cast<__m256i*>(p), v);
  }
};

struct Avx512 {
  using Vector = __m512i;
  static constexpr std::size_t kMaxRows = 14, kLoadBytes = 32, kLanes = 16;

  FIRTH_TARGET_AVX512 static Vector load_weights(const std::byte* p) {
    return _mm512_cvtepi8_epi16(_mm256_load_si256(reinterpret_cast<const __m256i*>(p)));
  }

  FIRTH_TARGET_AVX512 static Vector add_products(Vector sum, Vector x, Vector w) {
    return _mm512_add_epi32(sum, _mm512_madd_epi16(x, w));
  }

  FIRTH_TARGET_AVX512 static Vector broadcast(std::int32_t v) { return _mm512_set1_epi32(v); }

  FIRTH_TARGET_AVX512 static void store(std::int32_t* p, Vector v) { _mm512_store_si512(p, v); }
};

struct Vnni {
  using Vector = __m512i;
  static constexpr std::size_t kMaxRows = 14, kLoadBytes = 64, kLanes = 16;

  FIRTH_TARGET_VNNI static Vector load_weights(const std::byte* p) { return _mm512_load_si512(p); }

  FIRTH_TARGET_VNNI static Vector add_products(Vector sum, Vector x, Vector w) {
    return _mm512_dpbusd_epi32(sum, x, w);
  }

  FIRTH_TARGET_VNNI static Vector broadcast(std::int32_t v) { return _mm512_set1_epi32(v); }

  FIRTH_TARGET_VNNI static void store(std::int32_t* p, Vector v) { _mm512_store_si512(p, v); }
};

// vdpbf16ps adds two products of bf16 to a float. The sums lie in the lanes of integer vectors, as
// everything here.
struct Bf16Dot {
  using Vector = __m512i;
  static constexpr std::size_t kMaxRows = 14, kLoadBytes = 64, kLanes = 16;

  FIRTH_TARGET_BF16 static Vector load_weights(const std::byte* p) { return _mm512_load_si512(p); }

  FIRTH_TARGET_BF16 static Vector add_products(Vector sum, Vector x, Vector w) {
    return _mm512_castps_si512(
        _mm512_dpbf16_ps(_mm512_castsi512_ps(sum), (__m512bh)x, (__m512bh)w));
  }

  FIRTH_TARGET_BF16 static Vector broadcast(std::int32_t v) { return _mm512_set1_epi32(v); }

  FIRTH_TARGET_BF16 static void store(std::int32_t* p, Vector v) { _mm512_store_si512(p, v); }
};

template <class Level>
struct Tile;

#define FIRTH_LEVEL Avx2
#define FIRTH_TARGET FIRTH_TARGET_AVX2
#include "firth/kernels/x86_int8_tile-inl.h"
#define FIRTH_LEVEL Avx512
#define FIRTH_TARGET FIRTH_TARGET_AVX512
#include "firth/kernels/x86_int8_tile-inl.h"
#define FIRTH_LEVEL Bf16Dot
#define FIRTH_TARGET FIRTH_TARGET_BF16
#include "firth/kernels/x86_int8_tile-inl.h"
#define FIRTH_LEVEL Vnni
#define FIRTH_TARGET FIRTH_TARGET_VNNI
#include "firth/kernels/x86_int8_tile-inl.h"

template <class Level, std::size_t... kIndex>
constexpr std::array<NarrowTileKernel, sizeof...(kIndex)> one_panel_kernels(
    std::index_sequence<kIndex...>) {
  return {&Tile<Level>::template add<kIndex + 1, 1>...};
}

template <class Level>
NarrowTileKernel kernel_for(std::size_t rows, std::size_t panels) {
  static constexpr auto kOnePanel =
      one_panel_kernels<Level>(std::make_index_sequence<Level::kMaxRows>());
  if (panels == 4) return &Tile<Level>::template add<1, 4>;
  if (panels == 2) return &Tile<Level>::template add<2, 2>;
  return kOnePanel[rows - 1];
}

template <class Level>
constexpr NarrowKernels kernels_of(NarrowInput input, std::size_t group) {
  return {.input = input,
          .panel_width = 2 * Level::kLanes,
          .group = group,
          .k_multiple = group,
          .max_rows = Level::kMaxRows,
          .max_panels = 4,
          .row_multiple = 1,
          .kernel = &kernel_for<Level>,
          .enter = nullptr,
          .leave = nullptr};
}

}  // namespace

const NarrowKernels& avx2_int8_kernels() {
  static constexpr NarrowKernels kKernels = kernels_of<Avx2>(NarrowInput::kInt16, 2);
  return kKernels;
}

const NarrowKernels& avx512_int8_kernels() {
  static constexpr NarrowKernels kKernels = kernels_of<Avx512>(NarrowInput::kInt16, 2);
  return kKernels;
}

const NarrowKernels& vnni_int8_kernels() {
  static constexpr NarrowKernels kKernels = kernels_of<Vnni>(NarrowInput::kUint8, 4);
  return kKernels;
}

const NarrowKernels& dot_bf16_kernels() {
  static constexpr NarrowKernels kKernels = kernels_of<Bf16Dot>(NarrowInput::kBF16, 2);
  return kKernels;
}

}  // namespace firth

#endif
