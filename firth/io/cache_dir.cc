#include "firth/io/cache_dir.h"

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <vector>

#include "firth/io/file.h"

namespace firth {

namespace {

std::string home_folder() {
  const char* home = std::getenv("HOME");  // NOLINT(concurrency-mt-unsafe): firth never sets any
  if (home != nullptr && *home == '/') return home;
  std::vector<char> buffer(std::size_t{1} << 14);
  passwd entry{};
  passwd* found = nullptr;
  ::getpwuid_r(::getuid(), &entry, buffer.data(), buffer.size(), &found);
  return found != nullptr && found->pw_dir != nullptr ? found->pw_dir : "";
}

}  // namespace

std::optional<std::string> cache_folder() {
  // The specification has relative paths ignored.
  const char* cache = std::getenv("XDG_CACHE_HOME");  // NOLINT(concurrency-mt-unsafe)
  if (cache != nullptr && *cache == '/') return std::string(cache) + "/firth";
  const std::string home = home_folder();
  if (!home.starts_with('/')) return std::nullopt;
  return home + "/.cache/firth";
}

void make_folders(const std::string& path) {
  for (std::size_t end = 0; end != std::string::npos;) {
    end = path.find('/', end + 1);
    const std::string folder = path.substr(0, end);
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
      fail_errno(folder, "make", errno);
    }
  }

  struct stat status {};

  if (::stat(path.c_str(), &status) != 0) fail_errno(path, "examine", errno);
  if (!S_ISDIR(status.st_mode)) fail_errno(path, "make", ENOTDIR);
}

}  // namespace firth
