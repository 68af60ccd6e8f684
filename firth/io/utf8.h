// Checking and mending UTF-8 (RFC 3629: no surrogates, nothing beyond U+10FFFF, shortest forms).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace firth {

bool is_valid_utf8(std::string_view text);

// Offset of the first byte that begins no valid sequence; nullopt if all is valid.
std::optional<std::size_t> find_invalid_utf8(std::string_view text);

// Each maximal part of an invalid sequence becomes one U+FFFD, as the Unicode standard (3.9,
// "substitution of maximal subparts") and Python's errors="replace" have it.
std::string replace_invalid_utf8(std::string_view text);

}  // namespace firth
