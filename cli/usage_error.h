// What a person typed wrongly: exit code 2, while every other failure is 1.
#pragma once

#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace firth::cli {

class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Joins the parts with operator<< and throws.
template <class... Parts>
[[noreturn]] void usage_error(const Parts&... parts) {
  std::ostringstream message;
  (message << ... << parts);
  throw UsageError(message.str());
}

// For a text that a model will see. Errors: usage, naming `where`.
void require_utf8(std::string_view where, std::string_view text);

// The candidate that a mistyped word most probably means, "" if none is near: optimal string
// alignment distance (a swap of neighbours counts as one) of at most a third of the word's length,
// and at least 1.
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

// "; did you mean 'x'?" or "".
std::string suggestion(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace firth::cli
