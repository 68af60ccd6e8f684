// Products with packed weights: y = epilogue(x * W^T), the one call that every linear layer stands
// on.
//
//   x: (rows, k) f32   W: (n, k), as checkpoints of linear layers store it   y: (rows, n) f32
//
// A weight is packed once for the CPU level in use. Each y[i, j] is summed over k in one fixed
// order, whatever the number of rows, the row's place among them, and the threads: so a row has the
// same bits alone and in any batch (at one CPU level and precision). One thread a call; callers
// split rows or columns, never k.
#pragma once

#include <cstddef>
#include <memory>

#include "firth/core/precision.h"
#include "firth/core/tensor.h"
#include "firth/kernels/activation.h"
#include "firth/kernels/int8_weight.h"

namespace firth {

class PackedWeight {
 public:
  PackedWeight() = default;
  PackedWeight(View<const float> weight, Precision precision);  // weight: (n, k)
  // Weights that are int8 already, with one scale a row (at most kMaxInt8Columns columns, else
  // unsupported) or a scale a block.
  explicit PackedWeight(const Int8Weight& weight);

  std::size_t n() const { return n_; }

  std::size_t k() const { return k_; }

  std::size_t bytes() const;

  // The columns of y lie in panels of a fixed number of columns; the last may be short.
  std::size_t num_panels() const;

  // The layout is the kernels' own business.
  struct Layout;

  const Layout& layout() const { return *layout_; }

 private:
  std::size_t n_ = 0;
  std::size_t k_ = 0;
  std::shared_ptr<const Layout> layout_;
};

// Applied in this order: y = activation(sum + bias) + residual.
struct Epilogue {
  const float* bias = nullptr;  // (n)
  Activation activation = Activation::kNone;
  View<const float> residual{};  // (rows, n) or empty; may be y itself
};

// Panels [first, last) of the columns of y: what one thread computes where a product with few rows
// is split over several. The bits are those of the whole product.
struct PanelRange {
  std::size_t first = 0;
  std::size_t last = 0;
};

void packed_product(View<const float> x, const PackedWeight& weight, const Epilogue& epilogue,
                    View<float> y);
void packed_product(View<const float> x, const PackedWeight& weight, const Epilogue& epilogue,
                    View<float> y, PanelRange panels);

}  // namespace firth
