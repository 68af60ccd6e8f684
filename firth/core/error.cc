#include "firth/core/error.h"

#include <array>

namespace firth {

std::string_view error_kind_name(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kInvalidArgument:
      return "invalid argument";
    case ErrorKind::kNotFound:
      return "not found";
    case ErrorKind::kCorrupt:
      return "corrupt";
    case ErrorKind::kUnsupported:
      return "unsupported";
    case ErrorKind::kIo:
      return "input/output";
    case ErrorKind::kInternal:
      return "internal";
  }
  return "unknown";
}

namespace internal {
void throw_error(ErrorKind kind, const std::string& message) {
  throw Error(kind, message);
}
}  // namespace internal

namespace {

// Length of the valid UTF-8 sequence that starts text, 0 if there is none.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  const std::size_t length = lead < 0x80   ? 1
                             : lead < 0xC2 ? 0
                             : lead < 0xE0 ? 2
                             : lead < 0xF0 ? 3
                             : lead < 0xF5 ? 4
                                           : 0;
  if (length == 0 || length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  if (lead == 0xE0 && byte(1) < 0xA0) return 0;
  if (lead == 0xED && byte(1) > 0x9F) return 0;
  if (lead == 0xF0 && byte(1) < 0x90) return 0;
  if (lead == 0xF4 && byte(1) > 0x8F) return 0;
  return length;
}

}  // namespace

std::string quoted(std::string_view text, std::size_t max_bytes) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  std::string out = "'";
  while (!text.empty()) {
    if (out.size() > max_bytes) {
      out += "…";
      break;
    }
    const auto byte = static_cast<unsigned char>(text[0]);
    std::size_t length = utf8_length(text);
    if (byte < 0x20 || byte == 0x7F || length == 0) {
      out += {'\\', 'x', kHex[byte >> 4], kHex[byte & 15]};
      length = 1;
    } else {
      out.append(text.substr(0, length));
    }
    text.remove_prefix(length);
  }
  return out + "'";
}

}  // namespace firth
