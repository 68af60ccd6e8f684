// A table of words a thread, joined in the end.
#include "firth/text/word_counter.h"

#include <string>
#include <utility>

#include "firth/io/utf8.h"

namespace firth {
namespace {

constexpr std::size_t kTextsAPiece = 64;

}  // namespace

WordCounter::WordCounter(const Normalizer* normalizer, const PreTokenizer* pre_tokenizer,
                         ThreadPool& pool)
    : normalizer_(normalizer),
      pre_tokenizer_(pre_tokenizer),
      pool_(pool),
      counts_(pool.num_threads()) {}

WordCounter::~WordCounter() = default;

void WordCounter::add(std::span<const std::string_view> texts) {
  pool_.parallel_for(texts.size(), kTextsAPiece,
                     [&](std::size_t begin, std::size_t end, std::size_t worker) {
                       for (std::size_t i = begin; i < end; ++i) {
                         add_text(texts[i], counts_[worker]);
                       }
                     });
}

void WordCounter::add_text(std::string_view text, WordCounts& counts) const {
  std::string repaired;
  if (!is_valid_utf8(text)) text = repaired = replace_invalid_utf8(text);
  PreTokenizedText split{NormalizedText(text, 0, Places::kNone), {}};
  if (normalizer_ != nullptr) normalizer_->normalize(split.text);
  if (split.text.empty()) return;
  split.pieces.push_back({0, split.text.size(), std::nullopt});
  if (pre_tokenizer_ != nullptr) pre_tokenizer_->pre_tokenize(split);
  const std::string_view all = split.text.text();
  for (const Piece& piece : split.pieces) {
    counts.add(all.substr(piece.begin, piece.end - piece.begin));
  }
}

WordCounts WordCounter::take() {
  WordCounts all = std::exchange(counts_[0], {});
  for (std::size_t i = 1; i < counts_.size(); ++i) {
    all.add(counts_[i]);
    counts_[i].clear();
  }
  return all;
}

}  // namespace firth
