// What happens to a tile of finished sums on its way to y, while it is in the first-level cache:
// y = activation(sum + bias) + residual. Compiled for each target, as vector_math-inl.h.
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
  float* sums;
  std::size_t stride;
  std::size_t row, rows;
  std::size_t column, columns;
};

// One row, in place. `bias` and `residual` may be null; both hold `columns` values.
template <Activation kActivation>
HWY_INLINE void finish_row(float* HWY_RESTRICT sums, const float* HWY_RESTRICT bias,
                           const float* residual, std::size_t columns, float* y) {
  const hn::ScalableTag<float> d;
  const std::size_t lanes = hn::Lanes(d);
  for (std::size_t j = 0; j < columns; j += lanes) {
    auto v = hn::Load(d, sums + j);
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
    finish_row<kActivation>(tile.sums + i * tile.stride, bias,
                            e.residual.data() == nullptr ? nullptr : e.residual.data() + at,
                            tile.columns, call.y + at);
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
