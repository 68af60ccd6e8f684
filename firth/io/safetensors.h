// Tensors in safetensors files (github.com/huggingface/safetensors): eight bytes with the length of
// a JSON header, the header {"name": {"dtype", "shape", "data_offsets"}, "__metadata__": {…}}, then
// the data. Files are mapped: opening reads the header only, and a tensor is a view of the file.
//
// Everything in the header is checked when it is opened, as strictly as the reference does: at most
// 100 MB, each name once, metadata of strings only, shape × dtype = length, and the tensors fill
// the rest of the file without holes or overlaps. Element types that firth does not know (F64,
// BOOL, F8_E4M3, …) are listed, but cannot be viewed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "firth/core/tensor.h"

namespace firth {

struct TensorInfo {
  std::string dtype;  // as in the file: "F32", "BF16", …
  std::vector<std::size_t> shape;
  std::uint64_t offset = 0;  // of its first byte in the file
  std::uint64_t bytes = 0;
};

// Copies share the mapped file, which lives as long as one of them: keep one beside the views.
class SafetensorsFile {
 public:
  // Errors: not_found, io, corrupt; unsupported for a pickle, with the line that converts it.
  static SafetensorsFile open(const std::string& path);

  const std::string& path() const;
  const std::map<std::string, std::string>& metadata() const;
  std::vector<std::string> names() const;  // in the order of their data
  bool has(std::string_view name) const;
  const TensorInfo& info(std::string_view name) const;  // not_found lists near names

  // May be unaligned. Errors: not_found; unsupported for element types or ranks beyond firth's.
  AnyView tensor(std::string_view name) const;

 private:
  struct Contents;
  std::shared_ptr<const Contents> contents_;
};

// The weights of a model: one safetensors file, or several with an index. Copies share the maps.
class Checkpoint {
 public:
  // A folder with model.safetensors or model.safetensors.index.json; or such a file itself. A
  // folder that holds only pickled weights (pytorch_model.bin, …) is refused with the line that
  // converts them: a pickle is a program.
  static Checkpoint open(const std::string& path);

  const std::vector<std::string>& files() const;  // paths of the files that hold the tensors
  std::vector<std::string> names() const;         // sorted
  const std::map<std::string, std::string>& metadata() const;  // of the first file
  bool has(std::string_view name) const;
  const TensorInfo& info(std::string_view name) const;
  AnyView tensor(std::string_view name) const;

  // As tensor(), and its shape must be this one.
  AnyView tensor(std::string_view name, const Shape& shape) const;

  // "folder/model.safetensors: tensor 'x'", for messages of the caller's own.
  std::string where(std::string_view name) const;

 private:
  struct Contents;
  std::shared_ptr<const Contents> contents_;
};

}  // namespace firth
