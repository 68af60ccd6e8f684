#include "firth/io/safetensors_writer.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "firth/core/error.h"
#include "firth/io/json_writer.h"

namespace firth {

namespace {

constexpr std::size_t kBufferBytes = std::size_t{1} << 20;
constexpr std::size_t kMaxHeaderBytes = 100'000'000;

std::string upper_name(DType dtype) {
  std::string name(dtype_name(dtype));
  for (char& c : name) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return name;
}

// A file without a name in the folder of `path`, or in /tmp if `path` is a device.
FileDescriptor open_spool(const std::string& path, std::string& spool_path) {
  const std::size_t slash = path.rfind('/');
  std::string folder =
      slash == std::string::npos ? "." : path.substr(0, std::max<std::size_t>(slash, 1));
  if (folder.starts_with("/dev") || folder.starts_with("/proc")) folder = "/tmp";
  spool_path = folder + "/.firth-tensors-XXXXXX";
  FileDescriptor spool(::mkostemp(spool_path.data(), O_CLOEXEC));
  if (!spool.is_open()) fail_errno(path, "write beside", errno);
  ::unlink(spool_path.c_str());
  spool_path = path;
  return spool;
}

}  // namespace

SafetensorsWriter::SafetensorsWriter(const std::string& path)
    : file_(path), spool_(open_spool(path, spool_path_)) {}

void SafetensorsWriter::set_metadata(const std::string& key, const std::string& value) {
  metadata_[key] = value;
}

void SafetensorsWriter::add(const std::string& name, const AnyView& tensor) {
  begin(name, tensor.dtype());
  append(tensor.bytes());
  end(tensor.shape());
}

void SafetensorsWriter::begin(const std::string& name, DType dtype) {
  if (name == "__metadata__" || !names_.insert(name).second) {
    fail(ErrorKind::kInvalidArgument, file_.path(), ": expected a new name of a tensor, found ",
         quoted(name));
  }
  entries_.push_back({name, dtype, Shape{0}, size_, size_});
}

void SafetensorsWriter::append(std::span<const std::byte> bytes) {
  size_ += bytes.size();
  buffer_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (buffer_.size() < kBufferBytes) return;
  write_all(spool_.get(), buffer_, spool_path_);
  buffer_.clear();
}

void SafetensorsWriter::end(const Shape& shape) {
  Entry& entry = entries_.back();
  entry.shape = shape;
  entry.end = size_;
  if (shape.size() * dtype_size(entry.dtype) != size_ - entry.begin) {
    fail(ErrorKind::kInternal, file_.path(), ": tensor ", quoted(entry.name), ": shape ",
         shape.to_string(), " does not fit ", size_ - entry.begin, " bytes");
  }
}

std::string SafetensorsWriter::header() const {
  JsonWriter json;
  json.begin_object();
  if (!metadata_.empty()) {
    json.key("__metadata__").begin_object();
    for (const auto& [key, value] : metadata_) json.field(key, std::string_view(value));
    json.end_object();
  }
  for (const Entry& entry : entries_) {
    json.key(entry.name).begin_object().field("dtype", std::string_view(upper_name(entry.dtype)));
    json.key("shape").begin_array();
    for (const std::size_t dim : entry.shape.dims()) json.value(dim);
    json.end_array().key("data_offsets").begin_array().value(entry.begin).value(entry.end);
    json.end_array().end_object();
  }
  std::string text = json.end_object().take();
  text.resize((text.size() + 7) / 8 * 8, ' ');  // data begins at a multiple of 8
  if (text.size() > kMaxHeaderBytes) {
    fail(ErrorKind::kUnsupported, file_.path(), ": too many tensors for one file");
  }
  std::string length;
  for (std::size_t i = 0; i < 8; ++i) length += static_cast<char>(text.size() >> (8 * i) & 255);
  return length + text;
}

void SafetensorsWriter::copy_data() {
  write_all(spool_.get(), buffer_, spool_path_);
  std::string block(kBufferBytes, '\0');
  for (std::uint64_t at = 0; at < size_;) {
    const ssize_t got = ::pread(spool_.get(), block.data(), block.size(), static_cast<off_t>(at));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) fail_errno(spool_path_, "read back", got < 0 ? errno : EIO);
    file_.write(std::string_view(block).substr(0, static_cast<std::size_t>(got)));
    at += static_cast<std::uint64_t>(got);
  }
}

void SafetensorsWriter::commit() {
  file_.write(header());
  copy_data();
  file_.commit();
}

}  // namespace firth
