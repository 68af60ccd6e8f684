#include "firth/words/fasttext_sgd.h"

#include <algorithm>
#include <cmath>

#include "firth/core/error.h"
#include "firth/kernels/vector.h"
#include "firth/words/word_sampler.h"

namespace firth {
namespace {

constexpr std::size_t kTextsAPiece = 64;

struct Scratch {
  std::vector<float> hidden, gradient, scores;
};

class SgdTrainer {
 public:
  SgdTrainer(const FastTextParts& parts, std::size_t num_rows,
             const FastTextClassifierOptions& options)
      : options_(options), loss_(*options.loss), num_labels_(parts.labels.size()) {
    const std::size_t dim = options.dim;
    input_ = std::make_shared<Tensor>(Tensor::zeros<float>({num_rows, dim}));
    output_ = std::make_shared<Tensor>(Tensor::zeros<float>({num_labels_, dim}));
    DrawStream random(options.seed, 0);
    for (float& x : input_->view<float>().span())
      x = (static_cast<float>(random.bits() >> 8) / 8388608.0F - 1) / static_cast<float>(dim);
    if (loss_ == FastTextLoss::kNegativeSampling) sampler_.emplace(parts.label_counts, 0.5);
    if (loss_ == FastTextLoss::kHierarchicalSoftmax) tree_.emplace(parts.label_counts);
  }

  void step(const std::vector<std::uint32_t>& rows, const std::vector<std::uint32_t>& labels,
            float rate, DrawStream& random, Scratch& s) const {
    if (rows.empty() || labels.empty()) return;
    const View<float> input = input_->view<float>();
    s.hidden.assign(options_.dim, 0.0F);
    s.gradient.assign(options_.dim, 0.0F);
    for (const std::uint32_t row : rows) axpy(1.0F, input.row(row), s.hidden);
    divide(static_cast<float>(rows.size()), s.hidden);
    learn(labels, rate, random, s);
    for (const std::uint32_t row : rows)
      axpy(1.0F / static_cast<float>(rows.size()), s.gradient, input.row(row));
  }

  const std::shared_ptr<Tensor>& input() const { return input_; }

  const std::shared_ptr<Tensor>& output() const { return output_; }

 private:
  // One output row's logistic regression.
  void logistic(std::size_t row, bool label, float rate, Scratch& s) const {
    const auto w = output_->view<float>().row(row);
    const float p = 1.0F / (1.0F + std::exp(-dot(w, s.hidden)));
    const float g = rate * ((label ? 1.0F : 0.0F) - p);
    axpy(g, w, s.gradient);
    axpy(g, s.hidden, w);
  }

  void softmax(std::uint32_t target, float rate, Scratch& s) const {
    const View<float> output = output_->view<float>();
    s.scores.resize(num_labels_);
    for (std::size_t i = 0; i < num_labels_; ++i) s.scores[i] = dot(output.row(i), s.hidden);
    const float largest = *std::ranges::max_element(s.scores);
    float sum = 0;
    for (float& score : s.scores) sum += score = std::exp(score - largest);
    for (std::size_t i = 0; i < num_labels_; ++i) {
      const float g = rate * ((i == target ? 1.0F : 0.0F) - s.scores[i] / sum);
      axpy(g, output.row(i), s.gradient);
      axpy(g, s.hidden, output.row(i));
    }
  }

  // All labels at once for ova, else one of them, drawn, as fastText does it.
  void learn(const std::vector<std::uint32_t>& labels, float rate, DrawStream& random,
             Scratch& s) const {
    if (loss_ == FastTextLoss::kOneVsAll) {
      for (std::size_t i = 0; i < num_labels_; ++i)
        logistic(i, std::ranges::find(labels, i) != labels.end(), rate, s);
      return;
    }
    const std::uint32_t target = labels[random.below(static_cast<std::uint32_t>(labels.size()))];
    if (loss_ == FastTextLoss::kSoftmax) return softmax(target, rate, s);
    if (tree_) {
      const HuffmanTree::Path path = tree_->path(target);
      for (std::size_t i = 0; i < path.nodes.size(); ++i)
        logistic(path.nodes[i], path.codes[i] != 0, rate, s);
      return;
    }
    logistic(target, true, rate, s);
    for (std::size_t i = 0; i < options_.negative && num_labels_ > 1; ++i) {
      std::uint32_t other = target;
      while (other == target) other = sampler_->draw(random);
      logistic(other, false, rate, s);
    }
  }

  const FastTextClassifierOptions& options_;
  FastTextLoss loss_;
  std::size_t num_labels_;
  std::shared_ptr<Tensor> input_;
  std::shared_ptr<Tensor> output_;
  std::optional<WordSampler> sampler_;
  std::optional<HuffmanTree> tree_;
};

}  // namespace

std::shared_ptr<const FastTextModel> train_fasttext_sgd(
    FastTextParts parts, const std::vector<std::vector<std::uint32_t>>& rows,
    const std::vector<std::vector<std::uint32_t>>& labels, std::size_t num_rows,
    const FastTextClassifierOptions& options, ThreadPool& pool,
    const std::function<void(double)>& progress) {
  if (options.dim == 0 || options.epochs == 0 || !(options.lr > 0) || !(options.lr <= 100)) {
    fail(ErrorKind::kInvalidArgument, "dim, epochs, lr: expected at least 1, at least 1 and 0 to ",
         "100, found ", options.dim, ", ", options.epochs, " and ", options.lr);
  }
  SgdTrainer trainer(parts, num_rows, options);
  std::vector<Scratch> scratch(pool.num_threads());
  // Texts in another order each epoch, so that a set sorted by its labels is no harder.
  std::vector<std::uint32_t> order(rows.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<std::uint32_t>(i);
  for (std::size_t epoch = 0; epoch < options.epochs; ++epoch) {
    DrawStream shuffle(options.seed, ~std::uint64_t{epoch});
    for (std::size_t i = order.size(); i > 1; --i)
      std::swap(order[i - 1], order[shuffle.below(static_cast<std::uint32_t>(i))]);
    pool.parallel_for(
        rows.size(), kTextsAPiece, [&](std::size_t begin, std::size_t end, std::size_t worker) {
          DrawStream random(options.seed, 1 + epoch * rows.size() + begin);
          const double done = static_cast<double>(epoch) +
                              static_cast<double>(begin) / static_cast<double>(rows.size());
          const auto rate =
              static_cast<float>(options.lr * (1 - done / static_cast<double>(options.epochs)));
          for (std::size_t i = begin; i < end; ++i)
            trainer.step(rows[order[i]], labels[order[i]], rate, random, scratch[worker]);
        });
    if (progress) progress(static_cast<double>(epoch + 1) / static_cast<double>(options.epochs));
  }
  for (const float x : trainer.input()->view<float>().span()) {
    if (!std::isfinite(x)) {
      fail(ErrorKind::kInvalidArgument, "lr: expected a rate at which the model stays finite, ",
           "found ", options.lr, "; take a smaller one");
    }
  }
  parts.args.loss = *options.loss;
  parts.args.epoch = static_cast<std::int32_t>(options.epochs);
  parts.args.neg = static_cast<std::int32_t>(options.negative);
  parts.input = FastTextMatrix(trainer.input());
  parts.output = FastTextMatrix(trainer.output());
  return std::make_shared<const FastTextModel>(std::move(parts));
}

}  // namespace firth
