// fastText's own way to learn labels: stochastic gradient descent, a text at a time, with softmax,
// negative sampling, hierarchical softmax or a logistic regression for each label. The learning
// rate falls to zero. With several threads runs differ in their last digits (Hogwild).
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "firth/words/fasttext_classifier.h"

namespace firth {

// rows and labels: of each text. parts: dictionary and arguments; the tables are made here.
std::shared_ptr<const FastTextModel> train_fasttext_sgd(
    FastTextParts parts, const std::vector<std::vector<std::uint32_t>>& rows,
    const std::vector<std::vector<std::uint32_t>>& labels, std::size_t num_rows,
    const FastTextClassifierOptions& options, ThreadPool& pool,
    const std::function<void(double)>& progress);

}  // namespace firth
