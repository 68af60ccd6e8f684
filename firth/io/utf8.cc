#include "firth/io/utf8.h"

#include <simdjson.h>

namespace firth {

namespace {

struct Sequence {
  std::size_t length;  // of the valid sequence, or of the maximal part of an invalid one
  bool valid;
};

// Table 3-7 of the Unicode standard: which second bytes may follow a lead byte.
Sequence first_sequence(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = byte(0);
  if (lead < 0x80) return {1, true};
  if (lead < 0xC2 || lead > 0xF4) return {1, false};
  const std::size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  const unsigned low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  const unsigned high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  for (std::size_t i = 1; i < length; ++i) {
    const bool good =
        i < text.size() && byte(i) >= (i == 1 ? low : 0x80) && byte(i) <= (i == 1 ? high : 0xBF);
    if (!good) return {i, false};
  }
  return {length, true};
}

}  // namespace

bool is_valid_utf8(std::string_view text) {
  return simdjson::validate_utf8(text.data(), text.size());
}

std::optional<std::size_t> find_invalid_utf8(std::string_view text) {
  if (is_valid_utf8(text)) return std::nullopt;
  for (std::size_t i = 0; i < text.size();) {
    const Sequence sequence = first_sequence(text.substr(i));
    if (!sequence.valid) return i;
    i += sequence.length;
  }
  return std::nullopt;
}

std::string replace_invalid_utf8(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const Sequence sequence = first_sequence(text.substr(i));
    out += sequence.valid ? text.substr(i, sequence.length) : "\xEF\xBF\xBD";
    i += sequence.length;
  }
  return out;
}

}  // namespace firth
