// Open addressing over one block of bytes: loading 30,000 tokens takes no allocation a token.
#include "firth/text/vocabulary.h"

#include <algorithm>
#include <bit>
#include <functional>

#include "firth/core/error.h"

namespace firth {

void Vocabulary::reserve(std::size_t num_tokens) {
  slots_.assign(std::bit_ceil(2 * num_tokens + 2), -1);
  spans_.reserve(num_tokens);
}

// The token's slot, or the free one where it would go.
std::size_t Vocabulary::slot_of(std::string_view text) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = std::hash<std::string_view>{}(text)&mask;
  while (slots_[slot] >= 0 && token(slots_[slot]) != text) {
    slot = (slot + 1) & mask;
  }
  return slot;
}

void Vocabulary::insert(std::string_view token, std::int32_t id) {
  const auto index = static_cast<std::size_t>(id);
  if (index >= spans_.size()) {
    spans_.resize(index + 1);
  }
  slots_[slot_of(token)] = id;
  spans_[index] = {static_cast<std::uint32_t>(bytes_.size()),
                   static_cast<std::uint32_t>(token.size())};
  bytes_ += token;
  ++num_tokens_;
}

Vocabulary Vocabulary::read(const Json& object) {
  const auto fields = object.fields();
  Vocabulary vocabulary;
  vocabulary.reserve(fields.size());
  for (const auto& [token, value] : fields) {
    const auto id = static_cast<std::int32_t>(value.as_uint(kMaxTokenId));
    if (vocabulary.find(token)) {
      fail(ErrorKind::kCorrupt, object.where(), ": token ", quoted(token), " occurs twice");
    }
    if (vocabulary.has_id(id)) {
      fail(ErrorKind::kCorrupt, object.where(), ": tokens ", quoted(vocabulary.token(id)), " and ",
           quoted(token), " have the same id ", id);
    }
    vocabulary.insert(token, id);
  }
  return vocabulary;
}

Vocabulary Vocabulary::from_tokens(const std::vector<std::pair<std::string, std::int32_t>>& tokens,
                                   const std::string& where) {
  Vocabulary vocabulary;
  vocabulary.reserve(tokens.size());
  for (const auto& [token, id] : tokens) {
    if (vocabulary.find(token)) {
      fail(ErrorKind::kCorrupt, where, ": token ", quoted(token), " occurs twice");
    }
    if (vocabulary.has_id(id)) {
      fail(ErrorKind::kCorrupt, where, ": tokens ", quoted(vocabulary.token(id)), " and ",
           quoted(token), " have the same id ", id);
    }
    vocabulary.insert(token, id);
  }
  return vocabulary;
}

Vocabulary Vocabulary::from_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    std::string_view line = text.substr(begin, end - begin);
    if (line.ends_with('\r')) {
      line.remove_suffix(1);
    }
    lines.push_back(line);
    begin = end + 1;
  }
  Vocabulary vocabulary;
  vocabulary.reserve(lines.size());
  // From the last to the first, so that the last of equal lines counts.
  for (std::size_t i = lines.size(); i-- > 0;) {
    if (!vocabulary.find(lines[i])) {
      vocabulary.insert(lines[i], static_cast<std::int32_t>(i));
    }
  }
  return vocabulary;
}

Vocabulary Vocabulary::from_list(const std::vector<std::string_view>& tokens) {
  Vocabulary vocabulary;
  vocabulary.reserve(tokens.size());
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    vocabulary.insert(tokens[i], static_cast<std::int32_t>(i));
  }
  return vocabulary;
}

std::optional<std::int32_t> Vocabulary::find(std::string_view token) const {
  if (slots_.empty()) {
    return std::nullopt;
  }
  const std::int32_t id = slots_[slot_of(token)];
  return id < 0 ? std::nullopt : std::optional(id);
}

std::string_view Vocabulary::token(std::int32_t id) const {
  if (!has_id(id)) {
    return {};
  }
  const Span span = spans_[static_cast<std::size_t>(id)];
  return std::string_view(bytes_).substr(span.begin, span.length);
}

bool Vocabulary::has_id(std::int32_t id) const {
  return id >= 0 && static_cast<std::size_t>(id) < spans_.size() &&
         spans_[static_cast<std::size_t>(id)].begin != kHole;
}

}  // namespace firth
