// One UTF-8 sequence at a time (RFC 3629: no surrogates, nothing beyond U+10FFFF, shortest forms).
#pragma once

#include <cstddef>
#include <string_view>

namespace firth {

struct Utf8Sequence {
  std::size_t length;  // of the valid sequence, or of the maximal part of an invalid one
  bool valid;
};

// What `text` begins with; text is not empty.
Utf8Sequence first_utf8_sequence(std::string_view text);

}  // namespace firth
