// Walking the double array.
#include "firth/text/chars_map.h"

#include "firth/core/error.h"
#include "firth/text/unicode.h"

namespace firth {
namespace {

std::uint32_t read_u32(std::string_view bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 4; i-- > 0;) {
    value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  }
  return value;
}

// The parts of a unit.
bool has_leaf(std::uint32_t unit) {
  return (unit >> 8 & 1) != 0;
}

std::uint32_t value_of(std::uint32_t leaf) {
  return leaf & 0x7FFFFFFF;
}

std::uint32_t label_of(std::uint32_t unit) {
  return unit & 0x800000FF;
}

std::size_t offset_of(std::uint32_t unit) {
  return static_cast<std::size_t>(unit >> 10) << ((unit & 1 << 9) >> 6);
}

}  // namespace

CharsMap::CharsMap(std::string_view bytes, const std::string& where) {
  if (bytes.size() < 4) {
    fail(ErrorKind::kCorrupt, where, ": expected a character map, found ", bytes.size(), " bytes");
  }
  const std::size_t trie_size = read_u32(bytes, 0);
  if (trie_size > bytes.size() - 4 || trie_size < 4) {
    fail(ErrorKind::kCorrupt, where, ": expected a trie within ", bytes.size() - 4,
         " bytes, found a size of ", trie_size);
  }
  units_.reserve(trie_size / 4);
  for (std::size_t i = 0; i < trie_size / 4; ++i) {
    units_.push_back(read_u32(bytes, 4 + 4 * i));
  }
  replacements_ = bytes.substr(4 + trie_size / 4 * 4);
  if (!is_valid_utf8(replacements_)) {
    fail(ErrorKind::kCorrupt, where, ": the replacements of the character map are not UTF-8");
  }
}

// on_key(length, value) for each key that `text` begins with, the shortest first, until it returns
// false.
template <class OnKey>
void CharsMap::walk(std::string_view text, OnKey&& on_key) const {
  std::size_t at = offset_of(units_[0]);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    at ^= byte;
    if (byte == 0 || at >= units_.size() || label_of(units_[at]) != byte) {
      return;
    }
    const std::uint32_t unit = units_[at];
    at ^= offset_of(unit);
    if (has_leaf(unit)) {
      if (at >= units_.size() || !on_key(i + 1, value_of(units_[at]))) {
        return;
      }
    }
  }
}

std::optional<std::string_view> CharsMap::replacement_at(std::uint32_t value) const {
  const auto is_inside = [](char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
  };
  if (value > replacements_.size() ||
      (value < replacements_.size() && is_inside(replacements_[value]))) {
    return std::nullopt;
  }
  const std::size_t end = std::min(replacements_.find('\0', value), replacements_.size());
  return std::string_view(replacements_).substr(value, end - value);
}

std::optional<CharsMap::Match> CharsMap::shortest_prefix(std::string_view text) const {
  std::optional<Match> match;
  walk(text, [&](std::size_t length, std::uint32_t value) {
    if (const auto replacement = replacement_at(value)) {
      match = {length, *replacement};
    }
    return false;
  });
  return match;
}

std::optional<CharsMap::Match> CharsMap::longest_prefix(std::string_view text) const {
  std::optional<Match> match;
  walk(text, [&](std::size_t length, std::uint32_t value) {
    if (const auto replacement = replacement_at(value)) {
      match = {length, *replacement};
    }
    return true;
  });
  return match;
}

}  // namespace firth
