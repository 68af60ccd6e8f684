#include "firth/kernels/context_update.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "firth/core/random.h"
#include "firth/core/tensor.h"
#include "firth/kernels/cpu_levels_for_test.h"

namespace firth {
namespace {

class ContextUpdateTest : public CpuLevelTest {};

// The formula, in double precision and with rows copied before anything is written.
double reference(std::vector<std::vector<double>>& x, std::vector<std::vector<double>>& w,
                 const std::vector<float>& labels, double rate) {
  const auto old_x = x, old_w = w;
  double loss = 0;
  for (std::size_t r = 0; r < x.size(); ++r) {
    for (std::size_t j = 0; j < w.size(); ++j) {
      double score = 0;
      for (std::size_t d = 0; d < x[r].size(); ++d) score += old_x[r][d] * old_w[j][d];
      const double error = double{labels[r * w.size() + j]} - 1 / (1 + std::exp(-score));
      loss -= std::log(1 - std::abs(error));
      for (std::size_t d = 0; d < x[r].size(); ++d) {
        x[r][d] += rate * error * old_w[j][d];
        w[j][d] += rate * error * old_x[r][d];
      }
    }
  }
  return loss;
}

TEST_P(ContextUpdateTest, EqualsTheFormulaForEveryNumberOfRows) {
  Random random(1);
  for (const std::size_t dim : {1u, 16u, 50u, 100u}) {
    const std::size_t row_size = padded_row(dim);
    for (std::size_t num_inputs = 1; num_inputs <= 11; ++num_inputs) {
      for (std::size_t num_outputs = 1; num_outputs <= kMaxOutputs; ++num_outputs) {
        Tensor inputs = Tensor::zeros<float>({num_inputs, row_size});
        Tensor outputs = Tensor::zeros<float>({num_outputs, row_size});
        std::vector<float*> x, w;
        std::vector<std::vector<double>> want_x, want_w;
        const auto fill = [&](Tensor& rows, std::vector<float*>& at, auto& want) {
          for (std::size_t r = 0; r < rows.shape()[0]; ++r) {
            const auto row = rows.view<float>().row(r);
            for (std::size_t d = 0; d < dim; ++d) row[d] = 0.3F * random.normal();
            at.push_back(row.data());
            want.emplace_back(row.begin(), row.end());
          }
        };
        fill(inputs, x, want_x);
        fill(outputs, w, want_w);
        std::vector<float> labels(num_inputs * num_outputs + kRowFloats);
        for (std::size_t i = 0; i < num_inputs * num_outputs; ++i)
          labels[i] = static_cast<float>(random.below(2));
        std::vector<float> scratch(num_inputs * num_outputs + 2 * kRowFloats);
        LossSum loss;
        context_update({.inputs = x,
                        .outputs = w,
                        .labels = labels.data(),
                        .row_size = row_size,
                        .rate = 0.1F},
                       scratch, loss);
        EXPECT_NEAR(loss.loss(), reference(want_x, want_w, labels, 0.1F), 1e-3);
        EXPECT_EQ(loss.count, num_inputs * num_outputs);
        for (std::size_t r = 0; r < num_inputs; ++r) {
          for (std::size_t d = 0; d < row_size; ++d) ASSERT_NEAR(x[r][d], want_x[r][d], 1e-5);
        }
        for (std::size_t j = 0; j < num_outputs; ++j) {
          for (std::size_t d = 0; d < row_size; ++d) ASSERT_NEAR(w[j][d], want_w[j][d], 1e-5);
        }
      }
    }
  }
}

TEST_P(ContextUpdateTest, ARowThatStandsTwiceGetsBothUpdates) {
  Tensor rows = Tensor::zeros<float>({2, kRowFloats});
  float* x = rows.view<float>().row(0).data();
  float* w = rows.view<float>().row(1).data();
  x[0] = w[0] = 1.0F;
  float* const inputs[] = {x, x};
  float* const outputs[] = {w, w};
  std::vector<float> labels(4 + kRowFloats), scratch(4 + 2 * kRowFloats);
  LossSum loss;
  context_update({.inputs = inputs,
                  .outputs = outputs,
                  .labels = labels.data(),
                  .row_size = kRowFloats,
                  .rate = 0.1F},
                 scratch, loss);
  const float g = -0.1F / (1.0F + std::exp(-1.0F));
  EXPECT_NEAR(x[0], 1.0F + 4 * g, 1e-6F);
  EXPECT_NEAR(w[0], 1.0F + 4 * g + 4 * g * g, 2e-2F);
  EXPECT_LT(w[0], 1.0F + 3 * g);
}

TEST_P(ContextUpdateTest, LossStaysExactOverMillionsOfPairs) {
  Tensor rows = Tensor::zeros<float>({2, kRowFloats});
  float* const inputs[] = {rows.view<float>().row(0).data()};
  float* const outputs[] = {rows.view<float>().row(1).data()};
  std::vector<float> labels(1 + kRowFloats), scratch(1 + 2 * kRowFloats);
  LossSum loss;
  for (int i = 0; i < 100000; ++i) {
    context_update({.inputs = inputs,
                    .outputs = outputs,
                    .labels = labels.data(),
                    .row_size = kRowFloats,
                    .rate = 0.0F},
                   scratch, loss);
  }
  EXPECT_NEAR(loss.loss() / 100000, std::log(2.0), 1e-6);
}

TEST_P(ContextUpdateTest, SumsAndChangesRowsOfATable) {
  constexpr std::size_t kSize = 7 * kRowFloats;
  Tensor table = Tensor::zeros<float>({5, kSize});
  Tensor out = Tensor::zeros<float>({2, kSize});
  for (std::size_t i = 0; i < table.size(); ++i)
    table.view<float>().data()[i] = static_cast<float>(i % 13);
  const std::uint32_t ids[] = {4, 1, 1};
  float* sum = out.view<float>().row(0).data();
  float* twice = out.view<float>().row(1).data();
  sum_rows(table.view<float>().data(), ids, kSize, 0.5F, sum);
  const Tensor before = table.clone();
  const auto rows = before.view<float>();
  for (std::size_t d = 0; d < kSize; ++d) {
    ASSERT_EQ(sum[d], 0.5F * (rows(4, d) + rows(1, d) + rows(1, d)));
    twice[d] = sum[d] + 2.0F;
  }
  add_change(sum, twice, 1.5F, kSize, ids, table.view<float>().data());
  for (std::size_t d = 0; d < kSize; ++d) {
    ASSERT_EQ(table.view<float>()(4, d), rows(4, d) + 3.0F);
    ASSERT_EQ(table.view<float>()(1, d), rows(1, d) + 6.0F);
    ASSERT_EQ(table.view<float>()(0, d), rows(0, d));
  }
}

FIRTH_INSTANTIATE_CPU_LEVELS(ContextUpdateTest);

}  // namespace
}  // namespace firth
