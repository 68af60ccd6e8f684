#include "firth/words/fasttext_model.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "firth/core/error.h"
#include "firth/kernels/vector.h"
#include "firth/words/subwords.h"

namespace firth {
namespace {

constexpr std::pair<std::string_view, FastTextLoss> kLosses[] = {
    {"hs", FastTextLoss::kHierarchicalSoftmax},
    {"ns", FastTextLoss::kNegativeSampling},
    {"softmax", FastTextLoss::kSoftmax},
    {"ova", FastTextLoss::kOneVsAll},
};

float sigmoid(float x) {
  return 1.0F / (1.0F + std::exp(-x));
}

// As fastText looks it up for ns and ova: at the next lower of 512 steps between -8 and 8.
float stepped_sigmoid(float x) {
  if (x < -8.0F) return 0.0F;
  if (x > 8.0F) return 1.0F;
  return sigmoid(std::floor((x + 8.0F) * 32.0F) / 32.0F - 8.0F);
}

void softmax(std::span<float> scores) {
  const float largest = *std::ranges::max_element(scores);
  float sum = 0;
  for (float& score : scores) sum += score = std::exp(score - largest);
  for (float& score : scores) score /= sum;
}

}  // namespace

std::string_view fasttext_loss_name(FastTextLoss loss) {
  for (const auto& [name, known] : kLosses) {
    if (known == loss) return name;
  }
  return "";
}

FastTextLoss parse_fasttext_loss(std::string_view name) {
  for (const auto& [known, loss] : kLosses) {
    if (known == name) return loss;
  }
  fail(ErrorKind::kInvalidArgument, "loss: expected hs, ns, softmax or ova, found ", quoted(name));
}

FastTextModel::FastTextModel(FastTextParts parts) : parts_(std::move(parts)) {
  if (supervised() && parts_.args.loss == FastTextLoss::kHierarchicalSoftmax)
    tree_.emplace(parts_.label_counts);
}

void FastTextModel::push_bucket(std::uint64_t bucket, std::vector<std::uint32_t>& rows) const {
  std::uint64_t row = bucket;
  if (parts_.kept_buckets) {
    const auto found = parts_.kept_buckets->find(static_cast<std::int32_t>(bucket));
    if (found == parts_.kept_buckets->end()) return;
    row = static_cast<std::uint64_t>(found->second);
  }
  rows.push_back(static_cast<std::uint32_t>(parts_.words.size() + row));
}

void FastTextModel::push_ngrams(std::string_view word, std::vector<std::uint32_t>& rows,
                                std::vector<std::string>* pieces) const {
  if (word == kSentenceEnd || parts_.args.bucket <= 0 || parts_.args.maxn <= 0) return;
  const auto bucket = static_cast<std::uint32_t>(parts_.args.bucket);
  for_each_ngram(word, static_cast<std::size_t>(std::max(parts_.args.minn, 0)),
                 static_cast<std::size_t>(parts_.args.maxn),
                 [&](std::string_view piece, std::uint32_t hash) {
                   const std::size_t before = rows.size();
                   push_bucket(hash % bucket, rows);
                   if (pieces != nullptr && rows.size() > before) pieces->emplace_back(piece);
                 });
}

void FastTextModel::rows_of_word(std::size_t word, std::vector<std::uint32_t>& rows) const {
  rows.push_back(static_cast<std::uint32_t>(word));
  push_ngrams(parts_.words[word], rows, nullptr);
}

void FastTextModel::word_rows(std::string_view word, std::vector<std::uint32_t>& rows,
                              std::vector<std::string>* pieces) const {
  if (const auto id = parts_.words.find(word)) {
    rows.push_back(static_cast<std::uint32_t>(*id));
    if (pieces != nullptr) pieces->emplace_back(word);
  }
  push_ngrams(word, rows, pieces);
}

void FastTextModel::mean_rows(std::span<const std::uint32_t> rows, std::span<float> out) const {
  std::ranges::fill(out, 0.0F);
  if (rows.empty()) return;
  std::vector<float> scratch(out.size());
  for (const std::uint32_t row : rows) parts_.input.add_row(row, 1.0F, out, scratch);
  divide(static_cast<float>(rows.size()), out);
}

bool FastTextModel::word_vector(std::string_view word, std::span<float> out) const {
  std::vector<std::uint32_t> rows;
  word_rows(word, rows);
  mean_rows(rows, out);
  return !rows.empty();
}

std::size_t FastTextModel::text_vector(std::string_view text, std::span<float> out) const {
  std::size_t unknown = 0;
  if (supervised()) {
    std::vector<std::uint32_t> rows;
    text_rows(text, rows);
    mean_rows(rows, out);
    return 0;
  }
  std::ranges::fill(out, 0.0F);
  std::vector<float> vector(out.size());
  std::size_t count = 0;
  for_each_token(text, [&](std::string_view word) {
    if (!word_vector(word, vector)) ++unknown;
    const float length = norm(vector);
    if (!(length > 0)) return;
    axpy(1.0F / length, vector, out);
    ++count;
  });
  if (count > 0) divide(static_cast<float>(count), out);
  return unknown;
}

void FastTextModel::text_rows(std::string_view text, std::vector<std::uint32_t>& rows,
                              std::vector<std::uint32_t>* labels) const {
  std::vector<std::int32_t> hashes;
  const auto add = [&](std::string_view token) {
    const std::uint32_t hash = word_hash(token);
    const auto word = parts_.words.find(token, hash);
    if (!word && token.starts_with(parts_.label_prefix)) {
      const auto label = parts_.labels.find(token, hash);
      if (labels != nullptr && label) labels->push_back(static_cast<std::uint32_t>(*label));
      return;
    }
    if (word && parts_.args.maxn <= 0) {
      rows.push_back(static_cast<std::uint32_t>(*word));
    } else if (word) {
      rows_of_word(*word, rows);
    } else {
      push_ngrams(token, rows, nullptr);
    }
    hashes.push_back(static_cast<std::int32_t>(hash));
  };
  for_each_token(text, add);
  add(kSentenceEnd);
  if (parts_.args.bucket <= 0) return;
  // The hash of a sequence of words, in 64 bits with the words' hashes as signed numbers.
  const auto bucket = static_cast<std::uint64_t>(parts_.args.bucket);
  const auto longest = static_cast<std::size_t>(std::max(parts_.args.word_ngrams, 1));
  for (std::size_t i = 0; i < hashes.size(); ++i) {
    auto hash = static_cast<std::uint64_t>(static_cast<std::int64_t>(hashes[i]));
    for (std::size_t j = i + 1; j < hashes.size() && j < i + longest; ++j) {
      hash = hash * 116049371u + static_cast<std::uint64_t>(static_cast<std::int64_t>(hashes[j]));
      push_bucket(hash % bucket, rows);
    }
  }
}

void FastTextModel::label_probabilities(std::span<const float> hidden, std::span<float> out) const {
  std::vector<float> row(hidden.size());
  const auto score = [&](std::size_t i) {
    parts_.output.copy_row(i, row);
    return dot(hidden, row);
  };
  if (parts_.args.loss == FastTextLoss::kHierarchicalSoftmax) {
    std::vector<float> right(out.size());  // of each inner node: the probability of its code 1
    for (std::size_t node = 0; node + 1 < out.size(); ++node) right[node] = sigmoid(score(node));
    for (std::size_t label = 0; label < out.size(); ++label) {
      const HuffmanTree::Path path = tree_->path(label);
      out[label] = 1.0F;
      for (std::size_t i = 0; i < path.nodes.size(); ++i)
        out[label] *= path.codes[i] != 0 ? right[path.nodes[i]] : 1.0F - right[path.nodes[i]];
    }
    return;
  }
  for (std::size_t label = 0; label < out.size(); ++label) out[label] = score(label);
  if (parts_.args.loss == FastTextLoss::kSoftmax) return softmax(out);
  for (float& value : out) value = stepped_sigmoid(value);
}

std::vector<LabelScore> FastTextModel::predict(std::string_view text, std::size_t k,
                                               float threshold) const {
  if (!supervised()) {
    fail(ErrorKind::kUnsupported,
         "predict: expected a supervised fastText model, found vectors of words");
  }
  std::vector<std::uint32_t> rows;
  text_rows(text, rows);
  if (rows.empty() || parts_.labels.size() == 0) return {};
  std::vector<float> hidden(dimension()), probabilities(parts_.labels.size());
  mean_rows(rows, hidden);
  label_probabilities(hidden, probabilities);
  std::vector<LabelScore> found;
  for (std::size_t i = 0; i < probabilities.size(); ++i) {
    if (probabilities[i] >= threshold) found.push_back({i, probabilities[i]});
  }
  k = std::min(k, found.size());
  std::partial_sort(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(k), found.end(),
                    [](const LabelScore& a, const LabelScore& b) {
                      return a.probability != b.probability ? a.probability > b.probability
                                                            : a.label < b.label;
                    });
  found.resize(k);
  return found;
}

}  // namespace firth
