#include "firth/io/mapped_file.h"

#include <sys/mman.h>

#include <cerrno>

#include "firth/io/file.h"

namespace firth {

std::shared_ptr<const MappedFile> MappedFile::open(const std::string& path) {
  const OpenedFile opened = open_regular_file(path);
  std::shared_ptr<MappedFile> file(new MappedFile);  // NOLINT: the constructor is private
  file->path_ = path;
  if (opened.size == 0) return file;  // mmap refuses a length of 0
  void* data = ::mmap(nullptr, opened.size, PROT_READ, MAP_PRIVATE, opened.fd.get(), 0);
  if (data == MAP_FAILED) fail_errno(path, "map into memory", errno);
  file->data_ = static_cast<const std::byte*>(data);
  file->size_ = opened.size;
  return file;
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) ::munmap(const_cast<std::byte*>(data_), size_);
}

}  // namespace firth
