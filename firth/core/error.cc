#include "firth/core/error.h"

#include "firth/core/utf8.h"

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

std::string quoted(std::string_view text, std::size_t max_bytes) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  std::string out = "'";
  while (!text.empty()) {
    if (out.size() > max_bytes) {
      out += "…";
      break;
    }
    const auto byte = static_cast<unsigned char>(text[0]);
    Utf8Sequence sequence = first_utf8_sequence(text);
    if (byte < 0x20 || byte == 0x7F || !sequence.valid) {
      out += {'\\', 'x', kHex[byte >> 4], kHex[byte & 15]};
      sequence.length = 1;
    } else {
      out.append(text.substr(0, sequence.length));
    }
    text.remove_prefix(sequence.length);
  }
  return out + "'";
}

}  // namespace firth
