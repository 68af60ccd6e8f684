#include "firth/io/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "firth/core/error.h"

namespace firth {

bool FileDescriptor::close() noexcept {
  const int fd = std::exchange(fd_, -1);
  return fd < 0 || ::close(fd) == 0;
}

void fail_errno(std::string_view path, std::string_view doing, int error_number) {
  if (error_number == ENOENT) {
    fail(ErrorKind::kNotFound, path, ": expected a file or folder, found nothing there");
  }
  // The message of the category, not strerror: it may be called by several threads.
  const std::string reason = std::generic_category().message(error_number);
  fail(ErrorKind::kIo, path, ": expected to ", doing, " it, found: ", reason);
}

OpenedFile open_regular_file(const std::string& path) {
  if (path.find('\0') != std::string::npos) {
    fail(ErrorKind::kInvalidArgument, quoted(path), ": expected a path, found a zero byte in it");
  }
  // Non-blocking, or opening a pipe without a writer would wait for ever.
  OpenedFile file{.fd = FileDescriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK))};
  if (!file.fd.is_open()) fail_errno(path, "open", errno);

  struct stat status {};

  if (::fstat(file.fd.get(), &status) != 0) fail_errno(path, "examine", errno);
  if (S_ISDIR(status.st_mode)) {
    fail(ErrorKind::kInvalidArgument, path, ": expected a file, found a folder");
  }
  if (!S_ISREG(status.st_mode)) {
    fail(ErrorKind::kInvalidArgument, path, ": expected a regular file, found a device or pipe");
  }
  file.size = static_cast<std::uint64_t>(status.st_size);
  return file;
}

std::string read_file(const std::string& path, std::uint64_t max_bytes) {
  const OpenedFile file = open_regular_file(path);
  if (file.size > max_bytes) {
    fail(ErrorKind::kUnsupported, path, ": expected at most ", max_bytes, " bytes, found ",
         file.size);
  }
  std::string text(file.size, '\0');
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t got = ::read(file.fd.get(), text.data() + done, text.size() - done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail_errno(path, "read", errno);
    if (got == 0) break;  // somebody cut the file meanwhile
    done += static_cast<std::size_t>(got);
  }
  text.resize(done);
  return text;
}

void write_all(int fd, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(fd, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) fail_errno(path, "write", errno);
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
}

}  // namespace firth
