// Learning labels of texts into a fastText model (Joulin et al. 2016, arXiv:1607.01759): a text is
// the mean of the rows of its words, n-grams of words and n-grams of characters, and a linear layer
// over it gives the labels. What comes out is a FastTextModel: its file is fastText's.
//
// Two ways to learn:
//   - stochastic gradient descent as fastText does it, with its losses (softmax, ns, hs, ova);
//   - `linear` (the default): dual coordinate descent of a linear support vector machine over
//     TF-IDF features (Hsieh et al. 2008), a row of `labels` numbers a feature. A mean of rows and
//     an output table that only scales give the same decisions, since the length of a text does
//     not move the greatest score. On sets of thousands of texts it is as good as TF-IDF with a
//     linear SVM, where gradient descent on means is not; dim is then the number of labels.
//
// Without features being stated some kinds are tried on held-out texts, and the best is taken; so
// is C. Everything is the same with any number of threads but gradient descent with several.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "firth/core/thread_pool.h"
#include "firth/words/fasttext_model.h"

namespace firth {

struct LabelledText {
  std::string_view text;
  std::vector<std::uint32_t> labels;  // numbers of the labels' names
};

struct TextFeatures {
  std::size_t word_ngrams = 2;
  std::size_t minn = 0;  // n-grams of characters; maxn 0 = none
  std::size_t maxn = 0;

  friend bool operator==(const TextFeatures&, const TextFeatures&) = default;
};

struct FastTextClassifierOptions {
  std::optional<FastTextLoss> loss = {};      // gradient descent with it; nullopt = linear
  std::optional<TextFeatures> features = {};  // nullopt = tried on held-out texts
  std::size_t min_count = 1;                  // words that occur less often have no row
  std::size_t dim = 50;                       // of gradient descent
  std::size_t epochs = 25;                    // of gradient descent
  double lr = 0.5;                            // of gradient descent
  std::size_t negative = 5;                   // of ns
  double c = 0;                               // of linear: weight of errors; 0 = tried
  std::size_t bucket = 0;                     // rows for n-grams; 0 = as many as there are, about
  std::size_t max_bytes = 0;                  // of the model's tables; 0 = no limit
  double seconds = 60;                        // for trying; what is best by then is taken
  bool multi_label = false;                   // each label has a probability of its own
  std::uint64_t seed = 1;
  std::string label_prefix = "__label__";
};

struct FastTextTrial {
  TextFeatures features;
  double c = 0;
  double accuracy = 0;  // of held-out texts; multi-label: F1 over all
};

struct FastTextClassifierReport {
  std::vector<FastTextTrial> trials;  // empty if nothing was tried
  TextFeatures features;              // those taken
  double c = 0;
};

// names: of the labels, without prefix. Errors: invalid_argument for no texts or no labels.
std::shared_ptr<const FastTextModel> train_fasttext_classifier(
    std::span<const LabelledText> texts, std::span<const std::string> names,
    const FastTextClassifierOptions& options, ThreadPool& pool,
    FastTextClassifierReport* report = nullptr, const std::function<void(double)>& progress = {});

// How well labels are found. A label is predicted where its probability reaches the threshold; with
// threshold 0 the most probable label alone.
struct LabelQuality {
  std::string label;
  std::uint64_t support = 0;  // texts that have it
  std::uint64_t predicted = 0;
  std::uint64_t right = 0;
  double best_threshold = 0.5;  // the one with the best F1 on these texts

  double precision() const;
  double recall() const;
  double f1() const;
};

struct ClassificationQuality {
  double accuracy = 0;  // texts whose most probable label is one of theirs (P@1)
  double micro_f1 = 0;
  double macro_f1 = 0;
  std::vector<LabelQuality> labels;
};

// Labels of the texts are numbers of model.labels().
ClassificationQuality evaluate_fasttext(const FastTextModel& model,
                                        std::span<const LabelledText> texts, double threshold,
                                        ThreadPool& pool);

// "__label__a some words" apart: numbers of labels in `names`, which grows. What is no label stays.
struct LabelledLine {
  std::string text;
  std::vector<std::uint32_t> labels;
};

LabelledLine parse_labelled_line(std::string_view line, std::string_view prefix,
                                 std::vector<std::string>& names);

}  // namespace firth
