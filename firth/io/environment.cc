#include "firth/io/environment.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <string_view>

namespace firth {

namespace {

bool is_name_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

// The variable that begins at text[dollar]: its name, and where the text goes on.
struct Reference {
  std::string name;
  std::size_t end;
};

Reference reference_at(std::string_view text, std::size_t dollar) {
  const bool braced = dollar + 1 < text.size() && text[dollar + 1] == '{';
  std::size_t end = dollar + (braced ? 2 : 1);
  const std::size_t begin = end;
  while (end < text.size() && is_name_character(text[end])) ++end;
  std::string name(text.substr(begin, end - begin));
  if (!braced) return {std::move(name), end};
  const bool closed = end < text.size() && text[end] == '}';
  return closed ? Reference{std::move(name), end + 1} : Reference{"", dollar + 1};
}

std::string with_variables(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] == '$') {
      const Reference reference = reference_at(text, i);
      const std::string value =
          reference.name.empty() ? "" : environment_text(reference.name.c_str());
      out += value.empty() ? text.substr(i, reference.end - i) : std::string_view(value);
      i = reference.end;
    } else {
      out += text[i++];
    }
  }
  return out;
}

}  // namespace

std::string environment_text(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): firth never sets any
  return value == nullptr ? "" : value;
}

std::string environment_path(const char* name) {
  std::string path = environment_text(name);
  if (path == "~" || path.starts_with("~/")) path = environment_text("HOME") + path.substr(1);
  return with_variables(path);
}

bool environment_flag(const char* name) {
  std::string value = environment_text(name);
  std::ranges::transform(value, value.begin(), [](unsigned char c) { return std::tolower(c); });
  constexpr std::array<std::string_view, 4> kTrue = {"1", "on", "yes", "true"};
  return std::ranges::find(kTrue, value) != kTrue.end();
}

}  // namespace firth
