#include "firth/io/line_reader.h"

#include <algorithm>
#include <cstring>

#include "firth/core/error.h"

namespace firth {

namespace {
constexpr std::size_t kBlockBytes = std::size_t{1} << 18;
}

LineReader::LineReader(ByteSource source, std::size_t max_bytes)
    : source_(std::move(source)), max_bytes_(max_bytes), buffer_(kBlockBytes) {
  while (end_ < 3 && fill()) {
  }
  if (std::string_view(buffer_.data(), end_).starts_with("\xEF\xBB\xBF")) begin_ = 3;
}

// Reads more behind what waits, which moves to the front; the buffer grows only for a long line.
bool LineReader::fill() {
  if (begin_ > 0) {
    std::copy(buffer_.begin() + begin_, buffer_.begin() + end_, buffer_.begin());
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == buffer_.size()) buffer_.resize(buffer_.size() * 2);
  const std::size_t got = source_.read({buffer_.data() + end_, buffer_.size() - end_});
  end_ += got;
  return got > 0;
}

bool LineReader::next(std::string_view& line) {
  std::size_t searched = 0;  // bytes after begin_ that hold no \n
  for (;;) {
    const char* start = buffer_.data() + begin_;
    const std::size_t waiting = end_ - begin_;
    const void* found = std::memchr(start + searched, '\n', waiting - searched);
    const std::size_t length =
        found == nullptr ? waiting
                         : static_cast<std::size_t>(static_cast<const char*>(found) - start);
    if (length > max_bytes_) {
      fail(ErrorKind::kUnsupported, source_.name(), ":", line_ + 1, ": expected at most ",
           max_bytes_, " bytes in a line, found more");
    }
    if (found == nullptr) {
      searched = waiting;
      if (fill()) continue;
      if (waiting == 0) return false;  // else the last line, which nothing ends
    }
    line = {buffer_.data() + begin_, length};
    begin_ += length + (found == nullptr ? 0 : 1);
    ++line_;
    return true;
  }
}

}  // namespace firth
