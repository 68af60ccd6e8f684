// JSON built into a string, for --json: objects and arrays are opened and closed in order, commas
// come by themselves, strings are escaped (invalid UTF-8 becomes U+FFFD), floats are written so
// that they read back as the same bits, and NaN and infinity as null.
//
//   JsonText json;
//   json.begin_object().field("id", 3).key("scores").begin_array().value(0.5f).end_array();
//   print(json.end_object().line());
#pragma once

#include <concepts>
#include <string>
#include <string_view>

namespace firth::cli {

class JsonText {
 public:
  JsonText& begin_object() { return open('{'); }

  JsonText& end_object() { return close('}'); }

  JsonText& begin_array() { return open('['); }

  JsonText& end_array() { return close(']'); }

  JsonText& key(std::string_view name);

  JsonText& value(std::string_view text);

  JsonText& value(const char* text) { return value(std::string_view(text)); }

  JsonText& value(const std::string& text) { return value(std::string_view(text)); }

  JsonText& value(std::same_as<bool> auto truth) { return raw(truth ? "true" : "false"); }

  JsonText& value(std::integral auto number) requires(!std::same_as<decltype(number), bool>) {
    return raw(std::to_string(number));
  }

  JsonText& value(float number);
  JsonText& value(double number);

  JsonText& null() { return raw("null"); }

  template <class T>
  JsonText& field(std::string_view name, const T& content) {
    return key(name).value(content);
  }

  const std::string& text() const { return text_; }

  // The text with a line break, and an empty writer again.
  std::string line();

 private:
  JsonText& open(char bracket);
  JsonText& close(char bracket);
  JsonText& raw(std::string_view text);
  void separate();

  std::string text_;
  bool needs_comma_ = false;
};

}  // namespace firth::cli
