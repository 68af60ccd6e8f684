// The words that questions are asked of: a table of word vectors, its first rows only if asked (the
// most frequent words, in files that training programs write), found by their spelling or without
// regard to case. As gensim's KeyedVectors.evaluate_word_pairs and evaluate_word_analogies look
// words up: where several words differ in case alone, the first of them stands for all.
//
// Case is told by lower case, character by character; gensim compares upper cases, which differ for
// the likes of "ß" (SS).
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "firth/core/tensor.h"

namespace firth {

struct WordTableOptions {
  std::size_t restrict_vocab = 300000;  // only so many first words are known; 0 = all
  bool case_insensitive = true;
};

class WordTable {
 public:
  // Borrows rows (n, dimension) and makes a copy of unit length of those that are used. Errors:
  // invalid_argument if there is not a word a row.
  WordTable(std::span<const std::string> words, View<const float> rows,
            const WordTableOptions& options);

  std::size_t num_words() const { return folded_.size(); }

  std::optional<std::size_t> find(std::string_view word) const;

  // (num_words(), dimension), each of unit length; a zero row stays zero.
  View<const float> unit_rows() const { return unit_rows_.view<float>(); }

  // The spelling by which a row is found.
  const std::string& folded(std::size_t row) const { return folded_[row]; }

  // The spelling by which a word is looked up.
  std::string fold(std::string_view word) const;

 private:
  WordTableOptions options_;
  Tensor unit_rows_;
  std::vector<std::string> folded_;
  std::unordered_map<std::string, std::size_t> row_of_;
};

}  // namespace firth
