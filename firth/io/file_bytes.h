// A file's whole content as one piece of memory: mapped, or, of a gzip or Zstandard file,
// decompressed.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace firth {

class FileBytes {
 public:
  // Errors: not_found, io, corrupt for damaged compressed data, invalid_argument for a folder.
  static FileBytes open(const std::string& path);

  std::string_view text() const { return text_; }

  std::span<const std::byte> bytes() const {
    return {reinterpret_cast<const std::byte*>(text_.data()), text_.size()};
  }

  const std::string& path() const { return path_; }

  // Keeps the content alive.
  const std::shared_ptr<const void>& owner() const { return owner_; }

 private:
  std::string path_;
  std::shared_ptr<const void> owner_;
  std::string_view text_;
};

}  // namespace firth
