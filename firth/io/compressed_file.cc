#include "firth/io/compressed_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <vector>

#include "firth/core/error.h"
#include "firth/io/file.h"

namespace firth {

namespace {

constexpr std::size_t kBlockBytes = std::size_t{1} << 18;
constexpr std::string_view kGzipMagic = "\x1F\x8B";
constexpr std::string_view kZstdMagic = "\x28\xB5\x2F\xFD";

}  // namespace

// Compressed bytes wait in block[begin, end).
struct ByteSource::State {
  std::string name;
  FileDescriptor file;  // not open for standard input
  int fd = -1;
  std::uint64_t total = 0;
  std::uint64_t consumed = 0;
  std::vector<char> block = std::vector<char>(kBlockBytes);
  std::size_t begin = 0;
  std::size_t end = 0;
  bool at_end = false;  // of the file
  bool inside = false;  // a member or frame has begun and not ended

  enum { kPlain, kGzip, kZstd } form = kPlain;

  z_stream gzip{};
  std::unique_ptr<ZSTD_DStream, std::size_t (*)(ZSTD_DStream*)> zstd{nullptr, ZSTD_freeDStream};

  ~State() {
    if (form == kGzip) inflateEnd(&gzip);
  }

  std::string_view waiting() const { return {block.data() + begin, end - begin}; }

  bool fill();
  void detect();
  std::size_t read_plain(std::span<char> out);
  std::size_t read_gzip(std::span<char> out);
  std::size_t read_zstd(std::span<char> out);
  bool next_member();
  [[noreturn]] void fail_corrupt(std::string_view what) const;
};

// Appends to what waits; false at the end of the file.
bool ByteSource::State::fill() {
  if (at_end) return false;
  if (begin > 0) {
    std::copy(block.begin() + begin, block.begin() + end, block.begin());
    end -= begin;
    begin = 0;
  }
  for (;;) {
    const ssize_t got = ::read(fd, block.data() + end, block.size() - end);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail_errno(name, "read", errno);
    at_end = got == 0;
    end += static_cast<std::size_t>(got);
    consumed += static_cast<std::uint64_t>(got);
    return got > 0;
  }
}

void ByteSource::State::detect() {
  while (waiting().size() < kZstdMagic.size() && fill()) {
  }
  if (waiting().starts_with(kGzipMagic)) {
    constexpr int kGzipWindow = 15 + 16;  // the largest window, with gzip's header and checksum
    if (inflateInit2(&gzip, kGzipWindow) != Z_OK) {
      fail(ErrorKind::kInternal, name, ": zlib cannot start");
    }
    form = kGzip;
  } else if (waiting().starts_with(kZstdMagic)) {
    zstd.reset(ZSTD_createDStream());
    if (zstd == nullptr) fail(ErrorKind::kInternal, name, ": zstd cannot start");
    form = kZstd;
  }
}

void ByteSource::State::fail_corrupt(std::string_view what) const {
  fail(ErrorKind::kCorrupt, name, ": ", form == kGzip ? "gzip" : "zstd",
       " data without fault, found: ", what);
}

// Between members: true if another one follows. Zeros fill up the end of a tape and count as none.
bool ByteSource::State::next_member() {
  if (form == kGzip && inflateReset(&gzip) != Z_OK) fail_corrupt("cannot go on");
  do {
    while (begin < end && block[begin] == '\0') ++begin;
  } while (begin == end && fill());
  while (waiting().size() < 2 && fill()) {
  }
  if (begin == end) return false;
  const bool is_member = form == kZstd || waiting().starts_with(kGzipMagic);
  if (!is_member) fail_corrupt("expected its end or another member, found other bytes");
  return true;
}

std::size_t ByteSource::State::read_plain(std::span<char> out) {
  if (begin == end) {
    begin = end = 0;
    if (!fill()) return 0;
  }
  const std::size_t n = std::min(out.size(), end - begin);
  std::copy_n(block.begin() + begin, n, out.begin());
  begin += n;
  return n;
}

std::size_t ByteSource::State::read_gzip(std::span<char> out) {
  for (;;) {
    if (!inside && !next_member()) return 0;
    inside = true;
    if (begin == end) fill();
    gzip.next_in = reinterpret_cast<Bytef*>(block.data() + begin);
    gzip.avail_in = static_cast<uInt>(end - begin);
    gzip.next_out = reinterpret_cast<Bytef*>(out.data());
    gzip.avail_out = static_cast<uInt>(std::min<std::size_t>(out.size(), kBlockBytes));
    const std::size_t room = gzip.avail_out;
    const int status = inflate(&gzip, Z_NO_FLUSH);
    const bool moved = gzip.avail_in < end - begin || gzip.avail_out < room;
    begin = end - gzip.avail_in;
    if (status == Z_STREAM_END) inside = false;
    if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR) {
      fail_corrupt(gzip.msg != nullptr ? gzip.msg : "damaged");
    }
    if (room > gzip.avail_out) return room - gzip.avail_out;
    if (inside && !moved && at_end) fail_corrupt("the file is cut short");
  }
}

std::size_t ByteSource::State::read_zstd(std::span<char> out) {
  for (;;) {
    if (!inside && !next_member()) return 0;
    inside = true;
    if (begin == end) fill();
    ZSTD_inBuffer in{block.data() + begin, end - begin, 0};
    ZSTD_outBuffer to{out.data(), out.size(), 0};
    const std::size_t status = ZSTD_decompressStream(zstd.get(), &to, &in);
    begin += in.pos;
    if (ZSTD_isError(status) != 0) fail_corrupt(ZSTD_getErrorName(status));
    if (status == 0) inside = false;
    if (to.pos > 0) return to.pos;
    if (inside && in.pos == 0 && at_end) fail_corrupt("the file is cut short");
  }
}

ByteSource::ByteSource(std::unique_ptr<State> state) : state_(std::move(state)) {}

ByteSource::~ByteSource() = default;
ByteSource::ByteSource(ByteSource&&) noexcept = default;
ByteSource& ByteSource::operator=(ByteSource&&) noexcept = default;

ByteSource ByteSource::open(const std::string& path) {
  auto state = std::make_unique<State>();
  state->name = path;
  if (path == "-") {
    state->name = "standard input";
    state->fd = STDIN_FILENO;
  } else {
    if (path.find('\0') != std::string::npos) {
      fail(ErrorKind::kInvalidArgument, quoted(path), ": expected a path, found a zero byte in it");
    }
    state->file = FileDescriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!state->file.is_open()) fail_errno(path, "open", errno);
    state->fd = state->file.get();
  }

  struct stat status {};

  if (::fstat(state->fd, &status) != 0) fail_errno(state->name, "examine", errno);
  if (S_ISDIR(status.st_mode)) {
    fail(ErrorKind::kInvalidArgument, state->name, ": expected a file, found a folder");
  }
  if (S_ISREG(status.st_mode)) state->total = static_cast<std::uint64_t>(status.st_size);
  state->detect();
  return ByteSource(std::move(state));
}

std::size_t ByteSource::read(std::span<char> out) {
  if (out.empty()) return 0;
  switch (state_->form) {
    case State::kGzip:
      return state_->read_gzip(out);
    case State::kZstd:
      return state_->read_zstd(out);
    case State::kPlain:
      break;
  }
  return state_->read_plain(out);
}

const std::string& ByteSource::name() const {
  return state_->name;
}

std::uint64_t ByteSource::bytes_read() const {
  return state_->consumed;
}

std::uint64_t ByteSource::bytes_total() const {
  return state_->total;
}

std::string without_compression_ending(const std::string& name) {
  for (const std::string_view ending : {".gz", ".zst"}) {
    if (name.ends_with(ending)) return name.substr(0, name.size() - ending.size());
  }
  return name;
}

}  // namespace firth
