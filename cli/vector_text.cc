// Reading a typed vector.
#include "cli/vector_text.h"

#include <charconv>
#include <cmath>

#include "firth/core/error.h"

namespace firth::cli {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) + 1 - begin);
}

std::string_view without_brackets(std::string_view text) {
  text = trimmed(text);
  const bool bracketed = text.size() >= 2 && text.front() == '[' && text.back() == ']';
  return bracketed ? trimmed(text.substr(1, text.size() - 2)) : text;
}

double parse_component(std::string_view text, std::string_view where, std::size_t number) {
  text = trimmed(text);
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) {
    fail(ErrorKind::kInvalidArgument, where, ": component ", number,
         ": expected a finite number, found ", quoted(text));
  }
  return value;
}

}  // namespace

bool looks_like_vector(std::string_view text) {
  constexpr std::string_view kSigns = "0123456789+-.,eE[] \t\r\n";
  const bool digits = text.find_first_of("0123456789") != std::string_view::npos;
  if (!digits || text.find(',') == std::string_view::npos) return false;
  // The names of what is no number are let through, for parse_vector to refuse them.
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string_view rest = text.substr(i);
    if (rest.starts_with("nan") || rest.starts_with("NaN") || rest.starts_with("inf")) {
      i += 2;
    } else if (kSigns.find(text[i]) == std::string_view::npos) {
      return false;
    }
  }
  return true;
}

std::vector<double> parse_vector(std::string_view text, std::string_view where) {
  std::vector<double> vector;
  std::string_view rest = without_brackets(text);
  while (true) {
    const std::size_t comma = rest.find(',');
    vector.push_back(parse_component(rest.substr(0, comma), where, vector.size() + 1));
    if (comma == std::string_view::npos) return vector;
    rest.remove_prefix(comma + 1);
  }
}

}  // namespace firth::cli
