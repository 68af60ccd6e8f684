// The ways of counting, and how stretches of text become words.
#include "firth/text/word_counter.h"

#include <algorithm>
#include <array>
#include <utility>

#include "firth/io/utf8.h"
#include "firth/text/word_scanner.h"

namespace firth {
namespace {

constexpr std::size_t kTextsAPiece = 64;
// Longer stretches hardly ever repeat (lines of Chinese): they become words at once.
constexpr std::size_t kLongestStretch = 64;
constexpr std::size_t kMostStretchMemory = std::size_t{128} << 20;  // of all threads
constexpr std::size_t kBatchBytes = 4096;

bool is_ascii(std::string_view text) {
  unsigned char all = 0;
  for (const char byte : text) all |= static_cast<unsigned char>(byte);
  return all < 0x80;
}

bool is_separator(char byte) {
  return byte == ' ' || byte == '\n' || byte == '\t' || byte == '\r';
}

// Counts words after asking for their places in the table, some at once, so that they are on their
// way meanwhile. `end` is the end of the text in which the words lie.
class BatchedCounts {
 public:
  BatchedCounts(WordCounts& counts, const char* end) : counts_(counts), end_(end) {}

  ~BatchedCounts() { flush(); }

  BatchedCounts(const BatchedCounts&) = delete;
  BatchedCounts& operator=(const BatchedCounts&) = delete;

  void add(const char* begin, const char* end) {
    keys_[num_keys_] = WordKey(std::string_view(begin, static_cast<std::size_t>(end - begin)),
                               static_cast<std::size_t>(end_ - begin));
    counts_.prefetch(keys_[num_keys_]);
    if (++num_keys_ == keys_.size()) flush();
  }

 private:
  void flush() {
    for (std::size_t i = 0; i < num_keys_; ++i) counts_.add(keys_[i]);
    num_keys_ = 0;
  }

  WordCounts& counts_;
  const char* end_;
  std::array<WordKey, 16> keys_;
  std::size_t num_keys_ = 0;
};

}  // namespace

WordCounter::WordCounter(const Normalizer* normalizer, const PreTokenizer* pre_tokenizer,
                         ThreadPool& pool)
    : normalizer_(normalizer),
      pre_tokenizer_(pre_tokenizer),
      pool_(pool),
      byte_words_(byte_words_of(pre_tokenizer)),
      tallies_(pool.num_threads()) {
  if (pre_tokenizer != nullptr && (normalizer == nullptr || normalizer->keeps_spaces_apart())) {
    space_role_ = pre_tokenizer->space_role();
  }
}

void WordCounter::add(std::span<const std::string_view> texts) {
  pool_.parallel_for(texts.size(), kTextsAPiece,
                     [&](std::size_t begin, std::size_t end, std::size_t worker) {
                       Tally& tally = tallies_[worker];
                       for (std::size_t i = begin; i < end; ++i) add_text(texts[i], tally);
                       if (is_full(tally.stretches)) make_words(tally);
                     });
}

void WordCounter::add_text(std::string_view text, Tally& tally) const {
  std::string repaired;
  if (!is_valid_utf8(text)) text = repaired = replace_invalid_utf8(text);
  if (byte_words_) {
    add_byte_words(text, tally.stretches);
  } else if (space_role_ == SpaceRole::kUnknown) {
    add_words(text, 1, tally.words);
  } else {
    add_stretches(text, tally);
  }
}

void WordCounter::add_stretches(std::string_view text, Tally& tally) const {
  const char* const text_end = text.data() + text.size();
  const bool separates = space_role_ == SpaceRole::kSeparates;
  BatchedCounts counts(tally.stretches, text_end);
  for (const char* p = text.data(); p != text_end;) {
    const char* const begin = p;
    if (separates) {
      while (p != text_end && !is_separator(*p)) ++p;
    } else {
      for (++p; p != text_end && *p != ' ';) ++p;
    }
    if (p - begin > static_cast<std::ptrdiff_t>(kLongestStretch)) {
      add_words(std::string_view(begin, static_cast<std::size_t>(p - begin)), 1, tally.words);
    } else if (p != begin) {
      counts.add(begin, p);
    }
    if (separates && p != text_end) ++p;
  }
}

void WordCounter::add_byte_words(std::string_view text, WordCounts& stretches) const {
  std::string normalized;
  if (normalizer_ != nullptr && !(normalizer_->keeps_ascii() && is_ascii(text))) {
    NormalizedText whole(text, 0, Places::kNone);
    normalizer_->normalize(whole);
    text = normalized = whole.text();
  }
  std::string prefixed;
  if (byte_words_->add_prefix_space && !text.empty() && text[0] != ' ') {
    text = prefixed = " " + std::string(text);
  }
  const char* const end = text.data() + text.size();
  BatchedCounts counts(stretches, end);
  with_word_pattern(byte_words_->pattern, [&](auto tag) {
    const WordScanner<decltype(tag)::pattern()> scanner(end);
    for (const char* p = text.data(); p != end;) {
      const char* const begin = p;
      p = scanner.next(p);
      counts.add(begin, p);
    }
  });
}

void WordCounter::add_words(std::string_view text, std::uint64_t count, WordCounts& words) const {
  PreTokenizedText split{NormalizedText(text, 0, Places::kNone), {}};
  if (normalizer_ != nullptr) normalizer_->normalize(split.text);
  if (split.text.empty()) return;
  split.pieces.push_back({0, split.text.size(), std::nullopt});
  if (pre_tokenizer_ != nullptr) pre_tokenizer_->pre_tokenize(split);
  const std::string_view all = split.text.text();
  for (const Piece& piece : split.pieces) {
    words.add(all.substr(piece.begin, piece.end - piece.begin), count);
  }
}

bool WordCounter::is_full(const WordCounts& stretches) const {
  return stretches.memory() > kMostStretchMemory / tallies_.size();
}

std::vector<WordCounter::Batch> WordCounter::make_batches(const WordCounts& stretches) const {
  std::vector<WordCount> sorted = stretches.words();
  std::ranges::sort(sorted, std::ranges::less(), &WordCount::count);
  std::vector<Batch> batches;
  for (const auto& [stretch, count] : sorted) {
    // What a text begins with, where spaces begin words, has a word before it in no other text.
    const bool alone = space_role_ == SpaceRole::kBegins && stretch[0] != ' ';
    if (alone || batches.empty() || batches.back().count != count ||
        batches.back().text.size() > kBatchBytes) {
      batches.push_back({"", count});
    }
    std::string& text = batches.back().text;
    if (space_role_ == SpaceRole::kSeparates && !text.empty()) text += ' ';
    text += stretch;
    if (alone) batches.push_back({"", count});
  }
  return batches;
}

void WordCounter::make_words(Tally& tally) const {
  if (byte_words_) {
    spell_bytes_of(tally);
  } else {
    for (const Batch& batch : make_batches(tally.stretches)) {
      add_words(batch.text, batch.count, tally.words);
    }
  }
  tally.stretches.clear();
}

void WordCounter::spell_bytes_of(Tally& tally) const {
  for (const auto& [bytes, count] : tally.stretches.words()) {
    tally.words.add(spell_bytes(bytes), count);
  }
}

void WordCounter::make_words_on_all_threads() {
  const std::vector<Batch> batches = make_batches(tallies_[0].stretches);
  pool_.parallel_for(batches.size(), 16,
                     [&](std::size_t begin, std::size_t end, std::size_t worker) {
                       for (std::size_t i = begin; i < end; ++i) {
                         add_words(batches[i].text, batches[i].count, tallies_[worker].words);
                       }
                     });
  tallies_[0].stretches.clear();
}

WordCounts WordCounter::take() {
  for (std::size_t i = 1; i < tallies_.size(); ++i) {
    tallies_[0].stretches.add(tallies_[i].stretches);
    tallies_[i].stretches.clear();
  }
  byte_words_ ? make_words(tallies_[0]) : make_words_on_all_threads();
  for (std::size_t i = 1; i < tallies_.size(); ++i) {
    tallies_[0].words.add(tallies_[i].words);
    tallies_[i].words.clear();
  }
  return std::exchange(tallies_[0].words, {});
}

}  // namespace firth
