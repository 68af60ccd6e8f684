// Lookups that need no inlining: scripts, and UTF-8 that may be ill-formed.
#include "firth/text/unicode.h"

#include <simdjson.h>

#include <algorithm>

namespace firth {

std::string_view script_name(char32_t c) {
  using namespace internal;
  const ScriptRange* const end = kScriptRanges + kNumScriptRanges;
  const ScriptRange* range = std::upper_bound(
      kScriptRanges, end, c, [](char32_t value, const ScriptRange& r) { return value < r.first; });
  const bool known = range != kScriptRanges && c <= (range - 1)->last;
  return kScriptNames[known ? (range - 1)->script : kUnknownScript];
}

bool is_valid_utf8(std::string_view text) {
  return simdjson::validate_utf8(text.data(), text.size());
}

namespace {

// What may follow a lead byte: its length and the range of the second byte (Unicode, table 3-7).
struct LeadByte {
  std::size_t length;  // 0 = no lead byte
  unsigned char low;
  unsigned char high;
};

LeadByte lead_byte(unsigned char byte) {
  if (byte < 0x80) {
    return {1, 0, 0};
  }
  if (byte < 0xC2 || byte > 0xF4) {
    return {0, 0, 0};
  }
  const std::size_t length = byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
  const unsigned char low = byte == 0xE0 ? 0xA0 : byte == 0xF0 ? 0x90 : 0x80;
  const unsigned char high = byte == 0xED ? 0x9F : byte == 0xF4 ? 0x8F : 0xBF;
  return {length, low, high};
}

// Bytes of the sequence at `i` that belong together: a character (then `well_formed`), or the part
// of one that a single U+FFFD stands for.
std::size_t sequence_length(std::string_view text, std::size_t i, bool& well_formed) {
  const LeadByte lead = lead_byte(static_cast<unsigned char>(text[i]));
  std::size_t n = 1;
  while (n < lead.length && i + n < text.size()) {
    const auto byte = static_cast<unsigned char>(text[i + n]);
    const unsigned char low = n == 1 ? lead.low : 0x80;
    const unsigned char high = n == 1 ? lead.high : 0xBF;
    if (byte < low || byte > high) {
      break;
    }
    ++n;
  }
  well_formed = n == lead.length;
  return n;
}

}  // namespace

std::string replace_ill_formed(std::string_view text) {
  std::string result;
  result.reserve(text.size() + 16);
  for (std::size_t i = 0; i < text.size();) {
    bool well_formed = false;
    const std::size_t n = sequence_length(text, i, well_formed);
    result += well_formed ? text.substr(i, n) : std::string_view("\xEF\xBF\xBD");
    i += n;
  }
  return result;
}

std::size_t encode_utf8(char32_t c, char* out) {
  const auto tail = [&](int shift) { return static_cast<char>(0x80 | ((c >> shift) & 0x3F)); };
  switch (utf8_length(c)) {
    case 1:
      out[0] = static_cast<char>(c);
      return 1;
    case 2:
      out[0] = static_cast<char>(0xC0 | c >> 6);
      out[1] = tail(0);
      return 2;
    case 3:
      out[0] = static_cast<char>(0xE0 | c >> 12);
      out[1] = tail(6);
      out[2] = tail(0);
      return 3;
    default:
      out[0] = static_cast<char>(0xF0 | c >> 18);
      out[1] = tail(12);
      out[2] = tail(6);
      out[3] = tail(0);
      return 4;
  }
}

void append_utf8(char32_t c, std::string& out) {
  char bytes[4];
  out.append(bytes, encode_utf8(c, bytes));
}

char32_t last_char(std::string_view text) {
  const char* p = text.data() + text.size() - 1;
  while ((static_cast<unsigned char>(*p) & 0xC0) == 0x80) {
    --p;
  }
  return decode_utf8(p);
}

}  // namespace firth
