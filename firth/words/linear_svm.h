// A linear support vector machine for one label against the others: squared hinge loss and the
// square of the weights, in the dual, a coordinate at a time (Hsieh, Chang, Lin, Keerthi,
// Sundararajan 2008, "A dual coordinate descent method for large-scale linear SVM", algorithm 1;
// LIBLINEAR's default).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace firth {

// Rows of a sparse matrix.
struct SparseRows {
  std::vector<std::size_t> offsets = {0};
  std::vector<std::uint32_t> columns;
  std::vector<float> values;

  std::size_t num_rows() const { return offsets.size() - 1; }
};

struct LinearSvmOptions {
  double c = 1;
  int max_rounds = 60;
  double tolerance = 0.05;  // of the largest violation, as a share of the first round's
  std::uint64_t seed = 1;
};

// positive: (rows); weights: (columns), from zero. `rows` names those to learn from.
void train_linear_svm(const SparseRows& x, std::span<const std::uint32_t> rows,
                      const std::vector<bool>& positive, const LinearSvmOptions& options,
                      std::span<float> weights);

}  // namespace firth
