#include "firth/search/source_stamp.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <memory>

#include "firth/core/error.h"
#include "firth/io/file.h"
#include "firth/io/record_source.h"

namespace firth {
namespace {

namespace fs = std::filesystem;

// Linux stamps files with the time of the last tick: at most 10 ms ago. The rest is for network
// file systems, whose clock is another machine's.
constexpr std::int64_t kTickNs = 50'000'000;

std::int64_t nanoseconds(const struct timespec& time) {
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

SourceStamp stamp_source(const std::string& path) {
  const std::unique_ptr<char, decltype(&std::free)> absolute(::realpath(path.c_str(), nullptr),
                                                             &std::free);

  struct stat status {};

  if (absolute == nullptr || ::stat(absolute.get(), &status) != 0) {
    fail_errno(path, "look at", errno);
  }
  if (!S_ISREG(status.st_mode)) {
    fail(ErrorKind::kInvalidArgument, path, ": expected a regular file, found another kind");
  }
  return {.path = absolute.get(),
          .size = static_cast<std::uint64_t>(status.st_size),
          .mtime_ns = nanoseconds(status.st_mtim),
          .ctime_ns = nanoseconds(status.st_ctim),
          .inode = status.st_ino};
}

std::optional<std::vector<SourceStamp>> stamp_sources(const std::vector<std::string>& paths) {
  std::vector<SourceStamp> stamps;
  for (const std::string& path : paths) {
    if (fs::is_directory(path)) {
      for (const std::string& name : internal::list_text_files(path)) {
        stamps.push_back(stamp_source((fs::path(path) / name).string()));
      }
    } else if (path == "-" || (fs::exists(path) && !fs::is_regular_file(path))) {
      return std::nullopt;
    } else {
      stamps.push_back(stamp_source(path));
    }
  }
  return stamps;
}

bool is_settled(const SourceStamp& stamp) {
  const std::int64_t now = std::chrono::duration_cast<std::chrono::nanoseconds>(
                               std::chrono::system_clock::now().time_since_epoch())
                               .count();
  return std::max(stamp.mtime_ns, stamp.ctime_ns) < now - kTickNs;
}

}  // namespace firth
