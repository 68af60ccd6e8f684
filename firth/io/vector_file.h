// Tables of vectors, one row an item, in the forms in which they are exchanged (docs/formats.md):
//
//   .npy          a matrix; ids in a file of their own; what else is known in NAME.npy.firth.json
//   .safetensors  the tensor "embeddings", or the only matrix of the file; ids and the rest inside
//   .jsonl        {"id": …, "embedding": […]} or a bare list a line; also the answers of OpenAI's
//                 batches
//   .json         a saved answer of OpenAI's embeddings API (lists, or base64 of little-endian
//                 f32), or a list of either of the above
//   .csv, .tsv    numbers, with or without a first row of names and a first column of ids
//   .vec, .txt    word2vec's and GloVe's text: a word and its numbers a line, after a line with
//                 count and dimension or without one
//   .bin          word2vec's binary form
//
// Text forms may be compressed. Numbers must be finite, rows equally long.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "firth/core/tensor.h"

namespace firth {

enum class VectorFormat : std::uint8_t {
  kAuto,
  kNpy,
  kSafetensors,
  kJsonl,
  kJson,
  kCsv,
  kTsv,
  kWord2VecText,
  kWord2VecBinary,
};

// How a component is kept. int8: q = round(x / scale), scale = max |x| / 127 of the row. binary: a
// bit, 1 where x > 0, eight to a byte, the first the highest, as numpy.packbits and
// sentence-transformers' "ubinary".
enum class VectorDType : std::uint8_t { kF32, kF16, kInt8, kBinary };

std::string_view vector_dtype_name(VectorDType dtype);  // "f32", "f16", "int8", "binary"
VectorDType parse_vector_dtype(std::string_view name);  // invalid_argument lists them
VectorFormat parse_vector_format(std::string_view name);

// By the name's ending; kAuto if it is none of the above.
VectorFormat vector_format_of(const std::string& path);

// What is known about a table besides its numbers.
struct VectorInfo {
  std::string identity = {};   // of the embedder that made it (firth/core/embedder.h)
  std::string model = {};      // as it was named
  std::string pooling = {};    // of the embedder; "" = none, or not known
  std::size_t max_length = 0;  // tokens; 0 = no limit, or not known
  std::string precision = {};  // "f32", …; "" = not known, as the two above then
  std::string prompt = {};
  std::string input = {};  // what was embedded, in words
  std::size_t dimension = 0;
  std::uint64_t count = 0;
  VectorDType dtype = VectorDType::kF32;
  bool normalized = false;
};

struct VectorTable {
  VectorInfo info;  // dimension, count and dtype always
  AnyView values;   // (count, dimension) f32, f16 or i8; of binary (count, ceil(dimension / 8)) u8
  std::vector<float> scales;          // (count) of int8; empty: every scale is 1
  std::vector<std::string> ids;       // (count), or empty if the file has none
  std::shared_ptr<const void> owner;  // keeps `values` alive

  // A row as floats; bits become -1 and 1. out.size() == info.dimension.
  void copy_row(std::size_t row, std::span<float> out) const;
  Tensor to_f32() const;
};

struct VectorReadOptions {
  VectorFormat format = VectorFormat::kAuto;
  std::string ids_path = {};  // an id a line, or an integer .npy; for .npy without a sidecar
  bool check_finite = true;   // false for a caller that looks at every row itself: a mapped file
                              // is then opened without being read
};

// Errors: not_found, io, corrupt, unsupported; they name the line or row.
VectorTable read_vectors(const std::string& path, const VectorReadOptions& options = {});

struct VectorWriterOptions {
  VectorFormat format = VectorFormat::kAuto;  // kAuto: by the path's ending
  VectorInfo info;            // dimension and dtype decide what is written; count is filled in
  bool has_ids = false;       // rows come with ids
  bool number_ids = false;    // which are whole numbers, and JSONL holds them as such
  bool keep_partial = false;  // go on where an earlier run stopped (AtomicFileOptions); not for
                              // safetensors
};

// Writes a table row by row; nothing is seen under the final names before commit().
class VectorWriter {
 public:
  // Errors: invalid_argument for a form that cannot hold the dtype (text forms: f32; JSONL also
  // int8).
  VectorWriter(const std::string& path, const VectorWriterOptions& options);
  ~VectorWriter();
  VectorWriter(VectorWriter&&) noexcept;
  VectorWriter& operator=(VectorWriter&&) noexcept;

  // rows: (n, dimension); ids: n, or none without has_ids.
  void write(View<const float> rows, std::span<const std::string> ids = {});

  std::uint64_t rows() const;  // so far; with keep_partial at first those of the earlier run
  void flush();                // hands what is buffered to the system, for keep_partial
  void commit();

  struct State;  // defined by the forms, in vector_writer.cc

 private:
  std::unique_ptr<State> state_;
};

// The file that describes NAME: "NAME.firth.json".
std::string sidecar_path(const std::string& path);

// What the sidecar says; nullopt if there is none. Errors: corrupt; unsupported if a newer firth
// wrote it.
std::optional<VectorInfo> read_sidecar(const std::string& path);

}  // namespace firth
