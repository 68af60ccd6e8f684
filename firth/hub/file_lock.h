// The lock under which a blob is downloaded, as huggingface_hub takes it: flock(2) on a file of its
// own, so that it is free again when its holder ends, however it ends. On a file system without
// locks there is none; a blob then is only downloaded twice, for it is checked and renamed at once.
#pragma once

#include <functional>
#include <string>

#include "firth/io/file.h"

namespace firth {

class FileLock {
 public:
  // Waits until the lock is free; `on_wait` is called several times a second meanwhile and may
  // throw. Errors: io where the file cannot be made.
  FileLock(const std::string& path, const std::function<void()>& on_wait);

 private:
  FileDescriptor fd_;
};

}  // namespace firth
