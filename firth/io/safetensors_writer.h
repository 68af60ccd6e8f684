// Writes a safetensors file whose tensors become known one after another: the data goes to a
// nameless file beside the final one, and when all is known the header and the data are put
// together. The disk must hold the data twice for that moment.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "firth/core/tensor.h"
#include "firth/io/atomic_file.h"

namespace firth {

class SafetensorsWriter {
 public:
  explicit SafetensorsWriter(const std::string& path);

  void set_metadata(const std::string& key, const std::string& value);

  // A whole tensor. Names must differ.
  void add(const std::string& name, const AnyView& tensor);

  // A tensor in pieces: begin, append as often as needed, end with the shape that came about.
  void begin(const std::string& name, DType dtype);
  void append(std::span<const std::byte> bytes);
  void end(const Shape& shape);

  void commit();

 private:
  struct Entry {
    std::string name;
    DType dtype;
    Shape shape;
    std::uint64_t begin;
    std::uint64_t end;
  };

  std::string header() const;
  void copy_data();

  AtomicFile file_;
  std::string spool_path_;  // for messages
  FileDescriptor spool_;
  std::string buffer_;
  std::uint64_t size_ = 0;
  std::map<std::string, std::string> metadata_;
  std::vector<Entry> entries_;
  std::set<std::string> names_;
};

}  // namespace firth
