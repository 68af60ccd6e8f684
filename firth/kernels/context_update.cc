// Two passes over the rows: first the scores, two inputs against all outputs at a time, then both
// updates together. Rows have no remainder, so no masks stand in the loops.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "firth/kernels/context_update.cc"
#include "firth/kernels/simd.h"
// Highway's headers come after.
#include <algorithm>
#include <cmath>

#include "firth/kernels/context_update.h"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
// Compiled anew for each target.
#include "firth/kernels/vector_math-inl.h"

HWY_BEFORE_NAMESPACE();

namespace firth::HWY_NAMESPACE {

#if HWY_TARGET & (HWY_SCALAR | HWY_EMU128)

void run_context_update(const ContextUpdate& u, float* scratch, LossSum& loss) {
  const std::size_t num_inputs = u.inputs.size(), num_outputs = u.outputs.size();
  for (std::size_t r = 0; r < num_inputs; ++r) {
    for (std::size_t j = 0; j < num_outputs; ++j) {
      float score = 0.0F;
      for (std::size_t d = 0; d < u.row_size; ++d) score += u.inputs[r][d] * u.outputs[j][d];
      const std::size_t pair = r * num_outputs + j;
      const float error = u.labels[pair] - 1.0F / (1.0F + std::exp(-score));
      scratch[pair] = u.rate * error;
      const float right = std::max(1.0F - std::abs(error), 1e-7F);
      int exponent = 0;
      const std::size_t lane = pair % kRowFloats;
      loss.mantissas[lane] = std::frexp(loss.mantissas[lane] * right, &exponent);
      loss.exponents[lane] += exponent;
    }
  }
  for (std::size_t d = 0; d < u.row_size; ++d) {
    float outputs[kMaxOutputs], changes[kMaxOutputs] = {};
    for (std::size_t j = 0; j < num_outputs; ++j) outputs[j] = u.outputs[j][d];
    for (std::size_t r = 0; r < num_inputs; ++r) {
      const float x = u.inputs[r][d];
      float sum = x;
      for (std::size_t j = 0; j < num_outputs; ++j) {
        sum += scratch[r * num_outputs + j] * outputs[j];
        changes[j] += scratch[r * num_outputs + j] * x;
      }
      u.inputs[r][d] = sum;
    }
    for (std::size_t j = 0; j < num_outputs; ++j) u.outputs[j][d] += changes[j];
  }
}

void run_sum_rows(const float* table, const std::uint32_t* ids, std::size_t n, std::size_t row_size,
                  float scale, float* out) {
  for (std::size_t d = 0; d < row_size; ++d) {
    float sum = 0.0F;
    for (std::size_t i = 0; i < n; ++i) sum += table[ids[i] * row_size + d];
    out[d] = scale * sum;
  }
}

void run_add_change(const float* from, const float* to, float scale, std::size_t row_size,
                    const std::uint32_t* ids, std::size_t n, float* table) {
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t d = 0; d < row_size; ++d)
      table[ids[i] * row_size + d] += scale * (to[d] - from[d]);
  }
}

#else

namespace {

using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;

constexpr D kD;
constexpr std::size_t kLanes = hn::MaxLanes(D());

// Sums of the four lanes of each 128-bit block's column, folded over the blocks.
template <class DV, class VV = hn::Vec<DV>>
HWY_INLINE void store_folded(DV d, VV v, float* out) {
  if constexpr (hn::MaxLanes(DV()) <= 4) {
    hn::StoreU(v, d, out);
  } else {
    const hn::Half<DV> half;
    store_folded(half, hn::Add(hn::LowerHalf(half, v), hn::UpperHalf(half, v)), out);
  }
}

// out[i] = the sum of v_i's lanes.
HWY_INLINE void store_sums(V v0, V v1, V v2, V v3, float* out) {
  const V a = hn::Add(hn::InterleaveLower(kD, v0, v2), hn::InterleaveUpper(kD, v0, v2));
  const V b = hn::Add(hn::InterleaveLower(kD, v1, v3), hn::InterleaveUpper(kD, v1, v3));
  store_folded(kD, hn::Add(hn::InterleaveLower(kD, a, b), hn::InterleaveUpper(kD, a, b)), out);
}

// Scores of R (1 or 2) inputs and J outputs, R J of them, and up to three more floats.
template <int R, int J>
HWY_INLINE void score_rows(float* const* x, float* const* w, std::size_t n, float* out) {
  constexpr int kSums = (R * J + 3) / 4 * 4;
  V sums[kSums];
  for (int i = 0; i < kSums; ++i) sums[i] = hn::Zero(kD);
  for (std::size_t d = 0; d < n; d += kLanes) {
    V in[R];
    for (int r = 0; r < R; ++r) in[r] = hn::Load(kD, x[r] + d);
    for (int j = 0; j < J; ++j) {
      const V out_row = hn::Load(kD, w[j] + d);
      for (int r = 0; r < R; ++r) sums[r * J + j] = hn::MulAdd(in[r], out_row, sums[r * J + j]);
    }
  }
  for (int i = 0; i < kSums; i += 4)
    store_sums(sums[i], sums[i + 1], sums[i + 2], sums[i + 3], out + i);
}

// Scores become rate * (label - p); the loss grows.
HWY_INLINE void errors_of(float* scores, const float* labels, std::size_t n, float rate,
                          LossSum& loss) {
  const hn::RebindToSigned<D> di;
  const V one = hn::Set(kD, 1.0F);
  for (std::size_t i = 0; i < n; i += kLanes) {
    const V error = hn::Sub(hn::LoadU(kD, labels + i), sigmoid(kD, hn::LoadU(kD, scores + i)));
    hn::StoreU(hn::Mul(error, hn::Set(kD, rate)), kD, scores + i);
    V right = hn::Max(hn::Sub(one, hn::Abs(error)), hn::Set(kD, 1e-7F));
    right = hn::IfThenElse(hn::FirstN(kD, n - i), right, one);
    const std::size_t lane = i % kRowFloats;
    const V product = hn::Mul(hn::LoadU(kD, loss.mantissas.data() + lane), right);
    // product = 2^(e - 127) m: the exponent is added up, the mantissa in [1, 2) kept.
    const auto bits = hn::BitCast(di, product);
    const auto exponent = hn::Sub(hn::ShiftRight<23>(bits), hn::Set(di, 127));
    const auto mantissa = hn::Or(hn::And(bits, hn::Set(di, 0x007FFFFF)), hn::Set(di, 0x3F800000));
    hn::StoreU(hn::BitCast(kD, mantissa), kD, loss.mantissas.data() + lane);
    hn::StoreU(hn::Add(hn::LoadU(di, loss.exponents.data() + lane), exponent), di,
               loss.exponents.data() + lane);
  }
}

template <int J>
HWY_INLINE void update_rows(const ContextUpdate& u, const float* g) {
  float* const* x = u.inputs.data();
  float* const* w = u.outputs.data();
  const std::size_t num_inputs = u.inputs.size();
  for (std::size_t d = 0; d < u.row_size; d += kLanes) {
    V rows[J], changes[J];
    for (int j = 0; j < J; ++j) {
      rows[j] = hn::Load(kD, w[j] + d);
      changes[j] = hn::Zero(kD);
    }
    for (std::size_t r = 0; r < num_inputs; ++r) {
      const V before = hn::Load(kD, x[r] + d);
      V after = before;
      for (int j = 0; j < J; ++j) {
        const V factor = hn::Set(kD, g[r * J + static_cast<std::size_t>(j)]);
        after = hn::MulAdd(factor, rows[j], after);
        changes[j] = hn::MulAdd(factor, before, changes[j]);
      }
      hn::Store(after, kD, x[r] + d);
    }
    // Loaded anew: the same row may stand twice among the outputs.
    for (int j = 0; j < J; ++j)
      hn::Store(hn::Add(hn::Load(kD, w[j] + d), changes[j]), kD, w[j] + d);
  }
}

template <int J>
void update_outputs(const ContextUpdate& u, float* scratch, LossSum& loss) {
  const std::size_t num_inputs = u.inputs.size();
  std::size_t r = 0;
  for (; r + 2 <= num_inputs; r += 2) {
    score_rows<2, J>(u.inputs.data() + r, u.outputs.data(), u.row_size, scratch + r * J);
  }
  if (r < num_inputs)
    score_rows<1, J>(u.inputs.data() + r, u.outputs.data(), u.row_size, scratch + r * J);
  errors_of(scratch, u.labels, num_inputs * J, u.rate, loss);
  update_rows<J>(u, scratch);
}

}  // namespace

void run_context_update(const ContextUpdate& u, float* scratch, LossSum& loss) {
  switch (u.outputs.size()) {
    case 1:
      return update_outputs<1>(u, scratch, loss);
    case 2:
      return update_outputs<2>(u, scratch, loss);
    case 3:
      return update_outputs<3>(u, scratch, loss);
    case 4:
      return update_outputs<4>(u, scratch, loss);
    case 5:
      return update_outputs<5>(u, scratch, loss);
    case 6:
      return update_outputs<6>(u, scratch, loss);
    default:
      return;
  }
}

void run_sum_rows(const float* table, const std::uint32_t* ids, std::size_t n, std::size_t row_size,
                  float scale, float* out) {
  const V factor = hn::Set(kD, scale);
  std::size_t d = 0;
  // Four vectors of a row at a time: a cache line is fetched once, and additions do not wait.
  for (; d + 4 * kLanes <= row_size; d += 4 * kLanes) {
    V s0 = hn::Zero(kD), s1 = s0, s2 = s0, s3 = s0;
    for (std::size_t i = 0; i < n; ++i) {
      const float* row = table + ids[i] * row_size + d;
      s0 = hn::Add(s0, hn::Load(kD, row));
      s1 = hn::Add(s1, hn::Load(kD, row + kLanes));
      s2 = hn::Add(s2, hn::Load(kD, row + 2 * kLanes));
      s3 = hn::Add(s3, hn::Load(kD, row + 3 * kLanes));
    }
    hn::Store(hn::Mul(s0, factor), kD, out + d);
    hn::Store(hn::Mul(s1, factor), kD, out + d + kLanes);
    hn::Store(hn::Mul(s2, factor), kD, out + d + 2 * kLanes);
    hn::Store(hn::Mul(s3, factor), kD, out + d + 3 * kLanes);
  }
  for (; d < row_size; d += kLanes) {
    V sum = hn::Zero(kD);
    for (std::size_t i = 0; i < n; ++i)
      sum = hn::Add(sum, hn::Load(kD, table + ids[i] * row_size + d));
    hn::Store(hn::Mul(sum, factor), kD, out + d);
  }
}

void run_add_change(const float* from, const float* to, float scale, std::size_t row_size,
                    const std::uint32_t* ids, std::size_t n, float* table) {
  const V factor = hn::Set(kD, scale);
  for (std::size_t i = 0; i < n; ++i) {
    float* row = table + ids[i] * row_size;
    for (std::size_t d = 0; d < row_size; d += kLanes) {
      const V change = hn::Sub(hn::Load(kD, to + d), hn::Load(kD, from + d));
      hn::Store(hn::MulAdd(change, factor, hn::Load(kD, row + d)), kD, row + d);
    }
  }
}

#endif

}  // namespace firth::HWY_NAMESPACE

HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace firth {

double LossSum::loss() const {
  double sum = 0;
  for (std::size_t i = 0; i < kRowFloats; ++i)
    sum += std::log(double{mantissas[i]}) + exponents[i] * 0.69314718055994531;
  return -sum;
}

void context_update(const ContextUpdate& update, std::span<float> scratch, LossSum& loss) {
  FIRTH_DISPATCH(run_context_update)(update, scratch.data(), loss);
  loss.count += update.inputs.size() * update.outputs.size();
}

void sum_rows(const float* table, std::span<const std::uint32_t> ids, std::size_t row_size,
              float scale, float* out) {
  FIRTH_DISPATCH(run_sum_rows)(table, ids.data(), ids.size(), row_size, scale, out);
}

void add_change(const float* from, const float* to, float scale, std::size_t row_size,
                std::span<const std::uint32_t> ids, float* table) {
  FIRTH_DISPATCH(run_add_change)(from, to, scale, row_size, ids.data(), ids.size(), table);
}

}  // namespace firth
#endif
