#include "firth/hub/download.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdio>

#include "firth/core/error.h"
#include "firth/hub/hub_error.h"
#include "firth/io/file.h"

namespace firth {

namespace {

// A body whose size is stated nowhere may not be larger: configuration and tokenizers are not.
constexpr std::uint64_t kMostUnstatedBytes = std::uint64_t{256} << 20;
// Less than this between two failures is no progress.
constexpr std::uint64_t kProgressBytes = 64 << 10;

std::string incomplete_path(const std::string& blob_path) {
  return blob_path + ".incomplete";
}

// "bytes 100-199/200" -> 100 and 200 ("*" = none).
struct ContentRange {
  std::uint64_t first = 0;
  std::optional<std::uint64_t> whole;
};

std::optional<ContentRange> parse_content_range(const std::string& text) {
  unsigned long long first = 0;
  unsigned long long last = 0;
  int used = 0;
  if (std::sscanf(text.c_str(), "bytes %llu-%llu/%n", &first, &last, &used) != 2 || used == 0) {
    return std::nullopt;
  }
  ContentRange range{.first = first, .whole = std::nullopt};
  const char* end = text.data() + text.size();
  std::uint64_t whole = 0;
  const auto [stop, error] = std::from_chars(text.data() + used, end, whole);
  if (error == std::errc() && stop == end) range.whole = whole;
  return range;
}

class Download {
 public:
  Download(HttpClient& client, const ModelName& name, const RemoteFile& file,
           const std::string& blob_path, const DownloadEvents& events)
      : client_(client),
        name_(name),
        file_(file),
        blob_path_(blob_path),
        partial_(incomplete_path(blob_path)),
        events_(events),
        size_(file.size) {}

  ContentCheck run() {
    open();
    const bool resumed = done_ > 0;
    fetch();
    ContentCheck verdict = check();
    if (verdict == ContentCheck::kDiffers && resumed) {
      // What an earlier run left may have been spoilt: once more, all of it.
      say("the part of an earlier run does not fit; downloading all of it");
      restart();
      fetch();
      verdict = check();
    }
    if (verdict == ContentCheck::kDiffers) refuse();
    if (::fsync(fd_.get()) != 0 || !fd_.close()) fail_errno(partial_, "write", errno);
    if (::rename(partial_.c_str(), blob_path_.c_str()) != 0) {
      fail_errno(blob_path_, "make", errno);
    }
    return verdict;
  }

 private:
  std::string where() const { return name_.text() + ": " + file_.path; }

  void say(const std::string& what) const {
    if (events_.notice) events_.notice(where() + ": " + what);
  }

  void open() {
    fd_ = FileDescriptor(::open(partial_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666));

    struct stat status {};

    if (!fd_.is_open() || ::fstat(fd_.get(), &status) != 0) fail_errno(partial_, "open", errno);
    if (!S_ISREG(status.st_mode)) {
      fail(ErrorKind::kIo, partial_, ": expected a file to go on with, found something else");
    }
    done_ = static_cast<std::uint64_t>(status.st_size);
    if (size_ && done_ > *size_) restart();
  }

  void restart() {
    done_ = 0;
    size_ = file_.size;
    if_range_.clear();
    if (::ftruncate(fd_.get(), 0) != 0) fail_errno(partial_, "write", errno);
  }

  bool is_whole() const { return size_ && done_ == *size_; }

  // Until all is there.
  void fetch() {
    Backoff backoff(client_, events_.notice);
    bool refused_range = false;
    std::uint64_t done_at_failure = 0;
    while (!is_whole()) {
      HttpReply reply = request_rest();
      if (reply.ok() && !size_) size_ = done_;
      if (is_whole()) return;
      if (reply.ok()) {  // a server that closes early and states no length
        reply.problem = "the body ended after " + std::to_string(done_) + " of " +
                        std::to_string(*size_) + " bytes";
        reply.worth_retrying = true;
      }
      if (reply.status == 416 && !refused_range) {
        refused_range = true;
        restart();
        continue;
      }
      if (done_ >= done_at_failure + kProgressBytes) backoff.reset();
      done_at_failure = done_;
      if (!backoff.wait(reply, where())) fail_reply(reply, client_.settings(), name_, file_.path);
    }
  }

  HttpReply request_rest() {
    const HttpRequest request{
        .address = file_.address, .first_byte = done_, .if_range = done_ > 0 ? if_range_ : ""};
    return client_.send(request, {.begin = [this](const HttpReply& reply) { begin(reply); },
                                  .write = [this](std::string_view bytes) { write(bytes); }});
  }

  void begin(const HttpReply& reply) {
    if (const std::string encoding = reply.header("content-encoding");
        !encoding.empty() && encoding != "identity") {
      fail(ErrorKind::kUnsupported, where(), ": expected the plain content, found it encoded as ",
           quoted(encoding));
    }
    if (done_ > 0) begin_rest(reply);
    // Weak validators say nothing about bytes.
    const std::string etag = reply.header("etag");
    if_range_ = etag.starts_with('"') ? etag : "";
    const auto length = reply.content_length();
    if (!length) return;
    if (!size_) size_ = done_ + *length;
    if (done_ + *length != *size_) {
      fail(ErrorKind::kCorrupt, where(), ": expected ", *size_ - done_, " bytes, found that ",
           *length, " are announced");
    }
  }

  void begin_rest(const HttpReply& reply) {
    if (reply.status != 206) {  // it gives the whole, as it may
      restart();
      return;
    }
    const auto range = parse_content_range(reply.header("content-range"));
    const bool fits =
        range && range->first == done_ && (!range->whole || !size_ || *range->whole == *size_);
    if (fits) {
      if (!size_) size_ = range->whole;
      return;
    }
    fail(ErrorKind::kCorrupt, where(), ": expected the bytes from ", done_, " on, found ",
         quoted(reply.header("content-range")));
  }

  void write(std::string_view bytes) {
    const std::uint64_t most = size_.value_or(kMostUnstatedBytes);
    if (bytes.size() > most - done_) {
      fail(ErrorKind::kCorrupt, where(), ": expected at most ", most,
           size_ ? " bytes, as the hub states, found more"
                 : " bytes of a file whose size the hub does not state, found more");
    }
    // At their place rather than at the end: where locks do not work, another program that
    // downloads the same writes the same.
    std::uint64_t at = done_;
    while (!bytes.empty()) {
      const ssize_t put = ::pwrite(fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(at));
      if (put < 0 && errno == EINTR) continue;
      if (put < 0) fail_errno(partial_, "write", errno);
      bytes.remove_prefix(static_cast<std::size_t>(put));
      at += static_cast<std::uint64_t>(put);
    }
    done_ = at;
    if (events_.progress) events_.progress(done_);
  }

  ContentCheck check() const {
    return check_content(partial_, file_.etag, [this] { client_.tick(); });
  }

  [[noreturn]] void refuse() const {
    ::unlink(partial_.c_str());
    fail(ErrorKind::kCorrupt, where(), ": expected content with the hash ", file_.etag,
         ", as the hub states, found other content; nothing of it was kept");
  }

  HttpClient& client_;
  const ModelName& name_;
  const RemoteFile& file_;
  const std::string& blob_path_;
  const std::string partial_;
  const DownloadEvents& events_;
  FileDescriptor fd_;
  std::optional<std::uint64_t> size_;
  std::uint64_t done_ = 0;
  std::string if_range_;
};

}  // namespace

std::uint64_t incomplete_bytes(const std::string& blob_path) {
  struct stat status {};

  const bool there = ::lstat(incomplete_path(blob_path).c_str(), &status) == 0;
  return there && S_ISREG(status.st_mode) ? static_cast<std::uint64_t>(status.st_size) : 0;
}

ContentCheck download_blob(HttpClient& client, const ModelName& name, const RemoteFile& file,
                           const std::string& blob_path, const DownloadEvents& events) {
  return Download(client, name, file, blob_path, events).run();
}

}  // namespace firth
