// Writes JSON as a stream into a string: the caller takes what has gathered and goes on. Commas and
// colons come by themselves. Floats are written in the fewest digits that read back to the same
// value; what JSON has no word for (NaN, infinities) is null.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace firth {

class JsonWriter {
 public:
  JsonWriter& begin_object() { return open('{'); }

  JsonWriter& end_object() { return close('}'); }

  JsonWriter& begin_array() { return open('['); }

  JsonWriter& end_array() { return close(']'); }

  JsonWriter& key(std::string_view name);

  // Invalid UTF-8 becomes U+FFFD.
  JsonWriter& value(std::string_view text);

  JsonWriter& value(const char* text) { return value(std::string_view(text)); }

  JsonWriter& value(double number);
  JsonWriter& value(float number);

  JsonWriter& value(std::integral auto number) {
    if constexpr (std::same_as<decltype(number), bool>) {
      return raw(number ? "true" : "false");
    } else {
      return raw(std::to_string(number));
    }
  }

  JsonWriter& null() { return raw("null"); }

  // A value that is JSON already.
  JsonWriter& raw(std::string_view json);

  // key() and value() at once.
  template <class T>
  JsonWriter& field(std::string_view name, const T& v) {
    return key(name).value(v);
  }

  // A line break between values of the outermost level (JSONL).
  JsonWriter& newline() {
    text_ += '\n';
    needs_comma_.assign(1, false);
    return *this;
  }

  const std::string& text() const { return text_; }

  std::string take() {
    std::string text = std::move(text_);
    text_.clear();
    return text;
  }

 private:
  JsonWriter& open(char bracket);
  JsonWriter& close(char bracket);
  void before_value();
  void append_string(std::string_view text);

  std::string text_;
  std::vector<bool> needs_comma_ = {false};  // for each level
  bool after_key_ = false;
};

}  // namespace firth
