#include "firth/io/file_bytes.h"

#include <algorithm>

#include "firth/io/compressed_file.h"
#include "firth/io/mapped_file.h"

namespace firth {
namespace {

bool is_compressed(std::string_view text) {
  using namespace std::string_view_literals;
  return text.starts_with("\x1F\x8B"sv) || text.starts_with("\x28\xB5\x2F\xFD"sv);
}

std::string decompress(const std::string& path) {
  ByteSource source = ByteSource::open(path);
  std::string all;
  std::size_t size = 0;
  for (;;) {
    all.resize(std::max<std::size_t>(std::size_t{1} << 20, size + size / 2));
    const std::size_t n = source.read({all.data() + size, all.size() - size});
    size += n;
    if (n == 0) break;
  }
  all.resize(size);
  return all;
}

}  // namespace

FileBytes FileBytes::open(const std::string& path) {
  FileBytes out;
  out.path_ = path;
  const auto mapped = MappedFile::open(path);
  if (is_compressed(mapped->text())) {
    const auto plain = std::make_shared<const std::string>(decompress(path));
    out.text_ = *plain;
    out.owner_ = plain;
  } else {
    out.text_ = mapped->text();
    out.owner_ = mapped;
  }
  return out;
}

}  // namespace firth
