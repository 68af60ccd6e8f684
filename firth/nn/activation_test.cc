// Values of torch 2.13 (float64, rounded) at a few points, and what a linear layer makes of them.
#include "firth/nn/activation.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "firth/core/workspace.h"
#include "firth/nn/linear.h"

namespace firth {
namespace {

struct Case {
  const char* name;
  ActivationFunction::Scalar function;
  float expected[4];  // at kPoints
};

constexpr float kPoints[4] = {-2.5F, -0.5F, 0.75F, 12};

const Case kCases[] = {
    {"clipped_gelu", clipped_gelu, {-0.0155241633F, -0.154268769F, 0.580029486F, 10.0F}},
    {"quick_gelu", quick_gelu, {-0.034986165F, -0.149611563F, 0.586390058F, 12.0F}},
    {"laplace", laplace, {0.0F, 9.38338117e-06F, 0.560426887F, 1.0F}},
    {"sqrt_softplus", sqrt_softplus, {0.280873164F, 0.688532486F, 1.06624153F, 3.4641025F}},
    {"relu6", relu6, {0.0F, 0.0F, 0.75F, 6.0F}},
    {"relu_squared", relu_squared, {0.0F, 0.0F, 0.5625F, 144.0F}},
    {"leaky_relu", leaky_relu, {-0.025F, -0.005F, 0.75F, 12.0F}},
    {"elu", elu, {-0.917915001F, -0.39346934F, 0.75F, 12.0F}},
    {"selu", selu, {-1.61378576F, -0.691758188F, 0.788025741F, 12.6084118F}},
    {"softplus", softplus, {0.0788897343F, 0.474076984F, 1.13687101F, 12.0000061F}},
    {"softsign", softsign, {-0.714285714F, -0.333333333F, 0.428571429F, 0.923076923F}},
    {"mish", mish, {-0.196816204F, -0.220743775F, 0.610018335F, 12.0F}},
    {"hardtanh", hardtanh, {-1.0F, -0.5F, 0.75F, 1.0F}},
    {"hardswish", hardswish, {-0.208333333F, -0.208333333F, 0.46875F, 12.0F}},
    {"hardsigmoid", hardsigmoid, {0.0833333333F, 0.416666667F, 0.625F, 1.0F}},
    {"log_sigmoid", log_sigmoid, {-2.57888973F, -0.974076984F, -0.386871006F, -6.14419348e-06F}},
    {"tanhshrink", tanhshrink, {-1.5133857F, -0.0378828427F, 0.114851048F, 11.0F}},
};

TEST(ActivationFunction, ValuesAreTheReferences) {
  for (const Case& c : kCases) {
    for (int i = 0; i < 4; ++i)
      EXPECT_NEAR(c.function(kPoints[i]), c.expected[i], 1e-6F * (1 + std::abs(c.expected[i])))
          << c.name << " of " << kPoints[i];
  }
}

TEST(ActivationFunction, FarAwayNumbersStayNumbers) {
  for (const Case& c : kCases) {
    for (const float x : {-1e30F, -1000.0F, 0.0F, 1000.0F, 1e15F})
      EXPECT_TRUE(std::isfinite(c.function(x))) << c.name << " of " << x;
  }
}

TEST(ActivationFunction, ComesBeforeTheResidual) {
  const std::vector<float> identity = {1, 0, 0, 1};
  const Linear layer({identity.data(), Shape{2, 2}}, Tensor(), Precision::kF32);
  std::vector<float> x = {-1, 8};
  std::vector<float> residual = {10, 20};
  Arena arena;
  Pass pass(arena);
  const Var sum{.value = {residual.data(), Shape{1, 2}}};
  const Var y = linear(pass, layer, {.value = {x.data(), Shape{1, 2}}},
                       {.activation = relu6, .residual = sum, .reuse = sum});
  EXPECT_EQ(y.value(0, 0), 10);
  EXPECT_EQ(y.value(0, 1), 26);
}

}  // namespace
}  // namespace firth
