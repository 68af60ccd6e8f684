#include "firth/words/linear_svm.h"

#include <algorithm>
#include <cmath>

#include "firth/core/random.h"

namespace firth {

void train_linear_svm(const SparseRows& x, std::span<const std::uint32_t> rows,
                      const std::vector<bool>& positive, const LinearSvmOptions& options,
                      std::span<float> weights) {
  Random random(options.seed);
  std::vector<std::uint32_t> order(rows.begin(), rows.end());
  std::vector<double> alpha(x.num_rows());
  const double diagonal = 0.5 / options.c;
  double first_violation = 0;
  for (int round = 0; round < options.max_rounds; ++round) {
    for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
    double largest = 0;
    for (const std::uint32_t row : order) {
      const double y = positive[row] ? 1 : -1;
      double product = 0, square = diagonal;
      for (std::size_t i = x.offsets[row]; i < x.offsets[row + 1]; ++i) {
        product += double{weights[x.columns[i]]} * double{x.values[i]};
        square += double{x.values[i]} * double{x.values[i]};
      }
      const double gradient = y * product - 1 + diagonal * alpha[row];
      const double projected = alpha[row] > 0 ? gradient : std::min(gradient, 0.0);
      if (projected == 0) continue;
      largest = std::max(largest, std::abs(projected));
      const double before = alpha[row];
      alpha[row] = std::max(before - gradient / square, 0.0);
      const auto step = static_cast<float>((alpha[row] - before) * y);
      for (std::size_t i = x.offsets[row]; i < x.offsets[row + 1]; ++i)
        weights[x.columns[i]] += step * x.values[i];
    }
    if (round == 0) first_violation = largest;
    if (largest <= options.tolerance * first_violation) return;
  }
}

}  // namespace firth
