#include "firth/eval/word_table.h"

#include <algorithm>

#include "firth/core/error.h"
#include "firth/io/utf8.h"
#include "firth/kernels/vector.h"
#include "firth/text/unicode.h"

namespace firth {

WordTable::WordTable(std::span<const std::string> words, View<const float> rows,
                     const WordTableOptions& options)
    : options_(options) {
  if (words.size() != rows.rows()) {
    fail(ErrorKind::kInvalidArgument, "word vectors: expected a word for each of the ", rows.rows(),
         " rows, found ", words.size());
  }
  const std::size_t count =
      options.restrict_vocab == 0 ? words.size() : std::min(words.size(), options.restrict_vocab);
  unit_rows_ = Tensor::zeros<float>({count, rows.cols()});
  std::ranges::copy(rows.slice_rows(0, count).span(), unit_rows_.view<float>().span().begin());
  normalize_rows(unit_rows_.view<float>());
  folded_.reserve(count);
  row_of_.reserve(count);
  for (std::size_t row = 0; row < count; ++row) {
    folded_.push_back(fold(words[row]));
    row_of_.emplace(folded_.back(), row);  // of equal ones the first stays
  }
}

std::string WordTable::fold(std::string_view word) const {
  if (!options_.case_insensitive || !is_valid_utf8(word)) return std::string(word);
  std::string folded;
  folded.reserve(word.size());
  for_each_char(word, [&](char32_t c, std::size_t /*begin*/, std::size_t /*end*/) {
    const LowerCase lower = lower_case(c);
    append_utf8(lower.first, folded);
    if (lower.second != 0) append_utf8(lower.second, folded);
  });
  return folded;
}

std::optional<std::size_t> WordTable::find(std::string_view word) const {
  const auto found = row_of_.find(fold(word));
  if (found == row_of_.end()) return std::nullopt;
  return found->second;
}

}  // namespace firth
