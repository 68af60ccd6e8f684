// Base64 (RFC 4648, the standard alphabet), as JSON files hold bytes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace firth {

// The bytes; nullopt if `text` is not base64. Padding may be left out.
std::optional<std::string> decode_base64(std::string_view text);

}  // namespace firth
