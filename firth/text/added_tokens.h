// Tokens that are found in the text before the model sees it: [SEP], <mask>, words that a person
// added. Those marked `normalized` are looked for in the normalized text, the others in the text as
// it is; among tokens that begin at one place the longest is taken (leftmost-longest, without
// overlaps, as the reference's Aho-Corasick automaton does).
//
// Finding takes a walk down a trie at each byte that some token begins with: linear in the text for
// tokens of ordinary length, in the worst case times the length of the longest token.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "firth/text/byte_trie.h"
#include "firth/text/normalizer.h"
#include "firth/text/pre_tokenizer.h"
#include "firth/text/vocabulary.h"

namespace firth {

struct AddedToken {
  std::string content;
  bool single_word = false;  // not where a word character stands beside it
  bool lstrip = false;       // takes the white space on its left with it
  bool rstrip = false;
  bool normalized = true;
  bool special = false;  // left out by decode(skip_special_tokens)
};

class AddedTokens {
 public:
  AddedTokens() = default;

  // Adds in order. A token gets the id that it has already, among the added or in the vocabulary,
  // else the next one free; `normalizer` may be null.
  AddedTokens(const std::vector<AddedToken>& tokens, const Vocabulary& vocabulary,
              const Normalizer* normalizer);

  std::optional<std::int32_t> find(std::string_view content) const;
  const AddedToken* by_id(std::int32_t id) const;  // nullptr if it is not an added one

  // How the token is spelled for the decoder: normalized, if it is looked for in normalized text.
  std::string_view decoded(std::int32_t id) const;

  bool is_special(std::string_view content) const { return specials_.contains(content); }

  std::size_t end_id() const;  // greatest id + 1

  // Cuts `text` at the tokens; the pieces cover it and may be empty only if it is.
  std::vector<Piece> split_text(std::string_view text) const { return split(text, plain_); }

  std::vector<Piece> split_normalized(std::string_view text) const {
    return split(text, normalized_);
  }

  bool has_normalized() const { return normalized_.size > 0; }

  // Where the next token that split_text would look at begins, or text.size(): lets the caller pass
  // over text without tokens quickly.
  std::size_t first_candidate(std::string_view text) const { return plain_.next(text, 0); }

 private:
  // The tokens of one kind.
  struct Matcher {
    ByteTrie trie;
    std::array<bool, 256> begins{};  // bytes that a token begins with
    std::optional<char> only_first;  // the one such byte, if there is but one
    std::size_t size = 0;

    void add(std::string_view pattern, std::int32_t id);
    std::size_t next(std::string_view text, std::size_t from) const;
  };

  std::vector<Piece> split(std::string_view text, const Matcher& matcher) const;

  struct Entry {
    AddedToken token;
    std::string normalized;  // what it is after the normalizer
  };

  std::map<std::int32_t, Entry> by_id_;
  std::map<std::string, std::int32_t, std::less<>> ids_;
  std::set<std::string, std::less<>> specials_;
  Matcher plain_;
  Matcher normalized_;
};

}  // namespace firth
