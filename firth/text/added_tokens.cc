// Giving ids, and finding.
#include "firth/text/added_tokens.h"

#include <algorithm>
#include <cstring>

#include "firth/core/error.h"

namespace firth {
namespace {

bool starts_with_word_char(std::string_view text) {
  const char* p = text.data();
  return !text.empty() && has_flag(decode_utf8(p), kWordChar);
}

bool ends_with_word_char(std::string_view text) {
  return !text.empty() && has_flag(last_char(text), kWordChar);
}

// Where the white space at the end of text[low…] begins. Never looks before `low`, which keeps
// the whole search linear.
std::size_t trailing_space(std::string_view text, std::size_t low) {
  std::size_t end = text.size();
  while (end > low) {
    const char32_t c = last_char(text.substr(0, end));
    if (!is_whitespace(c)) {
      break;
    }
    end -= utf8_length(c);
  }
  return std::max(end, low);
}

std::size_t leading_space(std::string_view text) {
  const char* p = text.data();
  const char* const end = p + text.size();
  while (p != end) {
    const char* const before = p;
    if (!is_whitespace(decode_utf8(p))) {
      return static_cast<std::size_t>(before - text.data());
    }
  }
  return text.size();
}

}  // namespace

void AddedTokens::Matcher::add(std::string_view pattern, std::int32_t id) {
  if (pattern.empty()) {
    return;
  }
  begins[static_cast<unsigned char>(pattern[0])] = true;
  only_first = size == 0 || only_first == pattern[0] ? std::optional(pattern[0]) : std::nullopt;
  trie.insert(pattern, id);
  ++size;
}

std::size_t AddedTokens::Matcher::next(std::string_view text, std::size_t from) const {
  if (size == 0) {
    return text.size();
  }
  if (only_first) {
    return std::min(text.find(*only_first, from), text.size());
  }
  while (from < text.size() && !begins[static_cast<unsigned char>(text[from])]) {
    ++from;
  }
  return from;
}

AddedTokens::AddedTokens(const std::vector<AddedToken>& tokens, const Vocabulary& vocabulary,
                         const Normalizer* normalizer) {
  // The reference counts tokens, not ids: where the vocabulary has holes, this id may be taken.
  std::size_t next_id = vocabulary.num_tokens();
  for (const AddedToken& token : tokens) {
    if (token.content.empty()) {
      continue;
    }
    std::optional<std::int32_t> id = find(token.content);
    id = id ? id : vocabulary.find(token.content);
    id = id ? id : static_cast<std::int32_t>(next_id++);
    if (*id > kMaxTokenId) {
      fail(ErrorKind::kUnsupported, "added token ", quoted(token.content),
           ": expected an id of at ", "most ", kMaxTokenId, ", found ", *id);
    }
    Entry entry{token, token.content};
    if (token.normalized && normalizer != nullptr) {
      NormalizedText text(token.content);
      normalizer->normalize(text);
      entry.normalized = text.text();
    }
    ids_[token.content] = *id;
    if (token.special) {
      specials_.insert(token.content);
    }
    by_id_.insert_or_assign(*id, std::move(entry));
  }
  for (const auto& [id, entry] : by_id_) {
    (entry.token.normalized ? normalized_ : plain_).add(entry.normalized, id);
  }
}

std::optional<std::int32_t> AddedTokens::find(std::string_view content) const {
  const auto it = ids_.find(content);
  return it == ids_.end() ? std::nullopt : std::optional(it->second);
}

const AddedToken* AddedTokens::by_id(std::int32_t id) const {
  const auto it = by_id_.find(id);
  return it == by_id_.end() ? nullptr : &it->second.token;
}

std::string_view AddedTokens::decoded(std::int32_t id) const {
  const auto it = by_id_.find(id);
  return it == by_id_.end() ? std::string_view() : std::string_view(it->second.normalized);
}

std::size_t AddedTokens::end_id() const {
  return by_id_.empty() ? 0 : static_cast<std::size_t>(by_id_.rbegin()->first) + 1;
}

std::vector<Piece> AddedTokens::split(std::string_view text, const Matcher& matcher) const {
  std::vector<Piece> pieces;
  std::size_t open = 0;  // the end of the piece before
  for (std::size_t at = matcher.next(text, 0); at < text.size(); at = matcher.next(text, at)) {
    const auto match = matcher.trie.longest_prefix(text.substr(at));
    if (match.length == 0) {
      ++at;
      continue;
    }
    std::size_t begin = at;
    std::size_t end = at + match.length;
    at = end;
    const AddedToken& token = by_id_.at(match.value).token;
    if (token.single_word &&
        (ends_with_word_char(text.substr(0, begin)) || starts_with_word_char(text.substr(end)))) {
      continue;
    }
    if (token.lstrip) {
      begin = trailing_space(text.substr(0, begin), std::min(open, begin));
    }
    if (token.rstrip) {
      end += leading_space(text.substr(end));
    }
    // A token that begins with white space may lie in what the one before has taken.
    begin = std::max(begin, open);
    if (begin >= end) {
      continue;
    }
    if (open < begin) {
      pieces.push_back({open, begin, std::nullopt});
    }
    pieces.push_back({begin, end, match.value});
    open = end;
  }
  if (open < text.size()) {
    pieces.push_back({open, text.size(), std::nullopt});
  }
  return pieces;
}

}  // namespace firth
