#include "firth/hub/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>

namespace firth {

namespace {

// A holder may remove the file while it lets go: then the lock is on a file that nobody else will
// ever open.
bool is_still_at(int fd, const std::string& path) {
  struct stat own {};

  struct stat there {};

  return ::fstat(fd, &own) == 0 && ::stat(path.c_str(), &there) == 0 &&
         own.st_ino == there.st_ino && own.st_dev == there.st_dev;
}

}  // namespace

FileLock::FileLock(const std::string& path, const std::function<void()>& on_wait) {
  for (;;) {
    // Readable and writable by the group: a cache may be shared.
    fd_ = FileDescriptor(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0664));
    if (!fd_.is_open()) fail_errno(path, "open", errno);
    while (::flock(fd_.get(), LOCK_EX | LOCK_NB) != 0) {
      if (errno != EWOULDBLOCK && errno != EINTR) return;  // no locks here
      on_wait();
    }
    if (is_still_at(fd_.get(), path)) return;
  }
}

}  // namespace firth
