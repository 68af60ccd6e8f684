// Activations against double precision at every level of the machine: error bounds, special
// values, and a result that does not depend on the place.
#include "firth/kernels/activation.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "firth/kernels/cpu_levels_for_test.h"

namespace firth {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();

class ActivationTest : public CpuLevelTest {};

FIRTH_INSTANTIATE_CPU_LEVELS(ActivationTest);

std::vector<float> apply(Activation activation, std::vector<float> x) {
  activate(activation, x, x);
  return x;
}

std::vector<float> grid(float low, float high, int count) {
  std::vector<float> x;
  for (int i = 0; i < count; ++i) {
    x.push_back(low + (high - low) * static_cast<float>(i) / static_cast<float>(count - 1));
  }
  return x;
}

struct Case {
  Activation activation;
  double (*exact)(double);
  double absolute, relative;  // the error may be their sum, the second times |exact|
};

const Case kCases[] = {
    {Activation::kGelu, [](double x) { return x * 0.5 * std::erfc(-x / std::sqrt(2.0)); }, 1e-7,
     1.2e-7},
    {Activation::kGeluTanh,
     [](double x) {
       return x * 0.5 * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)));
     },
     1e-7, 4e-7},
    {Activation::kRelu, [](double x) { return x < 0 ? 0 : x; }, 0, 0},
    {Activation::kTanh, [](double x) { return std::tanh(x); }, 0, 3e-7},
    {Activation::kSigmoid, [](double x) { return 1 / (1 + std::exp(-x)); }, 1e-37, 4e-7},
    {Activation::kSilu, [](double x) { return x / (1 + std::exp(-x)); }, 1e-35, 4e-7},
};

TEST_P(ActivationTest, IsWithinItsErrorBound) {
  for (const Case& c : kCases) {
    for (const auto& x :
         {grid(-12, 12, 200001), grid(-0.01f, 0.01f, 20001), grid(-100, 100, 20001)}) {
      const std::vector<float> y = apply(c.activation, x);
      for (std::size_t i = 0; i < x.size(); ++i) {
        const double exact = c.exact(x[i]);
        ASSERT_NEAR(y[i], exact, c.absolute + c.relative * std::abs(exact))
            << "activation " << static_cast<int>(c.activation) << " of " << x[i];
      }
    }
  }
}

TEST_P(ActivationTest, KeepsNanAndHasItsLimitsAtInfinity) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> x = {nan, kInf, -kInf, 1e30f, -1e30f};

  const struct {
    Activation activation;
    float at_minus_infinity, at_infinity, at_large;
  } limits[] = {{Activation::kGelu, 0, kInf, 1e30f},
                {Activation::kGeluTanh, 0, kInf, 1e30f},
                {Activation::kRelu, 0, kInf, 1e30f},
                {Activation::kTanh, -1, 1, 1},
                {Activation::kSigmoid, 0, 1, 1}};

  for (const auto& limit : limits) {
    const std::vector<float> y = apply(limit.activation, x);
    SCOPED_TRACE(static_cast<int>(limit.activation));
    EXPECT_TRUE(std::isnan(y[0]));
    EXPECT_EQ(y[1], limit.at_infinity);
    EXPECT_NEAR(y[2], limit.at_minus_infinity, 1e-13);
    EXPECT_EQ(y[3], limit.at_large);
    EXPECT_NEAR(y[4], limit.at_minus_infinity, 1e-13);
  }
}

TEST_P(ActivationTest, DoesNotDependOnThePlace) {
  for (const Case& c : kCases) {
    for (std::size_t size = 0; size < 40; ++size) {
      const std::vector<float> x = grid(-3, 3, 40);
      std::vector<float> y(size);
      activate(c.activation, std::span(x).first(size), y);
      for (std::size_t i = 0; i < size; ++i) EXPECT_EQ(y[i], apply(c.activation, {x[i]})[0]);
    }
  }
}

TEST_P(ActivationTest, GatedIsTheActivationOfOneHalfTimesTheOther) {
  for (std::size_t n = 1; n <= 70; ++n) {
    Tensor x = Tensor::zeros<float>(Shape{2, 2 * n}), y = Tensor::zeros<float>(Shape{2, n});
    for (std::size_t i = 0; i < x.size(); ++i)
      x.view<float>().span()[i] = std::sin(static_cast<float>(i * i)) * 3;
    for (const Activation activation : {Activation::kGelu, Activation::kSilu, Activation::kNone}) {
      activate_gated(activation, x.view<float>(), GateHalf::kFirst, y.view<float>());
      for (std::size_t row = 0; row < 2; ++row) {
        const auto in = x.view<float>().row(row);
        const auto first = apply(activation, {in.begin(), in.begin() + std::ptrdiff_t(n)});
        for (std::size_t i = 0; i < n; ++i)
          ASSERT_EQ(y.view<float>()(row, i), first[i] * in[n + i]) << n << ", " << i;
      }
      activate_gated(activation, x.view<float>(), GateHalf::kSecond, y.view<float>());
      for (std::size_t row = 0; row < 2; ++row) {
        const auto in = x.view<float>().row(row);
        const auto second = apply(activation, {in.begin() + std::ptrdiff_t(n), in.end()});
        for (std::size_t i = 0; i < n; ++i)
          ASSERT_EQ(y.view<float>()(row, i), second[i] * in[i]) << n << ", " << i;
      }
    }
  }
}

}  // namespace
}  // namespace firth
