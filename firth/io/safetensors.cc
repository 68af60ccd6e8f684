#include "firth/io/safetensors.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <set>
#include <utility>

#include "firth/core/error.h"
#include "firth/io/json.h"
#include "firth/io/mapped_file.h"
#include "firth/io/model_folder.h"
#include "firth/io/near_names.h"
#include "firth/io/pickle_refusal.h"

namespace firth {

namespace {

constexpr std::uint64_t kMaxHeaderBytes = 100'000'000;  // the reference's limit
constexpr std::size_t kLengthBytes = 8;

// Bits of an element, nullopt for a dtype that the format does not know.
std::optional<unsigned> dtype_bits(std::string_view name) {
  static constexpr std::pair<std::string_view, unsigned> kBits[] = {
      {"F64", 64},    {"F32", 32},        {"F16", 16},        {"BF16", 16},   {"I64", 64},
      {"I32", 32},    {"I16", 16},        {"I8", 8},          {"U64", 64},    {"U32", 32},
      {"U16", 16},    {"U8", 8},          {"BOOL", 8},        {"F8_E4M3", 8}, {"F8_E5M2", 8},
      {"F8_E8M0", 8}, {"F8_E4M3FNUZ", 8}, {"F8_E5M2FNUZ", 8}, {"C64", 64},    {"F4", 4},
      {"F6_E2M3", 6}, {"F6_E3M2", 6},
  };
  for (const auto& [known, bits] : kBits) {
    if (known == name) return bits;
  }
  return std::nullopt;
}

std::optional<DType> dtype_of(std::string_view name) {
  static constexpr std::pair<std::string_view, DType> kTypes[] = {
      {"F32", DType::kF32}, {"F16", DType::kF16}, {"BF16", DType::kBF16}, {"I8", DType::kI8},
      {"U8", DType::kU8},   {"I32", DType::kI32}, {"I64", DType::kI64},
  };
  for (const auto& [known, dtype] : kTypes) {
    if (known == name) return dtype;
  }
  return std::nullopt;
}

std::string shape_text(const std::vector<std::size_t>& shape) {
  std::string text = "(";
  for (const std::size_t dim : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(dim);
  return text + ")";
}

// shape × bits in whole bytes; nullopt if that overflows or leaves a part of a byte.
std::optional<std::uint64_t> shape_bytes(const std::vector<std::size_t>& shape, unsigned bits) {
  std::uint64_t total = bits;
  for (const std::size_t dim : shape) {
    if (__builtin_mul_overflow(total, dim, &total)) return std::nullopt;
  }
  return total % 8 == 0 ? std::optional(total / 8) : std::nullopt;
}

TensorInfo read_info(const Json& entry, std::uint64_t data_start, std::uint64_t data_bytes) {
  for (const auto& [key, value] : entry.fields()) {
    if (key != "dtype" && key != "shape" && key != "data_offsets") {
      fail(ErrorKind::kCorrupt, entry.where(), ": unknown field ", quoted(key));
    }
  }
  TensorInfo info;
  info.dtype = entry.at("dtype").as_string();
  const std::optional<unsigned> bits = dtype_bits(info.dtype);
  if (!bits) {
    fail(ErrorKind::kUnsupported, entry.where(), ": unknown dtype ", quoted(info.dtype));
  }
  for (const Json& dim : entry.at("shape").elements()) info.shape.push_back(dim.as_uint());
  const Json offsets = entry.at("data_offsets");
  if (offsets.size() != 2) {
    fail(ErrorKind::kCorrupt, offsets.where(), ": expected two numbers, found ", offsets.size());
  }
  const std::uint64_t begin = offsets.at(0).as_uint();
  const std::uint64_t end = offsets.at(1).as_uint();
  if (begin > end || end > data_bytes) {
    fail(ErrorKind::kCorrupt, offsets.where(), ": expected offsets within the ", data_bytes,
         " bytes of data, found [", begin, ", ", end, "]");
  }
  const std::optional<std::uint64_t> bytes = shape_bytes(info.shape, *bits);
  if (!bytes) {
    fail(ErrorKind::kCorrupt, entry.where(), ": a shape ", shape_text(info.shape), " of ",
         info.dtype, " is no whole number of bytes below 2^61");
  }
  if (*bytes != end - begin) {
    fail(ErrorKind::kCorrupt, entry.where(), ": expected ", *bytes, " bytes for shape ",
         shape_text(info.shape), " of ", info.dtype, ", found ", end - begin);
  }
  info.offset = data_start + begin;
  info.bytes = *bytes;
  return info;
}

using Infos = std::map<std::string, TensorInfo, std::less<>>;

// Names in the order of their data; empty tensors before the one that begins at the same byte.
std::vector<std::string> data_order(const Infos& infos) {
  std::vector<std::pair<std::pair<std::uint64_t, std::uint64_t>, std::string>> order;
  for (const auto& [name, info] : infos) order.push_back({{info.offset, info.bytes}, name});
  std::sort(order.begin(), order.end());
  std::vector<std::string> names;
  names.reserve(order.size());
  for (auto& entry : order) names.push_back(std::move(entry.second));
  return names;
}

void check_layout(const std::string& path, const Infos& infos,
                  const std::vector<std::string>& names, std::uint64_t data_start,
                  std::uint64_t file_size) {
  std::uint64_t at = data_start;
  for (const std::string& name : names) {
    const TensorInfo& info = infos.find(name)->second;
    if (info.offset != at) {
      fail(ErrorKind::kCorrupt, path, ": tensor ", quoted(name), ": expected its data at offset ",
           at - data_start, ", found ", info.offset - data_start,
           info.offset < at ? " (it overlaps another tensor)" : " (bytes of no tensor before it)");
    }
    at += info.bytes;
  }
  if (at != file_size) {
    fail(ErrorKind::kCorrupt, path, ": expected the file to end after ", at, " bytes, found ",
         file_size);
  }
}

[[noreturn]] void fail_unknown_name(std::string_view where, const std::vector<std::string>& names,
                                    std::string_view name) {
  const std::vector<std::string> near = near_names(names, name);
  if (near.empty()) {
    fail(ErrorKind::kNotFound, where, ": expected a tensor ", quoted(name), ", found ",
         quoted_list(names, 4));
  }
  fail(ErrorKind::kNotFound, where, ": expected a tensor ", quoted(name),
       ", found none; near it: ", quoted_list(near));
}

}  // namespace

struct SafetensorsFile::Contents {
  std::shared_ptr<const MappedFile> file;
  std::map<std::string, std::string> metadata;
  Infos infos;
  std::vector<std::string> names;

  void read_header();
};

void SafetensorsFile::Contents::read_header() {
  const std::string& path = file->path();
  const std::string_view bytes = file->text();
  refuse_pickle(path, bytes);
  if (bytes.size() < kLengthBytes) {
    fail(ErrorKind::kCorrupt, path, ": expected a safetensors file, found ", bytes.size(),
         " bytes");
  }
  std::uint64_t length = 0;
  for (std::size_t i = kLengthBytes; i-- > 0;) {
    length = length << 8 | static_cast<unsigned char>(bytes[i]);
  }
  if (length > kMaxHeaderBytes || length > bytes.size() - kLengthBytes) {
    fail(ErrorKind::kCorrupt, path, ": expected a header of at most ",
         std::min(kMaxHeaderBytes, bytes.size() - kLengthBytes), " bytes, found a length of ",
         length, "; the file is cut short or no safetensors file");
  }
  const std::string_view header = bytes.substr(kLengthBytes, length);
  if (!header.starts_with('{')) {
    fail(ErrorKind::kCorrupt, path, ": expected a header that starts with '{', found ",
         quoted(header.substr(0, 1)));
  }
  const JsonDocument document = JsonDocument::parse(header, path + ": header");
  const std::uint64_t data_start = kLengthBytes + length;
  std::set<std::string_view> seen;
  for (const auto& [name, entry] : document.root().fields()) {
    if (!seen.insert(name).second) {
      fail(ErrorKind::kCorrupt, path, ": expected the name ", quoted(name),
           " once in the header, found it twice");
    }
    if (name == "__metadata__") {
      for (const auto& [key, value] : entry.fields())
        metadata[std::string(key)] = value.as_string();
    } else {
      infos.emplace(name, read_info(entry, data_start, bytes.size() - data_start));
    }
  }
  names = data_order(infos);
  check_layout(path, infos, names, data_start, bytes.size());
}

SafetensorsFile SafetensorsFile::open(const std::string& path) {
  auto contents = std::make_shared<Contents>();
  contents->file = MappedFile::open(path);
  contents->read_header();
  SafetensorsFile file;
  file.contents_ = std::move(contents);
  return file;
}

const std::string& SafetensorsFile::path() const {
  return contents_->file->path();
}

const std::map<std::string, std::string>& SafetensorsFile::metadata() const {
  return contents_->metadata;
}

std::vector<std::string> SafetensorsFile::names() const {
  return contents_->names;
}

bool SafetensorsFile::has(std::string_view name) const {
  return contents_->infos.contains(name);
}

const TensorInfo& SafetensorsFile::info(std::string_view name) const {
  const auto found = contents_->infos.find(name);
  if (found == contents_->infos.end()) fail_unknown_name(path(), contents_->names, name);
  return found->second;
}

AnyView SafetensorsFile::tensor(std::string_view name) const {
  const TensorInfo& info = this->info(name);
  const std::optional<DType> dtype = dtype_of(info.dtype);
  if (!dtype || info.shape.size() > Shape::kMaxRank) {
    fail(ErrorKind::kUnsupported, path(), ": tensor ", quoted(name), ": expected ",
         "F32, F16, BF16, I8, U8, I32 or I64 of rank up to ", Shape::kMaxRank, ", found ",
         info.dtype, " of shape ", shape_text(info.shape));
  }
  return {*dtype, Shape(info.shape), contents_->file->bytes().data() + info.offset};
}

struct Checkpoint::Contents {
  std::string path;  // what was opened, for messages
  std::vector<SafetensorsFile> shards;
  std::vector<std::string> files;
  std::map<std::string, std::size_t, std::less<>> shard_of;  // tensor name -> index of its shard

  void add_single(const std::string& file_path);
  void add_shards(const std::string& folder, const std::string& index_path);
  const SafetensorsFile& find(std::string_view name) const;
};

void Checkpoint::Contents::add_single(const std::string& file_path) {
  path = file_path;
  files = {file_path};
  shards.push_back(SafetensorsFile::open(file_path));
  for (const std::string& name : shards[0].names()) shard_of.emplace(name, 0);
}

void Checkpoint::Contents::add_shards(const std::string& folder, const std::string& index_path) {
  path = index_path;
  const JsonDocument index = JsonDocument::read(index_path);
  std::map<std::string_view, std::size_t> opened;
  for (const auto& [name, value] : index.root().at("weight_map").fields()) {
    const std::string_view shard = value.as_string();
    if (shard.find('/') != std::string_view::npos) {
      fail(ErrorKind::kCorrupt, value.where(), ": expected the name of a file beside the index, ",
           "found ", quoted(shard));
    }
    const auto [at, is_new] = opened.emplace(shard, shards.size());
    if (is_new) {
      files.push_back(model_file(folder, shard));
      shards.push_back(SafetensorsFile::open(files.back()));
    }
    if (!shards[at->second].has(name)) {
      fail(ErrorKind::kCorrupt, index_path, ": tensor ", quoted(name), " should be in ",
           quoted(shard), ", but is not");
    }
    if (!shard_of.emplace(name, at->second).second) {
      fail(ErrorKind::kCorrupt, index_path, ": tensor ", quoted(name), " occurs twice");
    }
  }
  if (shards.empty())
    fail(ErrorKind::kCorrupt, index_path, ": expected an index that names tensors, found none");
}

const SafetensorsFile& Checkpoint::Contents::find(std::string_view name) const {
  const auto found = shard_of.find(name);
  if (found != shard_of.end()) return shards[found->second];
  std::vector<std::string> names;
  for (const auto& [known, shard] : shard_of) names.push_back(known);
  fail_unknown_name(path, names, name);
}

Checkpoint Checkpoint::open(const std::string& path) {
  constexpr std::string_view kSingle = "model.safetensors";
  constexpr std::string_view kIndex = "model.safetensors.index.json";
  auto contents = std::make_shared<Contents>();
  if (!is_folder(path)) {
    if (path.ends_with(".index.json")) {
      const std::size_t slash = path.rfind('/');
      contents->add_shards(slash == std::string::npos ? "." : path.substr(0, slash + 1), path);
    } else {
      contents->add_single(path);
    }
  } else if (const auto single = find_model_file(path, kSingle)) {
    contents->add_single(*single);
  } else if (const auto index = find_model_file(path, kIndex)) {
    contents->add_shards(path, *index);
  } else {
    const std::vector<std::string> names = list_folder(path);
    refuse_pickle_folder(path, names);
    fail(ErrorKind::kNotFound, path, ": expected ", kSingle, " or ", kIndex, ", found ",
         quoted_list(names));
  }
  Checkpoint checkpoint;
  checkpoint.contents_ = std::move(contents);
  return checkpoint;
}

const std::vector<std::string>& Checkpoint::files() const {
  return contents_->files;
}

std::vector<std::string> Checkpoint::names() const {
  std::vector<std::string> names;
  for (const auto& [name, shard] : contents_->shard_of) names.push_back(name);
  return names;
}

const std::map<std::string, std::string>& Checkpoint::metadata() const {
  return contents_->shards[0].metadata();
}

bool Checkpoint::has(std::string_view name) const {
  return contents_->shard_of.contains(name);
}

const TensorInfo& Checkpoint::info(std::string_view name) const {
  return contents_->find(name).info(name);
}

AnyView Checkpoint::tensor(std::string_view name) const {
  return contents_->find(name).tensor(name);
}

AnyView Checkpoint::tensor(std::string_view name, const Shape& shape) const {
  const AnyView view = tensor(name);
  if (view.shape() != shape) {
    fail(ErrorKind::kCorrupt, where(name), ": expected shape ", shape.to_string(), ", found ",
         view.shape().to_string());
  }
  return view;
}

std::string Checkpoint::where(std::string_view name) const {
  const auto found = contents_->shard_of.find(name);
  const std::string& file =
      found == contents_->shard_of.end() ? contents_->path : contents_->files[found->second];
  return file + ": tensor " + quoted(name, 160);
}

}  // namespace firth
