#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <utility>

#include "firth/core/error.h"
#include "firth/io/compressed_file.h"
#include "firth/io/json.h"
#include "firth/io/line_reader.h"
#include "firth/io/npy.h"
#include "firth/io/safetensors.h"
#include "firth/io/vector_file.h"
#include "firth/io/vector_sidecar.h"
#include "firth/io/vector_text.h"

namespace firth {

namespace {

struct FormatName {
  std::string_view name;
  std::string_view ending;
  VectorFormat format;
};

constexpr FormatName kFormats[] = {
    {"npy", ".npy", VectorFormat::kNpy},
    {"safetensors", ".safetensors", VectorFormat::kSafetensors},
    {"jsonl", ".jsonl", VectorFormat::kJsonl},
    {"jsonl", ".ndjson", VectorFormat::kJsonl},
    {"json", ".json", VectorFormat::kJson},
    {"csv", ".csv", VectorFormat::kCsv},
    {"tsv", ".tsv", VectorFormat::kTsv},
    {"word2vec", ".vec", VectorFormat::kWord2VecText},
    {"word2vec", ".txt", VectorFormat::kWord2VecText},
    {"word2vec-binary", ".bin", VectorFormat::kWord2VecBinary},
};

constexpr std::pair<std::string_view, VectorDType> kDTypes[] = {
    {"f32", VectorDType::kF32},
    {"f16", VectorDType::kF16},
    {"int8", VectorDType::kInt8},
    {"binary", VectorDType::kBinary},
};

// What a file says must be what it holds.
void check_info(const std::string& path, const VectorTable& table) {
  const Shape& shape = table.values.shape();
  const VectorInfo& info = table.info;
  const bool is_binary = info.dtype == VectorDType::kBinary;
  const std::size_t cols = is_binary ? (info.dimension + 7) / 8 : info.dimension;
  if (shape != Shape{info.count, cols}) {
    fail(ErrorKind::kCorrupt, path, ": expected ", info.count, " vectors of dimension ",
         info.dimension, " as the file's description says, found shape ", shape.to_string());
  }
  static constexpr DType kStored[] = {DType::kF32, DType::kF16, DType::kI8, DType::kU8};
  if (table.values.dtype() != kStored[static_cast<std::size_t>(info.dtype)]) {
    fail(ErrorKind::kCorrupt, path, ": expected ", vector_dtype_name(info.dtype),
         " as the file's description says, found ", dtype_name(table.values.dtype()));
  }
  if (!table.ids.empty() && table.ids.size() != info.count) {
    fail(ErrorKind::kCorrupt, path, ": expected ", info.count, " ids, found ", table.ids.size());
  }
  if (!table.scales.empty() && table.scales.size() != info.count) {
    fail(ErrorKind::kCorrupt, path, ": expected ", info.count, " scales, found ",
         table.scales.size());
  }
}

template <class T>
bool is_finite(T value) {
  return std::isfinite(to_float(value));
}

bool is_finite(float value) {
  return std::isfinite(value);
}

template <class T>
void check_finite_as(const std::string& path, const AnyView& values) {
  const std::span<const std::byte> bytes = values.bytes();
  for (std::size_t at = 0; at < bytes.size(); at += sizeof(T)) {
    T value;
    std::memcpy(&value, bytes.data() + at, sizeof(T));
    if (is_finite(value)) continue;
    const std::size_t index = at / sizeof(T);
    fail(ErrorKind::kCorrupt, path, ": row ", index / values.shape()[1],
         ": expected finite numbers, found NaN or infinity as component ",
         index % values.shape()[1]);
  }
}

void check_finite(const std::string& path, const VectorTable& table) {
  if (table.values.dtype() == DType::kF32) check_finite_as<float>(path, table.values);
  if (table.values.dtype() == DType::kF16) check_finite_as<Float16>(path, table.values);
  for (std::size_t i = 0; i < table.scales.size(); ++i) {
    if (!std::isfinite(table.scales[i])) {
      fail(ErrorKind::kCorrupt, path, ": row ", i, ": expected a finite scale, found ",
           table.scales[i]);
    }
  }
}

void own_as_f32(VectorTable& table) {
  auto tensor = std::make_shared<const Tensor>(Tensor::from(table.values));
  table.values = tensor->any();
  table.owner = std::move(tensor);
}

// Fills in what can be told from a matrix alone, and makes an element type of ours of it.
void set_matrix(const std::string& path, const AnyView& values, VectorTable& table) {
  table.values = values;
  if (values.shape().rank() == 1) {
    table.values = {values.dtype(), Shape{1, values.shape()[0]}, values.bytes().data()};
  } else if (values.shape().rank() != 2) {
    fail(ErrorKind::kUnsupported, path, ": expected a matrix, a vector a row, found shape ",
         values.shape().to_string());
  }
  const DType dtype = values.dtype();
  VectorInfo& info = table.info;
  info.dtype = dtype == DType::kF16  ? VectorDType::kF16
               : dtype == DType::kI8 ? VectorDType::kInt8
               : dtype == DType::kU8 ? VectorDType::kBinary
                                     : VectorDType::kF32;
  if (info.dtype == VectorDType::kF32 && dtype != DType::kF32) own_as_f32(table);
  info.count = table.values.shape()[0];
  info.dimension = table.values.shape()[1] * (info.dtype == VectorDType::kBinary ? 8 : 1);
}

std::vector<std::string> read_ids(const std::string& path) {
  std::vector<std::string> ids;
  if (path.ends_with(".npy")) {
    const NpyFile file = NpyFile::open(path);
    const AnyView values = file.values();
    if (values.dtype() != DType::kI32 && values.dtype() != DType::kI64) {
      fail(ErrorKind::kUnsupported, path, ": expected whole numbers as ids, found ",
           file.stored_type());
    }
    const std::size_t size = dtype_size(values.dtype());
    for (std::size_t i = 0; i < values.shape().size(); ++i) {
      std::int64_t wide = 0;
      std::int32_t narrow = 0;
      std::memcpy(size == 8 ? static_cast<void*>(&wide) : &narrow, values.bytes().data() + i * size,
                  size);
      ids.push_back(std::to_string(size == 8 ? wide : narrow));
    }
    return ids;
  }
  LineReader lines(ByteSource::open(path), std::size_t{1} << 20);
  for (std::string_view line; lines.next(line);) ids.emplace_back(without_carriage_return(line));
  return ids;
}

VectorTable read_npy_table(const std::string& path, const VectorReadOptions& options) {
  const auto file = std::make_shared<const NpyFile>(NpyFile::open(path));
  VectorTable table;
  table.owner = file;
  set_matrix(path, file->values(), table);
  const std::optional<internal::Sidecar> sidecar = internal::read_sidecar_file(path);
  if (sidecar) table.info = sidecar->info;
  if (!options.ids_path.empty()) {
    table.ids = read_ids(options.ids_path);
  } else if (sidecar && sidecar->has_ids) {
    table.ids = read_ids(internal::ids_path(path));
  }
  if (sidecar && table.info.dtype == VectorDType::kInt8) {
    const NpyFile scales = NpyFile::open(internal::scales_path(path));
    table.scales.resize(scales.shape().size());
    scales.values().copy_to(table.scales);
  }
  return table;
}

// A dimension that is not a multiple of eight, and what a matrix does not show.
void read_metadata(const std::string& path, const std::map<std::string, std::string>& metadata,
                   VectorInfo& info) {
  const auto text = [&](const std::string& key) {
    const auto found = metadata.find(key);
    return found == metadata.end() ? std::string() : found->second;
  };
  if (!metadata.contains("firth_format_version")) return;
  if (text("firth_format_version") != "1") {
    fail(ErrorKind::kUnsupported, path, ": expected firth_format_version 1, found ",
         quoted(text("firth_format_version")), "; a newer firth wrote it");
  }
  info.identity = text("identity");
  info.model = text("model");
  info.pooling = text("pooling");
  if (metadata.contains("max_length")) {
    info.max_length =
        JsonDocument::parse(text("max_length"), path + ": max_length").root().as_uint();
  }
  info.precision = text("precision");
  info.prompt = text("prompt");
  info.input = text("input");
  info.normalized = text("normalized") == "true";
  info.dimension =
      JsonDocument::parse(text("dimension"), path + ": dimension").root().as_uint(UINT32_MAX);
  info.dtype = parse_vector_dtype(text("dtype"));
}

std::string matrix_name(const SafetensorsFile& file) {
  if (file.has("embeddings")) return "embeddings";
  std::vector<std::string> matrices;
  for (const std::string& name : file.names()) {
    if (file.info(name).shape.size() == 2) matrices.push_back(name);
  }
  if (matrices.size() == 1) return matrices[0];
  fail(ErrorKind::kUnsupported, file.path(),
       ": expected a tensor 'embeddings' or one matrix, found ", matrices.size(), " matrices");
}

// The texts of `bytes` that end at `ends`, in order.
std::vector<std::string> split_ids(const std::string& path, const AnyView& bytes,
                                   const AnyView& ends) {
  std::vector<std::string> ids;
  const std::string_view text(reinterpret_cast<const char*>(bytes.bytes().data()),
                              bytes.bytes().size());
  std::size_t begin = 0;
  for (std::size_t i = 0; i < ends.shape().size(); ++i) {
    std::int64_t end = 0;
    std::memcpy(&end, ends.bytes().data() + i * sizeof(end), sizeof(end));
    if (end < 0 || static_cast<std::size_t>(end) < begin ||
        static_cast<std::size_t>(end) > text.size()) {
      fail(ErrorKind::kCorrupt, path, ": tensor 'id_ends': expected rising numbers up to ",
           text.size(), ", found ", end);
    }
    ids.emplace_back(text.substr(begin, static_cast<std::size_t>(end) - begin));
    begin = static_cast<std::size_t>(end);
  }
  return ids;
}

VectorTable read_safetensors_table(const std::string& path, const VectorReadOptions& options) {
  const auto file = std::make_shared<const SafetensorsFile>(SafetensorsFile::open(path));
  VectorTable table;
  table.owner = file;
  set_matrix(path, file->tensor(matrix_name(*file)), table);
  read_metadata(path, file->metadata(), table.info);
  if (!options.ids_path.empty()) {
    table.ids = read_ids(options.ids_path);
  } else if (file->has("id_bytes") && file->has("id_ends") &&
             file->tensor("id_ends").dtype() == DType::kI64) {
    table.ids = split_ids(path, file->tensor("id_bytes"), file->tensor("id_ends"));
  }
  if (table.info.dtype == VectorDType::kInt8 && file->has("scales")) {
    const AnyView scales = file->tensor("scales");
    table.scales.resize(scales.shape().size());
    scales.copy_to(table.scales);
  }
  return table;
}

VectorTable from_text(internal::TextVectors&& text) {
  VectorTable table;
  const auto values = std::make_shared<const std::vector<float>>(std::move(text.values));
  table.info.count = text.count;
  table.info.dimension = text.dimension;
  table.values = {DType::kF32, Shape{text.count, text.dimension},
                  reinterpret_cast<const std::byte*>(values->data())};
  table.ids = std::move(text.ids);
  table.owner = values;
  return table;
}

VectorTable read_as(const std::string& path, VectorFormat format,
                    const VectorReadOptions& options) {
  switch (format) {
    case VectorFormat::kNpy:
      return read_npy_table(path, options);
    case VectorFormat::kSafetensors:
      return read_safetensors_table(path, options);
    case VectorFormat::kJsonl:
      return from_text(internal::read_jsonl_vectors(path));
    case VectorFormat::kJson:
      return from_text(internal::read_json_vectors(path));
    case VectorFormat::kCsv:
      return from_text(internal::read_csv_vectors(path, ','));
    case VectorFormat::kTsv:
      return from_text(internal::read_csv_vectors(path, '\t'));
    case VectorFormat::kWord2VecText:
      return from_text(internal::read_word2vec_text(path));
    case VectorFormat::kWord2VecBinary:
      return from_text(internal::read_word2vec_binary(path));
    case VectorFormat::kAuto:
      break;
  }
  fail(ErrorKind::kInvalidArgument, path,
       ": expected a vector file (.npy, .safetensors, .jsonl, .json, .csv, .tsv, .vec, .txt or "
       ".bin), found another ending; say the format");
}

}  // namespace

std::string_view vector_dtype_name(VectorDType dtype) {
  return kDTypes[static_cast<std::size_t>(dtype)].first;
}

VectorDType parse_vector_dtype(std::string_view name) {
  for (const auto& [known, dtype] : kDTypes) {
    if (known == name) return dtype;
  }
  fail(ErrorKind::kInvalidArgument, "expected f32, f16, int8 or binary, found ", quoted(name));
}

VectorFormat parse_vector_format(std::string_view name) {
  if (name == "auto") return VectorFormat::kAuto;
  for (const FormatName& known : kFormats) {
    if (known.name == name) return known.format;
  }
  fail(ErrorKind::kInvalidArgument,
       "expected npy, safetensors, jsonl, json, csv, tsv, word2vec or word2vec-binary, found ",
       quoted(name));
}

VectorFormat vector_format_of(const std::string& path) {
  const std::string plain = without_compression_ending(path);
  for (const FormatName& known : kFormats) {
    if (plain.ends_with(known.ending)) return known.format;
  }
  return VectorFormat::kAuto;
}

VectorTable read_vectors(const std::string& path, const VectorReadOptions& options) {
  const VectorFormat format =
      options.format == VectorFormat::kAuto ? vector_format_of(path) : options.format;
  VectorTable table = read_as(path, format, options);
  if (format != VectorFormat::kNpy && format != VectorFormat::kSafetensors &&
      !options.ids_path.empty()) {
    table.ids = read_ids(options.ids_path);
  }
  check_info(path, table);
  if (options.check_finite) check_finite(path, table);
  return table;
}

void VectorTable::copy_row(std::size_t row, std::span<float> out) const {
  const std::size_t cols = values.shape()[1];
  const std::size_t size = dtype_size(values.dtype());
  const std::byte* data = values.bytes().data() + row * cols * size;
  if (info.dtype == VectorDType::kBinary) {
    for (std::size_t i = 0; i < info.dimension; ++i) {
      const auto byte = static_cast<unsigned>(data[i / 8]);
      out[i] = (byte >> (7 - i % 8) & 1) != 0 ? 1.0F : -1.0F;
    }
    return;
  }
  AnyView(values.dtype(), Shape{cols}, data).copy_to(out);
  if (scales.empty()) return;
  for (float& x : out) x *= scales[row];
}

Tensor VectorTable::to_f32() const {
  Tensor tensor = Tensor::zeros<float>(Shape{info.count, info.dimension});
  const View<float> rows = tensor.view<float>();
  for (std::size_t i = 0; i < info.count; ++i) copy_row(i, rows.row(i));
  return tensor;
}

}  // namespace firth
