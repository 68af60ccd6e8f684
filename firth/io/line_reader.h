// Lines of a byte source, a block at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "firth/io/compressed_file.h"

namespace firth {

class LineReader {
 public:
  // A line of more than max_bytes is an error (unsupported).
  LineReader(ByteSource source, std::size_t max_bytes);

  // The next line without its \n; a \r before that is left in. The view is valid until the next
  // call. False at the end. A byte order mark at the start is skipped.
  bool next(std::string_view& line);

  std::uint64_t line() const { return line_; }  // number of the line read last, from 1

  const ByteSource& source() const { return source_; }

  // "reviews.jsonl:17"
  std::string where() const { return source_.name() + ":" + std::to_string(line_); }

 private:
  bool fill();

  ByteSource source_;
  std::size_t max_bytes_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;  // what was read and not handed out: buffer_[begin_, end_)
  std::size_t end_ = 0;
  std::uint64_t line_ = 0;
};

// The line without a \r at its end.
inline std::string_view without_carriage_return(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace firth
