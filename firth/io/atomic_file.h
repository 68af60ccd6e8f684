// A file that appears whole or not at all: written under another name in the same folder, brought
// to the disk, and renamed over the final name by commit(). Without commit() nothing changes. The
// permissions of a file that is replaced are kept. A link is kept too: the file that it points to
// is replaced, as a shell's > would do. Devices and pipes (/dev/stdout, a named pipe) cannot be
// replaced and are written straight through.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "firth/io/file.h"

namespace firth {

struct AtomicFileOptions {
  // The unfinished file is called NAME.partial, stays when the writer goes away without commit(),
  // and is continued by the next writer with this option: for runs that are resumed.
  bool keep_partial = false;
};

class AtomicFile {
 public:
  // Errors, all of which name the path: not_found for a folder that is not there, invalid_argument
  // for a path that is a folder, io.
  explicit AtomicFile(std::string path, const AtomicFileOptions& options = {});
  ~AtomicFile();
  AtomicFile(AtomicFile&&) noexcept = default;
  AtomicFile& operator=(AtomicFile&&) = delete;

  void write(std::string_view bytes);
  void write(std::span<const std::byte> bytes);

  // Bytes written so far; of a continued file at first what the partial file holds.
  std::uint64_t size() const { return size_; }

  // Cuts to the first `size` bytes (of a continued file, to the last whole record).
  void truncate(std::uint64_t size);

  // The bytes at an offset already written. Of a continued file too.
  void read_at(std::uint64_t offset, std::span<char> out);

  // Overwrites bytes written before. Errors: unsupported for a pipe.
  void overwrite(std::uint64_t offset, std::string_view bytes);

  void flush();   // hands what is buffered to the system
  void commit();  // at most once, nothing is written after

  const std::string& path() const { return path_; }

  // Where an unfinished file with keep_partial lies.
  static std::string partial_path(const std::string& path);

 private:
  void open_partial();
  void open_temporary();

  std::string path_;       // as given
  std::string target_;     // links followed
  std::string temporary_;  // "" if written straight through or committed
  FileDescriptor fd_;
  std::string buffer_;
  std::uint64_t size_ = 0;
  bool keep_partial_ = false;
  bool is_special_ = false;
};

// Replaces the content of a file, whole or not at all.
void write_file(const std::string& path, std::string_view content);

}  // namespace firth
