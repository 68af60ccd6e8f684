// The rows of each word of a vocabulary: its own and those of its n-grams, over a table that holds
// only buckets that some word has, in the order in which words by falling count come to them. So
// what frequent words need lies together.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "firth/words/word_list.h"

namespace firth {

class SubwordTable {
 public:
  SubwordTable() = default;
  SubwordTable(const WordList& words, std::size_t minn, std::size_t maxn, std::size_t bucket);

  std::span<const std::uint32_t> rows(std::size_t word) const {
    return std::span(rows_).subspan(offsets_[word], offsets_[word + 1] - offsets_[word]);
  }

  std::size_t num_rows() const { return file_rows_.size(); }

  // The row of a fastText file (words, then all buckets) that a row of ours is.
  std::size_t file_row(std::size_t row) const { return file_rows_[row]; }

 private:
  std::vector<std::size_t> offsets_;  // (words + 1)
  std::vector<std::uint32_t> rows_;
  std::vector<std::size_t> file_rows_;
};

}  // namespace firth
