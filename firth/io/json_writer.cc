#include "firth/io/json_writer.h"

#include <array>
#include <charconv>
#include <cmath>

#include "firth/io/utf8.h"

namespace firth {

namespace {

template <class T>
std::string shortest(T number) {
  std::array<char, 32> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  return {digits.data(), end};
}

}  // namespace

void JsonWriter::before_value() {
  if (!after_key_ && needs_comma_.back()) text_ += ',';
  after_key_ = false;
  needs_comma_.back() = true;
}

JsonWriter& JsonWriter::open(char bracket) {
  before_value();
  text_ += bracket;
  needs_comma_.push_back(false);
  return *this;
}

JsonWriter& JsonWriter::close(char bracket) {
  needs_comma_.pop_back();
  text_ += bracket;
  return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
  before_value();
  append_string(name);
  text_ += ':';
  after_key_ = true;
  return *this;
}

JsonWriter& JsonWriter::value(std::string_view text) {
  before_value();
  append_string(text);
  return *this;
}

JsonWriter& JsonWriter::value(double number) {
  return std::isfinite(number) ? raw(shortest(number)) : null();
}

JsonWriter& JsonWriter::value(float number) {
  return std::isfinite(number) ? raw(shortest(number)) : null();
}

JsonWriter& JsonWriter::raw(std::string_view json) {
  before_value();
  text_ += json;
  return *this;
}

void JsonWriter::append_string(std::string_view text) {
  if (!is_valid_utf8(text)) {
    append_string(replace_invalid_utf8(text));
    return;
  }
  constexpr std::string_view kHex = "0123456789abcdef";
  text_ += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      text_ += {'\\', c};
    } else if (c == '\n') {
      text_ += "\\n";
    } else if (c == '\t') {
      text_ += "\\t";
    } else if (c == '\r') {
      text_ += "\\r";
    } else if (byte < 0x20 || byte == 0x7F) {
      text_ += {'\\', 'u', '0', '0', kHex[byte >> 4], kHex[byte & 15]};
    } else {
      text_ += c;
    }
  }
  text_ += '"';
}

}  // namespace firth
