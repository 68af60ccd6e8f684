#include "firth/words/fasttext_classifier.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>
#include <unordered_set>

#include "firth/core/error.h"
#include "firth/core/random.h"
#include "firth/kernels/vector.h"
#include "firth/words/fasttext_sgd.h"
#include "firth/words/linear_svm.h"
#include "firth/words/word_numbers.h"

namespace firth {
namespace {

using Clock = std::chrono::steady_clock;

// The words of the texts by falling count, the end of the line among them, and labels likewise.
FastTextParts dictionary_of(std::span<const LabelledText> texts, std::span<const std::string> names,
                            const FastTextClassifierOptions& options) {
  WordNumbers numbers;
  std::vector<std::uint64_t> label_counts(names.size());
  for (const LabelledText& text : texts) {
    for_each_token(text.text, [&](std::string_view word) {
      if (!word.starts_with(options.label_prefix)) numbers.add(word);
    });
    numbers.add(kSentenceEnd);
    for (const std::uint32_t label : text.labels) ++label_counts[label];
  }
  const auto falling = [](const std::vector<std::uint64_t>& counts) {
    std::vector<std::size_t> order(counts.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, [&](auto a, auto b) { return counts[a] > counts[b]; });
    return order;
  };
  FastTextParts parts;
  std::vector<std::uint64_t> counts;
  for (std::size_t i = 0; i < numbers.size(); ++i) counts.push_back(numbers.count(i));
  std::vector<std::string_view> words;
  for (const std::size_t i : falling(counts)) {
    if (counts[i] < options.min_count && numbers.word(i) != kSentenceEnd) continue;
    words.push_back(numbers.word(i));
    parts.word_counts.push_back(counts[i]);
    parts.num_tokens += counts[i];
  }
  parts.words = WordList::copy_of(words);
  std::vector<std::string> full;
  for (const std::size_t i : falling(label_counts)) {
    full.push_back(options.label_prefix + names[i]);
    parts.label_counts.push_back(label_counts[i]);
  }
  const std::vector<std::string_view> views(full.begin(), full.end());
  parts.labels = WordList::copy_of(views);
  parts.label_prefix = options.label_prefix;
  return parts;
}

// The rows of every text under one choice of features, and a model whose tables are still empty.
struct FeatureSet {
  FastTextParts parts;
  std::vector<std::vector<std::uint32_t>> rows;  // of each text
  std::size_t num_rows = 0;
};

std::size_t count_ngrams(std::span<const LabelledText> texts, FastTextParts parts) {
  constexpr std::int32_t kMany = 1 << 24;
  parts.args.bucket = kMany;
  const std::size_t num_words = parts.words.size();
  const FastTextModel model(std::move(parts));
  std::vector<bool> seen(num_words + kMany);
  std::size_t found = 0;
  std::vector<std::uint32_t> rows;
  for (const LabelledText& text : texts) {
    rows.clear();
    model.text_rows(text.text, rows);
    for (const std::uint32_t row : rows) {
      if (row < num_words || seen[row]) continue;
      seen[row] = true;
      ++found;
    }
  }
  return found;
}

FeatureSet features_of(std::span<const LabelledText> texts, const FastTextParts& dictionary,
                       const TextFeatures& features, const FastTextClassifierOptions& options,
                       std::size_t dim) {
  FeatureSet set;
  set.parts = dictionary;
  FastTextArgs& args = set.parts.args;
  args.kind = FastTextKind::kSupervised;
  args.dim = static_cast<std::int32_t>(dim);
  args.min_count = static_cast<std::int32_t>(options.min_count);
  args.word_ngrams = static_cast<std::int32_t>(features.word_ngrams);
  args.minn = static_cast<std::int32_t>(features.minn);
  args.maxn = static_cast<std::int32_t>(features.maxn);
  args.t = 1e-4;
  const bool hashes = features.word_ngrams > 1 || features.maxn > 0;
  std::size_t bucket = hashes ? options.bucket : 0;
  if (hashes && bucket == 0) bucket = std::max<std::size_t>(2 * count_ngrams(texts, set.parts), 16);
  if (hashes && options.max_bytes > 0) {
    const std::size_t most = options.max_bytes / (4 * dim);
    bucket = std::clamp<std::size_t>(
        bucket, 1, most > dictionary.words.size() + 1 ? most - dictionary.words.size() : 1);
  }
  args.bucket = static_cast<std::int32_t>(std::min<std::size_t>(bucket, INT32_MAX / 2));
  set.num_rows = dictionary.words.size() + static_cast<std::size_t>(args.bucket);
  const FastTextModel model(set.parts);
  set.rows.resize(texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) model.text_rows(texts[i].text, set.rows[i]);
  return set;
}

// TF-IDF rows of unit length; idf as scikit-learn smooths it, from the texts of `from`.
SparseRows weighted_rows(const FeatureSet& set, std::span<const std::uint32_t> from,
                         std::vector<float>& idf) {
  std::vector<std::uint32_t> frequency(set.num_rows);
  std::vector<std::uint32_t> sorted;
  const auto sort_rows = [&](std::size_t text) {
    sorted = set.rows[text];
    std::ranges::sort(sorted);
  };
  for (const std::uint32_t text : from) {
    sort_rows(text);
    for (std::size_t i = 0; i < sorted.size(); ++i) {
      if (i == 0 || sorted[i] != sorted[i - 1]) ++frequency[sorted[i]];
    }
  }
  idf.resize(set.num_rows);
  const double n = static_cast<double>(from.size());
  for (std::size_t i = 0; i < idf.size(); ++i)
    idf[i] = static_cast<float>(std::log((1 + n) / (1 + static_cast<double>(frequency[i]))) + 1);
  SparseRows out;
  for (std::size_t text = 0; text < set.rows.size(); ++text) {
    sort_rows(text);
    double square = 0;
    const std::size_t begin = out.columns.size();
    for (std::size_t i = 0; i < sorted.size(); ++i) {
      const float value = idf[sorted[i]];
      if (i > 0 && sorted[i] == sorted[i - 1]) {
        out.values.back() += value;
      } else {
        out.columns.push_back(sorted[i]);
        out.values.push_back(value);
      }
    }
    for (std::size_t i = begin; i < out.values.size(); ++i)
      square += double{out.values[i]} * double{out.values[i]};
    for (std::size_t i = begin; i < out.values.size(); ++i)
      out.values[i] /= static_cast<float>(std::sqrt(square));
    out.offsets.push_back(out.columns.size());
  }
  return out;
}

// The numbers of labels in the model's order.
std::vector<std::vector<std::uint32_t>> model_labels(std::span<const LabelledText> texts,
                                                     std::span<const std::string> names,
                                                     const FastTextParts& parts) {
  std::vector<std::uint32_t> number;
  for (const std::string& name : names)
    number.push_back(static_cast<std::uint32_t>(*parts.labels.find(parts.label_prefix + name)));
  std::vector<std::vector<std::uint32_t>> labels(texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    for (const std::uint32_t label : texts[i].labels) labels[i].push_back(number[label]);
  }
  return labels;
}

// (labels) vectors of weights, each over all rows of the table.
std::vector<std::vector<float>> svm_weights(const SparseRows& x, std::size_t num_columns,
                                            std::span<const std::uint32_t> from,
                                            const std::vector<std::vector<std::uint32_t>>& labels,
                                            std::size_t num_labels, double c, std::uint64_t seed,
                                            ThreadPool& pool) {
  std::vector<std::vector<float>> weights(num_labels);
  const auto learn = [&](std::size_t label) {
    std::vector<bool> positive(labels.size());
    for (std::size_t i = 0; i < labels.size(); ++i)
      positive[i] = std::ranges::find(labels[i], label) != labels[i].end();
    weights[label].resize(num_columns);
    train_linear_svm(x, from, positive, {.c = c, .seed = seed + label}, weights[label]);
  };
  // Of two labels one separates both.
  const bool mirrored =
      num_labels == 2 && std::ranges::all_of(labels, [](const auto& of) { return of.size() == 1; });
  pool.parallel_for(mirrored ? 1 : num_labels, 1,
                    [&](std::size_t begin, std::size_t end, std::size_t) {
                      for (std::size_t label = begin; label < end; ++label) learn(label);
                    });
  if (mirrored) {
    weights[1].resize(num_columns);
    std::ranges::transform(weights[0], weights[1].begin(), [](float w) { return -w; });
  }
  return weights;
}

std::vector<float> scores_of(const SparseRows& x, std::size_t row,
                             const std::vector<std::vector<float>>& weights) {
  std::vector<float> scores;
  for (const std::vector<float>& w : weights) {
    double score = 0;
    for (std::size_t i = x.offsets[row]; i < x.offsets[row + 1]; ++i)
      score += double{w[x.columns[i]]} * double{x.values[i]};
    scores.push_back(static_cast<float>(score));
  }
  return scores;
}

double held_out_quality(const SparseRows& x, std::span<const std::uint32_t> texts,
                        const std::vector<std::vector<std::uint32_t>>& labels,
                        const std::vector<std::vector<float>>& weights, bool multi_label) {
  double right = 0, predicted = 0, wanted = 0;
  for (const std::uint32_t text : texts) {
    const std::vector<float> scores = scores_of(x, text, weights);
    const auto best = static_cast<std::uint32_t>(std::ranges::max_element(scores) - scores.begin());
    wanted += static_cast<double>(multi_label ? labels[text].size() : 1);
    for (std::uint32_t label = 0; label < scores.size(); ++label) {
      if (multi_label ? scores[label] <= 0 : label != best) continue;
      ++predicted;
      if (std::ranges::find(labels[text], label) != labels[text].end()) ++right;
    }
  }
  return predicted + wanted > 0 ? 2 * right / (predicted + wanted) : 0;
}

// fastText's own features first; characters where words cannot be told apart or spelling tells.
std::vector<TextFeatures> candidates(const FastTextClassifierOptions& options) {
  if (options.features) return {*options.features};
  return {{.word_ngrams = 2},
          {.word_ngrams = 1, .minn = 1, .maxn = 3},
          {.word_ngrams = 2, .minn = 2, .maxn = 5},
          {.word_ngrams = 1, .minn = 2, .maxn = 4}};
}

// A fifth of the texts, at most 4,000, drawn by the seed.
struct Split {
  std::vector<std::uint32_t> learn;
  std::vector<std::uint32_t> held_out;
  std::vector<std::uint32_t> all;
};

Split split_texts(std::size_t n, std::uint64_t seed) {
  Split split;
  split.all.resize(n);
  std::iota(split.all.begin(), split.all.end(), 0u);
  std::vector<std::uint32_t> order = split.all;
  Random random(seed);
  for (std::size_t i = n; i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
  const std::size_t held = std::min<std::size_t>(n / 5, 4000);
  split.held_out.assign(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(held));
  split.learn.assign(order.begin() + static_cast<std::ptrdiff_t>(held), order.end());
  std::ranges::sort(split.learn);
  return split;
}

FastTextTrial choose(std::span<const LabelledText> texts, const FastTextParts& dictionary,
                     const std::vector<std::vector<std::uint32_t>>& labels,
                     const FastTextClassifierOptions& options, ThreadPool& pool,
                     FastTextClassifierReport& report,
                     const std::function<void(double)>& progress) {
  const auto start = Clock::now();
  const std::size_t num_labels = dictionary.labels.size();
  const Split split = split_texts(texts.size(), options.seed);
  FastTextTrial best{.features = candidates(options).front(), .c = options.c, .accuracy = -1};
  if (split.held_out.size() < 5) {
    if (best.c == 0) best.c = 1;
    return best;
  }
  const std::vector<double> cs =
      options.c > 0 ? std::vector<double>{options.c} : std::vector<double>{0.3, 1.0, 3.0};
  const std::vector<TextFeatures> tried = candidates(options);
  if (tried.size() * cs.size() == 1) {
    best.c = cs[0];
    return best;
  }
  for (std::size_t i = 0; i < tried.size(); ++i) {
    const FeatureSet set = features_of(texts, dictionary, tried[i], options, num_labels);
    std::vector<float> idf;
    const SparseRows x = weighted_rows(set, split.learn, idf);
    for (const double c : cs) {
      const auto weights =
          svm_weights(x, set.num_rows, split.learn, labels, num_labels, c, options.seed, pool);
      const FastTextTrial trial{
          .features = tried[i],
          .c = c,
          .accuracy = held_out_quality(x, split.held_out, labels, weights, options.multi_label)};
      report.trials.push_back(trial);
      if (trial.accuracy > best.accuracy) best = trial;
      const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
      if (progress)
        progress(0.8 * static_cast<double>(report.trials.size()) /
                 static_cast<double>(tried.size() * cs.size()));
      if (seconds > options.seconds) return best;
    }
  }
  return best;
}

// The weights as rows, idf in them; the output table scales by how sure the training texts are.
void set_tables(FeatureSet& set, const std::vector<std::vector<float>>& weights,
                const std::vector<float>& idf,
                const std::vector<std::vector<std::uint32_t>>& labels, bool multi_label) {
  const std::size_t num_labels = weights.size();
  auto input = std::make_shared<Tensor>(Tensor::zeros<float>({set.num_rows, num_labels}));
  for (std::size_t row = 0; row < set.num_rows; ++row) {
    for (std::size_t label = 0; label < num_labels; ++label)
      input->view<float>()(row, label) = weights[label][row] * idf[row];
  }
  // The factor that makes the labels of the training texts most probable, halved because they are
  // known by heart.
  double best_scale = 1, best_loss = INFINITY;
  std::vector<std::vector<float>> means;
  for (std::size_t text = 0; text < set.rows.size(); text += 1 + set.rows.size() / 2000) {
    std::vector<float> mean(num_labels);
    for (const std::uint32_t row : set.rows[text]) axpy(1.0F, input->view<float>().row(row), mean);
    divide(static_cast<float>(std::max<std::size_t>(set.rows[text].size(), 1)), mean);
    means.push_back(mean);
  }
  for (double scale = 0.5; scale < 2000; scale *= 1.5) {
    double loss = 0;
    for (std::size_t i = 0; i < means.size(); ++i) {
      const auto& own = labels[i * (1 + set.rows.size() / 2000)];
      double sum = 0;
      for (std::uint32_t label = 0; label < num_labels; ++label) {
        const double score = scale * double{means[i][label]};
        const bool has = std::ranges::find(own, label) != own.end();
        if (multi_label) {
          loss += std::log1p(std::exp(has ? -score : score));
        } else {
          sum += std::exp(std::min(score, 700.0));
          if (has) loss -= score / static_cast<double>(own.size());
        }
      }
      if (!multi_label) loss += std::log(sum);
    }
    if (!(loss < best_loss)) continue;
    best_loss = loss;
    best_scale = scale;
  }
  auto output = std::make_shared<Tensor>(Tensor::zeros<float>({num_labels, num_labels}));
  for (std::size_t label = 0; label < num_labels; ++label)
    output->view<float>()(label, label) = static_cast<float>(best_scale / 2);
  set.parts.args.loss = multi_label ? FastTextLoss::kOneVsAll : FastTextLoss::kSoftmax;
  set.parts.input = FastTextMatrix(input);
  set.parts.output = FastTextMatrix(output);
}

void check_texts(std::span<const LabelledText> texts, std::span<const std::string> names) {
  const bool any =
      std::ranges::any_of(texts, [](const auto& text) { return !text.labels.empty(); });
  if (texts.empty() || names.empty() || !any) {
    fail(ErrorKind::kInvalidArgument, "labels: expected texts with labels, found ", texts.size(),
         " texts and ", names.size(), " labels");
  }
}

}  // namespace

std::shared_ptr<const FastTextModel> train_fasttext_classifier(
    std::span<const LabelledText> texts, std::span<const std::string> names,
    const FastTextClassifierOptions& options, ThreadPool& pool, FastTextClassifierReport* report,
    const std::function<void(double)>& progress) {
  check_texts(texts, names);
  FastTextClassifierReport own_report;
  FastTextClassifierReport& told = report != nullptr ? *report : own_report;
  const FastTextParts dictionary = dictionary_of(texts, names, options);
  const auto labels = model_labels(texts, names, dictionary);
  const std::size_t num_labels = dictionary.labels.size();
  if (options.loss) {
    told.features = options.features.value_or(TextFeatures{});
    FeatureSet set = features_of(texts, dictionary, told.features, options, options.dim);
    return train_fasttext_sgd(std::move(set.parts), set.rows, labels, set.num_rows, options, pool,
                              progress);
  }
  const FastTextTrial chosen = choose(texts, dictionary, labels, options, pool, told, progress);
  told.features = chosen.features;
  told.c = chosen.c;
  FeatureSet set = features_of(texts, dictionary, chosen.features, options, num_labels);
  std::vector<std::uint32_t> all(texts.size());
  std::iota(all.begin(), all.end(), 0u);
  std::vector<float> idf;
  const SparseRows x = weighted_rows(set, all, idf);
  const auto weights =
      svm_weights(x, set.num_rows, all, labels, num_labels, chosen.c, options.seed, pool);
  set_tables(set, weights, idf, labels, options.multi_label);
  if (progress) progress(1);
  return std::make_shared<const FastTextModel>(std::move(set.parts));
}

double LabelQuality::precision() const {
  return predicted > 0 ? static_cast<double>(right) / static_cast<double>(predicted) : 0;
}

double LabelQuality::recall() const {
  return support > 0 ? static_cast<double>(right) / static_cast<double>(support) : 0;
}

double LabelQuality::f1() const {
  return support + predicted > 0
             ? 2 * static_cast<double>(right) / static_cast<double>(support + predicted)
             : 0;
}

ClassificationQuality evaluate_fasttext(const FastTextModel& model,
                                        std::span<const LabelledText> texts, double threshold,
                                        ThreadPool& pool) {
  const std::size_t num_labels = model.labels().size();
  std::vector<std::vector<float>> probabilities(texts.size(), std::vector<float>(num_labels));
  pool.parallel_for(texts.size(), 64, [&](std::size_t begin, std::size_t end, std::size_t) {
    for (std::size_t i = begin; i < end; ++i) {
      for (const LabelScore& found : model.predict(texts[i].text, num_labels))
        probabilities[i][found.label] = found.probability;
    }
  });
  ClassificationQuality quality;
  quality.labels.resize(num_labels);
  std::uint64_t right = 0, right_first = 0, predicted = 0, support = 0;
  for (std::size_t label = 0; label < num_labels; ++label)
    quality.labels[label].label = model.labels()[label];
  std::vector<std::vector<std::pair<float, bool>>> by_probability(num_labels);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto& p = probabilities[i];
    const auto best = static_cast<std::size_t>(std::ranges::max_element(p) - p.begin());
    for (std::size_t label = 0; label < num_labels; ++label) {
      LabelQuality& of = quality.labels[label];
      const bool has = std::ranges::find(texts[i].labels, label) != texts[i].labels.end();
      const bool chosen = threshold > 0 ? p[label] >= threshold : label == best;
      of.support += has ? 1 : 0;
      of.predicted += chosen ? 1 : 0;
      of.right += has && chosen ? 1 : 0;
      if (label == best && has) ++right_first;
      by_probability[label].emplace_back(p[label], has);
    }
  }
  for (std::size_t label = 0; label < num_labels; ++label) {
    LabelQuality& of = quality.labels[label];
    right += of.right;
    predicted += of.predicted;
    support += of.support;
    quality.macro_f1 += of.f1() / static_cast<double>(num_labels);
    auto& scores = by_probability[label];
    std::ranges::sort(scores, [](const auto& a, const auto& b) { return a.first > b.first; });
    std::uint64_t hits = 0;
    double best_f1 = -1;
    for (std::size_t i = 0; i < scores.size(); ++i) {
      hits += scores[i].second ? 1 : 0;
      if (i + 1 < scores.size() && scores[i + 1].first == scores[i].first) continue;
      const double f1 = 2 * static_cast<double>(hits) / static_cast<double>(i + 1 + of.support);
      if (f1 > best_f1) {
        best_f1 = f1;
        of.best_threshold = scores[i].first;
      }
    }
  }
  const double n = static_cast<double>(std::max<std::size_t>(texts.size(), 1));
  quality.accuracy = static_cast<double>(right_first) / n;
  if (predicted + support > 0)
    quality.micro_f1 = 2 * static_cast<double>(right) / static_cast<double>(predicted + support);
  return quality;
}

LabelledLine parse_labelled_line(std::string_view line, std::string_view prefix,
                                 std::vector<std::string>& names) {
  LabelledLine out;
  for_each_token(line, [&](std::string_view token) {
    if (!token.starts_with(prefix)) {
      out.text.append(out.text.empty() ? "" : " ").append(token);
      return;
    }
    const std::string_view name = token.substr(prefix.size());
    auto found = std::ranges::find(names, name);
    if (found == names.end()) found = names.insert(names.end(), std::string(name));
    out.labels.push_back(static_cast<std::uint32_t>(found - names.begin()));
  });
  return out;
}

}  // namespace firth
