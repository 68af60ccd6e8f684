// Opening and reading files with errors that name the path. Paths are byte strings as the operating
// system takes them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace firth {

// Owns a file descriptor.
class FileDescriptor {
 public:
  FileDescriptor() = default;

  explicit FileDescriptor(int fd) : fd_(fd) {}

  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }

  ~FileDescriptor() { close(); }

  int get() const { return fd_; }

  bool is_open() const { return fd_ >= 0; }

  bool close() noexcept;  // false if the system reports that written data was lost

 private:
  int fd_ = -1;
};

// Throws Error for what the system said about `path`: not_found if there is no such file, else io.
// `doing` completes "cannot …".
[[noreturn]] void fail_errno(std::string_view path, std::string_view doing, int error_number);

// Opens for reading a file that must be a regular one (a pipe would never end, a folder has no
// bytes).
struct OpenedFile {
  FileDescriptor fd;
  std::uint64_t size = 0;
};

OpenedFile open_regular_file(const std::string& path);

// The whole of a regular file; unsupported if it has more than max_bytes.
std::string read_file(const std::string& path, std::uint64_t max_bytes = std::uint64_t{1} << 30);

// Writes all bytes or throws io, naming `path`.
void write_all(int fd, std::string_view bytes, const std::string& path);

}  // namespace firth
