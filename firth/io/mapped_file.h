// A file's bytes in memory, read by the system page by page when they are touched. Shared by
// whoever views into it. As with every mapped file, another program that cuts the file short while
// it is in use ends this one; firth's own writers replace files and never cut them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace firth {

class MappedFile {
 public:
  // Errors: not_found, io, and invalid_argument for folders and pipes. An empty file has no bytes.
  static std::shared_ptr<const MappedFile> open(const std::string& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::span<const std::byte> bytes() const { return {data_, size_}; }

  std::string_view text() const { return {reinterpret_cast<const char*>(data_), size_}; }

  const std::string& path() const { return path_; }

 private:
  MappedFile() = default;

  std::string path_;
  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace firth
