#include "firth/io/utf8.h"

#include <simdjson.h>

#include "firth/core/utf8.h"

namespace firth {

bool is_valid_utf8(std::string_view text) {
  return simdjson::validate_utf8(text.data(), text.size());
}

std::optional<std::size_t> find_invalid_utf8(std::string_view text) {
  if (is_valid_utf8(text)) return std::nullopt;
  for (std::size_t i = 0; i < text.size();) {
    const Utf8Sequence sequence = first_utf8_sequence(text.substr(i));
    if (!sequence.valid) return i;
    i += sequence.length;
  }
  return std::nullopt;
}

std::string replace_invalid_utf8(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const Utf8Sequence sequence = first_utf8_sequence(text.substr(i));
    out += sequence.valid ? text.substr(i, sequence.length) : "\xEF\xBF\xBD";
    i += sequence.length;
  }
  return out;
}

}  // namespace firth
