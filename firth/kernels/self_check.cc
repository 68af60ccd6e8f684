#include "firth/kernels/self_check.h"

#include <array>
#include <cmath>
#include <functional>
#include <utility>
#include <vector>

#include "firth/core/error.h"
#include "firth/core/random.h"
#include "firth/kernels/attention.h"
#include "firth/kernels/norm.h"
#include "firth/kernels/product.h"

namespace firth {
namespace {

Tensor random_matrix(std::size_t rows, std::size_t cols) {
  Tensor out(DType::kF32, Shape{rows, cols});
  Random random(rows * 1000 + cols);
  for (float& v : out.view<float>().span()) v = random.normal();
  return out;
}

// Uneven sizes, so that whole tiles, edges and leftovers are all met. Sums of `cols` products of
// numbers around 1 are brought back to that size, so that one tolerance fits every check.
Tensor run_product(Precision precision, std::size_t rows, std::size_t cols) {
  constexpr std::size_t kOutputs = 83;
  Tensor w = random_matrix(kOutputs, cols);
  for (float& v : w.view<float>().span()) v /= std::sqrt(static_cast<float>(cols));
  const Tensor x = random_matrix(rows, cols), bias = random_matrix(1, kOutputs);
  Tensor y = random_matrix(rows, kOutputs);
  packed_product(x.view<float>(), PackedWeight(std::as_const(w).view<float>(), precision),
                 {.bias = bias.view<float>().data(),
                  .activation = Activation::kGelu,
                  .residual = y.view<float>()},
                 y.view<float>());
  return y;
}

Tensor run_activation(Activation activation) {
  Tensor y = random_matrix(3, 77);
  for (float& v : y.view<float>().span()) v *= 4;
  activate(activation, y.view<float>().span(), y.view<float>().span());
  return y;
}

Tensor run_attention() {
  constexpr std::size_t kTokens = 53, kHeads = 2, kHeadDim = 24, kHidden = kHeads * kHeadDim;
  const Tensor qkv = random_matrix(kTokens, 3 * kHidden);
  constexpr std::array<std::int64_t, 3> kOffsets = {0, 14, kTokens};
  const float* q = qkv.view<float>().data();
  Tensor y(DType::kF32, Shape{kTokens, kHidden});
  Arena scratch;
  attention({.q = q,
             .k = q + kHidden,
             .v = q + 2 * kHidden,
             .q_stride = 3 * kHidden,
             .k_stride = 3 * kHidden,
             .v_stride = 3 * kHidden,
             .offsets = kOffsets,
             .num_heads = kHeads,
             .head_dim = kHeadDim,
             .scale = 0.2f},
            y.view<float>(), scratch);
  return y;
}

Tensor run_layer_norm() {
  Tensor y = random_matrix(5, 93);
  const Tensor weight = random_matrix(1, 93), bias = random_matrix(1, 93);
  layer_norm(std::as_const(y).view<float>(),
             {.weight = weight.view<float>().data(), .bias = bias.view<float>().data()},
             y.view<float>());
  return y;
}

struct Check {
  std::string name;
  std::function<Tensor()> run;
};

std::vector<Check> product_checks(std::initializer_list<std::size_t> row_counts,
                                  std::initializer_list<std::size_t> col_counts) {
  std::vector<Check> checks;
  for (const Precision precision : {Precision::kF32, Precision::kBF16, Precision::kInt8}) {
    for (const std::size_t rows : row_counts) {
      for (const std::size_t cols : col_counts) {
        checks.push_back({std::string(precision_name(precision)) + " product of " +
                              std::to_string(rows) + " rows of " + std::to_string(cols),
                          [=] { return run_product(precision, rows, cols); }});
      }
    }
  }
  return checks;
}

std::vector<Check> quick_checks() {
  return product_checks({1, 37}, {70});
}

std::vector<Check> all_checks() {
  std::vector<Check> checks = product_checks({1, 2, 14, 37}, {70, 1100});
  for (const Activation activation : {Activation::kGelu, Activation::kGeluTanh, Activation::kTanh,
                                      Activation::kSigmoid, Activation::kSilu}) {
    checks.push_back({"activation " + std::to_string(static_cast<int>(activation)),
                      [=] { return run_activation(activation); }});
  }
  checks.push_back({"attention", run_attention});
  checks.push_back({"layer norm", run_layer_norm});
  return checks;
}

bool agree(const Tensor& a, const Tensor& b) {
  const std::span<const float> x = a.view<float>().span(), y = b.view<float>().span();
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (!(std::abs(x[i] - y[i]) <= 2e-5f * (1 + std::abs(x[i])))) return false;
  }
  return true;
}

class LevelGuard {
 public:
  LevelGuard() : before_(cpu_level()) {}

  ~LevelGuard() { set_cpu_level(before_); }

  LevelGuard(const LevelGuard&) = delete;
  LevelGuard& operator=(const LevelGuard&) = delete;

 private:
  CpuLevel before_;
};

bool agrees_with_scalar(const std::vector<Check>& checks, CpuLevel level, std::string* what) {
  const LevelGuard guard;
  for (const Check& check : checks) {
    set_cpu_level(CpuLevel::kScalar);
    const Tensor expected = check.run();
    set_cpu_level(level);
    if (agree(expected, check.run())) continue;
    *what = check.name + " differs between scalar and " + std::string(cpu_level_name(level));
    return false;
  }
  return true;
}

}  // namespace

std::string lower_faulty_level(CpuLevel from) {
  std::string faults;
  for (CpuLevel level = cpu_level(); level >= from && level > CpuLevel::kScalar;) {
    std::string fault;
    if (agrees_with_scalar(quick_checks(), level, &fault)) break;
    faults += (faults.empty() ? "" : "; ") + fault;
    level = static_cast<CpuLevel>(static_cast<int>(level) - 1);
    set_cpu_level(level);
  }
  return faults;
}

bool kernels_self_test(CpuLevel level, std::string* what) {
  if (level > machine_cpu_level()) {
    fail(ErrorKind::kInvalidArgument, "kernels_self_test: level ", cpu_level_name(level),
         " is not on this machine, whose highest is ", cpu_level_name(machine_cpu_level()));
  }
  return agrees_with_scalar(all_checks(), level, what);
}

}  // namespace firth
