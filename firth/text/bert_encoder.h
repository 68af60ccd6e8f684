// The parts of BERT (BertNormalizer, BertPreTokenizer, WordPiece) in one pass over the bytes, for
// callers that want ids only. What normalizer and pre-tokenizer make of a character alone is
// computed once for every character of the basic plane; words of up to 16 bytes that are tokens are
// found with one probe; others are remembered in the state, and split where that fails.
//
// The result equals that of the parts in turn. The one case in which a character's fate depends on
// its neighbours (marks that stay and that Unicode puts into canonical order) is left to them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "firth/text/normalizer.h"
#include "firth/text/word_piece.h"

namespace firth {

class BertEncoder {
 public:
  class State;

  // The model must outlive the encoder.
  BertEncoder(const BertNormalizerOptions& options, const WordPiece& model);

  // Appends the ids of valid text; false, and `ids` as before, if the parts must do it.
  bool encode(std::string_view text, State& state, std::vector<std::int32_t>& ids) const;

 private:
  // What becomes of a character.
  enum class Fate : std::uint8_t {
    kLetter,  // part of a word, spelled as `bytes`
    kDropped,
    kSpace,    // ends a word
    kSign,     // a word of its own (punctuation, Chinese), spelled as `bytes`
    kSeveral,  // of several characters: computed when met
    kContext,  // depends on its neighbours
  };

  struct Char {
    std::array<char, 3> bytes{};  // after normalization
    Fate fate : 4 = Fate::kContext;
    std::uint8_t length : 4 = 0;  // of bytes
  };

  static_assert(sizeof(Char) == 4);

  // A character after normalization, as the pre-tokenizer sees it.
  struct Part {
    char32_t character;
    Fate fate;  // kLetter, kSpace or kSign
  };

  // The parts of a character; false if they depend on its neighbours.
  template <class F>
  bool for_each_part(char32_t c, F&& f) const;

  Char classify(char32_t c) const;

  // A word of up to 16 bytes, padded with zeros.
  struct ShortWord {
    std::uint64_t low = 0;
    std::uint64_t high = 0;
    std::uint32_t length = 0;

    friend bool operator==(const ShortWord&, const ShortWord&) = default;
  };

  struct WholeWord {
    ShortWord word;
    std::int32_t id = -1;
  };

  static constexpr std::size_t kMaxShortWord = 16;
  static ShortWord short_word(const char* bytes, std::size_t length);
  static std::size_t hash(const ShortWord& word);

  void add_whole_word(const ShortWord& word, std::int32_t id);
  void end_word(State& state, std::vector<std::int32_t>& ids) const;
  void split_word(std::string_view word, std::size_t num_chars, State& state,
                  std::vector<std::int32_t>& ids) const;
  static void append(const Char& c, State& state);
  void put_parts(char32_t c, State& state, std::vector<std::int32_t>& ids) const;

  BertNormalizerOptions options_;
  const WordPiece& model_;
  std::vector<Char> chars_;                // of the basic plane
  std::array<char, 256> ascii_letters_{};  // what ASCII letters become; 0 = something else
  std::vector<WholeWord> whole_words_;     // hash table, a power of two
};

// The word under construction, and recent words that took more than a probe.
class BertEncoder::State {
 public:
  State();

 private:
  friend class BertEncoder;

  static constexpr std::size_t kMaxIds = 6;
  // Of remembered words, times 48 bytes. The table begins small, for callers that make a state for
  // one short text; each word has one place, and a later word takes it over.
  static constexpr std::size_t kFewRemembered = 64;
  static constexpr std::size_t kMostRemembered = 65536;

  struct Remembered {
    ShortWord word;  // length 0 = free
    std::uint32_t num_ids = 0;
    std::array<std::int32_t, kMaxIds> ids{};
  };

  Remembered& place_of(std::size_t hash) { return remembered_[hash & (remembered_.size() - 1)]; }

  void remember(const ShortWord& word, std::size_t hash, std::span<const std::int32_t> ids);

  void reserve(std::size_t more) {
    if (length_ + more + kMaxShortWord > word_.size()) {
      word_.resize(2 * (length_ + more + kMaxShortWord));
    }
  }

  std::vector<char> word_;
  std::size_t length_ = 0;
  std::size_t num_chars_ = 0;
  std::vector<ModelToken> tokens_;
  std::vector<Remembered> remembered_;  // a power of two
  std::size_t num_stored_ = 0;          // since the table has its size
};

}  // namespace firth
