// What happens to a tile of finished sums on its way to y, while it is in the first-level cache:
// y = activation(sum + bias) + residual, where integers are first scaled (product_narrow.cc).
// Compiled for each target, as vector_math-inl.h.
#if defined(FIRTH_KERNELS_TILE_EPILOGUE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef FIRTH_KERNELS_TILE_EPILOGUE_INL_H_
#undef FIRTH_KERNELS_TILE_EPILOGUE_INL_H_
#else
#define FIRTH_KERNELS_TILE_EPILOGUE_INL_H_
#endif

#include <algorithm>
#include <cstring>

#include "firth/kernels/activation-inl.h"
#include "firth/kernels/product_layout.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();

namespace firth::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// A tile: rows [row, row + rows) and columns [column, column + columns) of y, its sums row by row
// with `stride` floats between rows. stride and the sums' address are multiples of a vector;
// `columns` is not at the right edge of y.
struct Tile {
  const void* sums;  // floats, or 32-bit integers where there are row_scales
  std::size_t stride;
  std::size_t row, rows;
  std::size_t column, columns;
  const NarrowScale* row_scales = nullptr;  // (rows)
  const float* column_scales = nullptr;     // (columns, rounded up to whole vectors)
  const float* column_sums = nullptr;       // the same
};

// Sums of a row as they are.
struct PlainSums {
  const float* sums;

  template <class D>
  HWY_INLINE hn::Vec<D> load(D d, std::size_t j) const {
    return hn::Load(d, sums + j);
  }
};

// sum (x w) with x = low + scale * qx and w = column_scale * qw, of integer sums (qx qw).
struct IntegerSums {
  const std::int32_t* sums;
  NarrowScale row;
  const float* column_scales;
  const float* column_sums;

  template <class D>
  HWY_INLINE hn::Vec<D> load(D d, std::size_t j) const {
    const hn::RebindToSigned<D> di;
    const auto sum = hn::ConvertTo(d, hn::Load(di, sums + j));
    const auto scaled =
        hn::Mul(hn::Mul(sum, hn::Set(d, row.scale)), hn::Load(d, column_scales + j));
    return hn::MulAdd(hn::Set(d, row.low), hn::Load(d, column_sums + j), scaled);
  }
};

// One row. `bias` and `residual` may be null; both hold `columns` values.
template <Activation kActivation, class Sums>
HWY_INLINE void finish_row(const Sums& sums, const float* HWY_RESTRICT bias, const float* residual,
                           std::size_t columns, float* y) {
  const hn::ScalableTag<float> d;
  const std::size_t lanes = hn::Lanes(d);
  for (std::size_t j = 0; j < columns; j += lanes) {
    auto v = sums.load(d, j);
    if (j + lanes <= columns) {
      if (bias != nullptr) v = hn::Add(v, hn::LoadU(d, bias + j));
      v = activated<kActivation>(d, v);
      if (residual != nullptr) v = hn::Add(v, hn::LoadU(d, residual + j));
      hn::StoreU(v, d, y + j);
      continue;
    }
    // The right edge: the same arithmetic on a padded vector.
    const std::size_t bytes = (columns - j) * sizeof(float);
    HWY_ALIGN float edge[HWY_MAX_BYTES / sizeof(float)] = {};
    if (bias != nullptr) {
      std::memcpy(edge, bias + j, bytes);
      v = hn::Add(v, hn::Load(d, edge));
    }
    v = activated<kActivation>(d, v);
    if (residual != nullptr) {
      std::memcpy(edge, residual + j, bytes);
      v = hn::Add(v, hn::Load(d, edge));
    }
    hn::Store(v, d, edge);
    std::memcpy(y + j, edge, bytes);
  }
}

template <Activation kActivation>
void finish_rows(const Tile& tile, const ProductCall& call) {
  const std::size_t n = call.weight->n;
  const Epilogue& e = *call.epilogue;
  const float* bias = e.bias == nullptr ? nullptr : e.bias + tile.column;
  for (std::size_t i = 0; i < tile.rows; ++i) {
    const std::size_t at = (tile.row + i) * n + tile.column;
    const float* residual = e.residual.data() == nullptr ? nullptr : e.residual.data() + at;
    if (tile.row_scales == nullptr) {
      const PlainSums sums{static_cast<const float*>(tile.sums) + i * tile.stride};
      finish_row<kActivation>(sums, bias, residual, tile.columns, call.y + at);
    } else {
      const IntegerSums sums{static_cast<const std::int32_t*>(tile.sums) + i * tile.stride,
                             tile.row_scales[i], tile.column_scales, tile.column_sums};
      finish_row<kActivation>(sums, bias, residual, tile.columns, call.y + at);
    }
  }
}

inline void finish_tile(const Tile& tile, const ProductCall& call) {
  switch (call.epilogue->activation) {
    case Activation::kNone:
      return finish_rows<Activation::kNone>(tile, call);
    case Activation::kGelu:
      return finish_rows<Activation::kGelu>(tile, call);
    case Activation::kGeluTanh:
      return finish_rows<Activation::kGeluTanh>(tile, call);
    case Activation::kRelu:
      return finish_rows<Activation::kRelu>(tile, call);
    case Activation::kTanh:
      return finish_rows<Activation::kTanh>(tile, call);
    case Activation::kSigmoid:
      return finish_rows<Activation::kSigmoid>(tile, call);
    case Activation::kSilu:
      return finish_rows<Activation::kSilu>(tile, call);
  }
}

}  // namespace firth::HWY_NAMESPACE

HWY_AFTER_NAMESPACE();

#endif  // FIRTH_KERNELS_TILE_EPILOGUE_INL_H_
