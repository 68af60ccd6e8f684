// The one exception of firth. A message says where, what was expected, what was found and, if
// known, what to do: "model.safetensors: tensor 'pooler.dense.weight': expected shape (384, 384),
// found (768, 384)". The kind maps once to exit codes, Python exceptions and HTTP status codes.
#pragma once

#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace firth {

enum class ErrorKind {
  kInvalidArgument,  // the caller asked for something that makes no sense
  kNotFound,         // a file, model, field or word that is not there
  kCorrupt,          // a file whose content contradicts its format
  kUnsupported,      // well-formed, but of a kind that firth does not handle
  kIo,               // the operating system refused: permissions, a full disk, a closed pipe
  kInternal,         // our own mistake
};

std::string_view error_kind_name(ErrorKind kind);

class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}

  ErrorKind kind() const { return kind_; }

 private:
  ErrorKind kind_;
};

namespace internal {
[[noreturn]] void throw_error(ErrorKind kind, const std::string& message);
}

// Joins the parts with operator<< and throws.
template <class... Parts>
[[noreturn]] void fail(ErrorKind kind, const Parts&... parts) {
  std::ostringstream message;
  (message << ... << parts);
  internal::throw_error(kind, message.str());
}

// Text from a file or a person as it may stand in a one-line message: quoted, control characters
// and invalid UTF-8 escaped, cut after max_bytes.
std::string quoted(std::string_view text, std::size_t max_bytes = 80);

// These keep std::quoted, which is found for a std::string wherever <iomanip> is included, from
// being the better match.
inline std::string quoted(const std::string& text, std::size_t max_bytes = 80) {
  return quoted(std::string_view(text), max_bytes);
}

inline std::string quoted(std::string& text, std::size_t max_bytes = 80) {
  return quoted(std::string_view(text), max_bytes);
}

inline std::string quoted(const char* text, std::size_t max_bytes = 80) {
  return quoted(std::string_view(text), max_bytes);
}

}  // namespace firth
