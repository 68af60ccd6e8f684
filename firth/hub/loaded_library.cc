#include "firth/hub/loaded_library.h"

#include <dlfcn.h>

#include "firth/core/error.h"

namespace firth {

LoadedLibrary::LoadedLibrary(const char* file, const char* package)
    : file_(file), handle_(::dlopen(file, RTLD_NOW | RTLD_LOCAL)) {
  if (handle_ != nullptr) return;
  const char* reason = ::dlerror();  // NOLINT(concurrency-mt-unsafe): the message is per thread
  fail(ErrorKind::kNotFound, "downloads need the library ", file, " (on Debian: apt-get install ",
       package, "), found: ", reason == nullptr ? "nothing" : reason);
}

void* LoadedLibrary::symbol(const char* name) const {
  void* found = ::dlsym(handle_, name);
  if (found == nullptr) {
    fail(ErrorKind::kUnsupported, file_, ": expected a release with the function ", name);
  }
  return found;
}

}  // namespace firth
