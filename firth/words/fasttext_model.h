// A fastText model: vectors of words from their character n-grams, vectors of sentences, and, of a
// supervised one, labels with probabilities. Its files (.bin, .ftz, version 12; 11 is read) are
// fastText's own, and its numbers are fastText's.
//
//   vector of a word = mean of the rows of the word itself (if known) and of its n-grams
//   vector of a text = mean of its words' vectors made unit length; supervised: mean of all rows of
//                      its words, n-grams of characters and of words
//
// Immutable and safe to share; the tables of a .bin file stay mapped.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "firth/words/fasttext_matrix.h"
#include "firth/words/huffman.h"
#include "firth/words/word_list.h"

namespace firth {

enum class FastTextLoss : std::int32_t {
  kHierarchicalSoftmax = 1,
  kNegativeSampling = 2,
  kSoftmax = 3,
  kOneVsAll = 4,
};

enum class FastTextKind : std::int32_t { kCbow = 1, kSkipGram = 2, kSupervised = 3 };

std::string_view fasttext_loss_name(FastTextLoss loss);  // "hs", "ns", "softmax", "ova"
FastTextLoss parse_fasttext_loss(std::string_view name);

// What the file's head says; names as fastText's options.
struct FastTextArgs {
  std::int32_t dim = 100;
  std::int32_t ws = 5;
  std::int32_t epoch = 5;
  std::int32_t min_count = 5;
  std::int32_t neg = 5;
  std::int32_t word_ngrams = 1;
  FastTextLoss loss = FastTextLoss::kNegativeSampling;
  FastTextKind kind = FastTextKind::kSkipGram;
  std::int32_t bucket = 2'000'000;
  std::int32_t minn = 3;
  std::int32_t maxn = 6;
  std::int32_t lr_update_rate = 100;
  double t = 1e-4;
};

struct FastTextParts {
  FastTextArgs args;
  WordList words;
  WordList labels;
  std::vector<std::uint64_t> word_counts;
  std::vector<std::uint64_t> label_counts;
  std::uint64_t num_tokens = 0;
  // Of a model that was cut: bucket -> row after the words. Nothing else is there.
  std::optional<std::unordered_map<std::int32_t, std::int32_t>> kept_buckets;
  FastTextMatrix input;   // (words + buckets, dim)
  FastTextMatrix output;  // (words, labels or nodes, dim)
  std::string label_prefix = "__label__";
};

struct LabelScore {
  std::size_t label = 0;
  float probability = 0;
};

inline constexpr std::string_view kSentenceEnd = "</s>";

class FastTextModel {
 public:
  explicit FastTextModel(FastTextParts parts);

  // Errors: corrupt (what was expected, what was found), unsupported for other versions.
  static std::shared_ptr<const FastTextModel> open(const std::string& path);
  void write(const std::string& path) const;

  const FastTextArgs& args() const { return parts_.args; }

  const FastTextParts& parts() const { return parts_; }

  const WordList& words() const { return parts_.words; }

  const WordList& labels() const { return parts_.labels; }

  std::size_t dimension() const { return static_cast<std::size_t>(parts_.args.dim); }

  bool supervised() const { return parts_.args.kind == FastTextKind::kSupervised; }

  bool quantized() const { return parts_.input.quantized() != nullptr; }

  // The rows of a word, itself first if it is known; with their pieces for print-ngrams.
  void word_rows(std::string_view word, std::vector<std::uint32_t>& rows,
                 std::vector<std::string>* pieces = nullptr) const;
  void rows_of_word(std::size_t word, std::vector<std::uint32_t>& rows) const;

  // False, and zeros, for a word without a single row.
  bool word_vector(std::string_view word, std::span<float> out) const;

  // Line breaks within the text count as spaces. Returns how many of its words have no vector.
  std::size_t text_vector(std::string_view text, std::span<float> out) const;

  // Rows of a text as supervised models take them, the end of the line included, and the labels
  // that stand in it (numbers of labels()).
  void text_rows(std::string_view text, std::vector<std::uint32_t>& rows,
                 std::vector<std::uint32_t>* labels = nullptr) const;

  // The k most probable labels above the threshold, best first. Errors: unsupported if the model
  // is not supervised. ns and ova give each label a probability of its own.
  std::vector<LabelScore> predict(std::string_view text, std::size_t k,
                                  float threshold = 0.0F) const;

  // Probabilities of all labels; of hs too. out: (labels).
  void label_probabilities(std::span<const float> hidden, std::span<float> out) const;

  // Words may be cut and tables narrowed: fastText's `quantize`. Defined in fasttext_quantize.cc.
  struct QuantizeOptions {
    std::size_t dsub = 2;
    bool qnorm = false;
    bool qout = false;
    std::size_t cutoff = 0;  // rows of the input table kept; 0 = all
    std::uint64_t seed = 0;
  };

  std::shared_ptr<const FastTextModel> quantize(const QuantizeOptions& options) const;

 private:
  void push_ngrams(std::string_view word, std::vector<std::uint32_t>& rows,
                   std::vector<std::string>* pieces) const;
  void push_bucket(std::uint64_t bucket, std::vector<std::uint32_t>& rows) const;
  void mean_rows(std::span<const std::uint32_t> rows, std::span<float> out) const;

  FastTextParts parts_;
  std::optional<HuffmanTree> tree_;  // of labels, for hs
};

// Words at fastText's spaces: blanks, tabs, line breaks and zero bytes.
template <class Visit>
void for_each_token(std::string_view text, Visit&& visit) {
  constexpr std::string_view kSpaces(" \n\r\t\v\f\0", 7);
  for (;;) {
    const std::size_t begin = text.find_first_not_of(kSpaces);
    if (begin == std::string_view::npos) return;
    text.remove_prefix(begin);
    const std::size_t end = std::min(text.find_first_of(kSpaces), text.size());
    visit(text.substr(0, end));
    text.remove_prefix(end);
  }
}

}  // namespace firth
