#include "firth/io/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <filesystem>
#include <random>

#include "firth/core/error.h"

namespace firth {

namespace {

constexpr std::size_t kBufferBytes = std::size_t{1} << 20;

// The file that a link, or a chain of them, points to; it need not exist.
std::string follow_links(const std::string& path) {
  namespace fs = std::filesystem;
  fs::path target = path;
  for (int depth = 0; depth < 40; ++depth) {
    std::error_code error;
    const fs::path next = fs::read_symlink(target, error);
    if (error) return target.string();
    target = next.is_absolute() ? next : target.parent_path() / next;
  }
  fail_errno(path, "write", ELOOP);
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::string random_letters() {
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz0123456789";
  std::random_device device;
  std::string letters;
  for (int i = 0; i < 8; ++i) letters += kLetters[device() % kLetters.size()];
  return letters;
}

[[noreturn]] void fail_write(const std::string& path, int error_number, bool is_special) {
  if (error_number == ENOENT) {
    fail(ErrorKind::kNotFound, path, ": expected the folder ", folder_of(path),
         " to write it in, found nothing there");
  }
  const std::string reason = std::generic_category().message(error_number);
  fail(ErrorKind::kIo, path, ": expected to write it, found: ", reason,
       is_special ? "" : "; the file was not changed");
}

void put(int fd, std::string_view bytes, const std::string& path, bool is_special) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail_write(path, errno, is_special);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace

AtomicFile::AtomicFile(std::string path, const AtomicFileOptions& options)
    : path_(std::move(path)), keep_partial_(options.keep_partial) {
  if (path_.empty() || path_.find('\0') != std::string::npos) {
    fail(ErrorKind::kInvalidArgument, "expected the path of a file to write, found ",
         quoted(path_));
  }
  target_ = follow_links(path_);

  struct stat status {};

  const bool exists = ::stat(target_.c_str(), &status) == 0;
  if ((exists && S_ISDIR(status.st_mode)) || path_.ends_with('/')) {
    fail(ErrorKind::kInvalidArgument, path_, ": expected a file to write, found a folder");
  }
  if (!exists && errno != ENOENT) fail_write(path_, errno, false);
  is_special_ = exists && !S_ISREG(status.st_mode);
  if (exists && ::access(target_.c_str(), W_OK) != 0) fail_write(path_, errno, is_special_);
  if (is_special_) {
    fd_ = FileDescriptor(::open(target_.c_str(), O_WRONLY | O_CLOEXEC));
    if (!fd_.is_open()) fail_write(path_, errno, is_special_);
    return;
  }
  if (keep_partial_) {
    open_partial();
  } else {
    open_temporary();
  }
  if (exists) ::fchmod(fd_.get(), status.st_mode & 07777);  // as good as it goes
}

std::string AtomicFile::partial_path(const std::string& path) {
  return follow_links(path) + ".partial";
}

void AtomicFile::open_partial() {
  temporary_ = partial_path(path_);
  fd_ = FileDescriptor(::open(temporary_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666));
  if (!fd_.is_open()) fail_write(path_, errno, false);
  const off_t end = ::lseek(fd_.get(), 0, SEEK_END);
  if (end < 0) fail_write(temporary_, errno, false);
  size_ = static_cast<std::uint64_t>(end);
}

void AtomicFile::open_temporary() {
  const std::size_t slash = target_.rfind('/');
  const std::size_t name = slash == std::string::npos ? 0 : slash + 1;
  // A name may have 255 bytes; the final one may be as long as that.
  const std::string shown = target_.substr(name, 200);
  for (int attempt = 0; attempt < 100 && !fd_.is_open(); ++attempt) {
    temporary_ = target_.substr(0, name) + "." + shown + ".tmp-" + random_letters();
    fd_ = FileDescriptor(
        ::open(temporary_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666));
    if (!fd_.is_open() && errno != EEXIST) break;
  }
  if (fd_.is_open()) return;
  temporary_.clear();
  fail_write(path_, errno, false);
}

AtomicFile::~AtomicFile() {
  if (temporary_.empty()) return;
  if (!keep_partial_) {
    ::unlink(temporary_.c_str());
    return;
  }
  try {
    flush();
  } catch (const Error&) {  // what did not fit is written again by the run that resumes
  }
}

void AtomicFile::write(std::string_view bytes) {
  buffer_ += bytes;
  size_ += bytes.size();
  if (buffer_.size() >= kBufferBytes || is_special_) flush();
}

void AtomicFile::write(std::span<const std::byte> bytes) {
  write(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

void AtomicFile::flush() {
  const std::string bytes = std::exchange(buffer_, {});
  put(fd_.get(), bytes, path_, is_special_);
}

void AtomicFile::truncate(std::uint64_t size) {
  flush();
  if (::ftruncate(fd_.get(), static_cast<off_t>(size)) != 0 ||
      ::lseek(fd_.get(), 0, SEEK_END) < 0) {
    fail_write(path_, errno, is_special_);
  }
  size_ = size;
}

void AtomicFile::read_at(std::uint64_t offset, std::span<char> out) {
  flush();
  std::size_t done = 0;
  while (done < out.size()) {
    const ssize_t got =
        ::pread(fd_.get(), out.data() + done, out.size() - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) fail_errno(path_, "read back", got < 0 ? errno : EIO);
    done += static_cast<std::size_t>(got);
  }
}

void AtomicFile::overwrite(std::uint64_t offset, std::string_view bytes) {
  flush();
  while (!bytes.empty()) {
    const ssize_t written =
        ::pwrite(fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && errno == ESPIPE) {
      fail(ErrorKind::kUnsupported, path_,
           ": this format needs a file: its beginning is written last");
    }
    if (written < 0) fail_write(path_, errno, is_special_);
    bytes.remove_prefix(static_cast<std::size_t>(written));
    offset += static_cast<std::uint64_t>(written);
  }
}

void AtomicFile::commit() {
  flush();
  if (is_special_) {
    if (!fd_.close()) fail_write(path_, errno, is_special_);
    return;
  }
  if (::fsync(fd_.get()) != 0 || !fd_.close()) fail_write(path_, errno, false);
  if (::rename(temporary_.c_str(), target_.c_str()) != 0) fail_write(path_, errno, false);
  temporary_.clear();
  // The new name itself lies in the folder. Some file systems cannot sync folders: no harm.
  const FileDescriptor folder(
      ::open(folder_of(target_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.is_open()) ::fsync(folder.get());
}

void write_file(const std::string& path, std::string_view content) {
  AtomicFile file(path);
  file.write(content);
  file.commit();
}

}  // namespace firth
