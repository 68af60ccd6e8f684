#include "firth/words/subword_table.h"

#include "firth/words/fasttext_model.h"
#include "firth/words/subwords.h"

namespace firth {

SubwordTable::SubwordTable(const WordList& words, std::size_t minn, std::size_t maxn,
                           std::size_t bucket) {
  constexpr std::uint32_t kNone = UINT32_MAX;
  std::vector<std::uint32_t> row_of(bucket, kNone);
  for (std::size_t i = 0; i < words.size(); ++i) file_rows_.push_back(i);
  offsets_.push_back(0);
  for (std::size_t i = 0; i < words.size(); ++i) {
    rows_.push_back(static_cast<std::uint32_t>(i));
    if (words[i] != kSentenceEnd) {
      for_each_ngram(words[i], minn, maxn, [&](std::string_view, std::uint32_t hash) {
        std::uint32_t& row = row_of[hash % bucket];
        if (row == kNone) {
          row = static_cast<std::uint32_t>(file_rows_.size());
          file_rows_.push_back(words.size() + hash % bucket);
        }
        rows_.push_back(row);
      });
    }
    offsets_.push_back(rows_.size());
  }
}

}  // namespace firth
