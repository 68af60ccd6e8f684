#include "firth/search/vector_cache.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <map>
#include <utility>

#include "firth/core/error.h"
#include "firth/io/atomic_file.h"
#include "firth/io/cache_dir.h"
#include "firth/io/hash.h"
#include "firth/io/json.h"
#include "firth/io/json_writer.h"
#include "firth/io/npy.h"

namespace firth {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kFormatVersion = 1;
constexpr std::uint64_t kMaxHashedBytes = std::uint64_t{256} << 20;
// A file that no entry names may be one that another run is about to name.
constexpr auto kOrphanAge = std::chrono::hours(1);

// Every field that moves vectors, one string each.
std::vector<std::pair<std::string, std::string>> key_fields(const VectorCacheKey& key) {
  const EmbedOptions& o = key.options;
  std::string layers;
  for (const int layer : o.layers) layers += std::to_string(layer) + ' ';
  return {{"identity", key.identity},
          {"collection", key.collection},
          {"selection", key.selection},
          {"prompt", o.prompt ? "=" + *o.prompt : "default"},
          {"dim", std::to_string(o.dim)},
          {"normalize", o.normalize ? (*o.normalize ? "yes" : "no") : "default"},
          {"long_policy", std::to_string(static_cast<int>(o.long_policy))},
          {"chunk_overlap", std::to_string(o.chunk_overlap)},
          {"layers", layers}};
}

std::string hash_of(View<const float> values) {
  Hash hash;
  hash.add(std::as_bytes(values.span()));
  return hash.hex();
}

std::string hash_of_texts(std::initializer_list<std::string_view> texts) {
  Hash hash;
  for (const std::string_view text : texts) hash.add_field(text);
  return hash.hex();
}

std::string new_tag(const std::string& key) {
  Hash hash;
  hash.add_field(key);
  hash.add_field(std::to_string(::getpid()));
  hash.add_field(std::to_string(std::chrono::system_clock::now().time_since_epoch().count()));
  hash.add_field(std::to_string(std::chrono::steady_clock::now().time_since_epoch().count()));
  return hash.hex().substr(0, 16);
}

// The f32 rows of a npy file, or an Error if it is anything else.
View<const float> float_rows(const NpyFile& file, std::uint64_t rows, std::uint64_t dimension) {
  if (!file.is_mapped() || !file.values().holds<float>() ||
      file.shape() != Shape{rows, dimension}) {
    fail(ErrorKind::kCorrupt, "cache: expected f32 values of shape ",
         Shape{rows, dimension}.to_string(), ", found ", file.shape().to_string());
  }
  return file.values().view<float>();
}

std::span<const float> float_list(const NpyFile& file, std::uint64_t n) {
  if (!file.is_mapped() || !file.values().holds<float>() || file.shape() != Shape{n}) {
    fail(ErrorKind::kCorrupt, "cache: expected ", n, " f32 values");
  }
  return file.values().view<float>().span();
}

template <class T>
void write_npy(const std::string& path, std::size_t cols, std::span<const T> values) {
  NpyWriter writer(path, kDTypeOf<T>, cols);
  writer.write(std::as_bytes(values));
  writer.commit();
}

// Vectors as they come, in pieces, and the whole of them in the end.
class Gathered {
 public:
  void append(View<const float> rows) {
    if (rows.rows() == 0) return;
    if (num_rows_ > 0 && rows.cols() != dimension_) {
      fail(ErrorKind::kInternal, "cache: expected rows of ", dimension_, ", found ", rows.cols());
    }
    dimension_ = rows.cols();
    num_rows_ += rows.rows();
    pieces_.push_back(Tensor::zeros<float>(rows.shape()));
    std::ranges::copy(rows.span(), pieces_.back().view<float>().data());
  }

  std::size_t num_rows() const { return num_rows_; }

  std::shared_ptr<const Tensor> join() {
    auto all = std::make_shared<Tensor>(DType::kF32, Shape{num_rows_, dimension_});
    float* out = all->view<float>().data();
    for (Tensor& piece : pieces_) {
      out = std::ranges::copy(std::as_const(piece).view<float>().span(), out).out;
      piece = Tensor();
    }
    return all;
  }

 private:
  std::size_t num_rows_ = 0;
  std::size_t dimension_ = 0;
  std::vector<Tensor> pieces_;
};

bool all_settled(std::span<const SourceStamp> sources) {
  return std::ranges::all_of(
      sources, [](const SourceStamp& s) { return is_settled(s) && stamp_source(s.path) == s; });
}

void touch(const std::string& path) {
  ::utimensat(AT_FDCWD, path.c_str(), nullptr, 0);  // if it fails, the entry only seems older
}

// The entry's key, for a file of it; "" for a file that is none of the cache's.
std::string key_of_file(const std::string& name) {
  const std::string key = name.substr(0, 32);
  const bool ours = name.size() > 32 && (name[32] == '-' || name[32] == '.') &&
                    key.find_first_not_of("0123456789abcdef") == std::string::npos;
  return ours ? key : "";
}

struct StoredEntry {
  std::string key;
  std::string tag;  // of the values in use, "" if there is no JSON that tells
  fs::file_time_type last_use;
  std::uint64_t bytes = 0;
  std::vector<fs::path> files;
};

std::vector<StoredEntry> list_entries(const std::string& folder) {
  std::map<std::string, StoredEntry> entries;
  std::error_code error;
  for (const auto& item : fs::directory_iterator(folder, error)) {
    const std::string name = item.path().filename().string();
    const std::string key = key_of_file(name);
    std::error_code gone;  // another run may remove files meanwhile
    const std::uint64_t size = item.file_size(gone);
    const fs::file_time_type time = item.last_write_time(gone);
    if (key.empty() || gone) continue;
    StoredEntry& entry = entries[key];
    entry.key = key;
    entry.bytes += size;
    entry.files.push_back(item.path());
    entry.last_use = entry.files.size() == 1 ? time : std::max(entry.last_use, time);
  }
  std::vector<StoredEntry> result;
  for (auto& [key, entry] : entries) result.push_back(std::move(entry));
  return result;
}

// Values of the same entry that an earlier run stored, or left unnamed when it was stopped.
void remove_orphans(const std::string& folder, const std::string& key, const std::string& tag,
                    const std::string& replaced_tag) {
  std::error_code ignored;
  for (const auto& item : fs::directory_iterator(folder, ignored)) {
    const std::string name = item.path().filename().string();
    if (!name.starts_with(key + "-") || name.starts_with(key + "-" + tag)) continue;
    const bool replaced = !replaced_tag.empty() && name.starts_with(key + "-" + replaced_tag);
    const bool old = item.last_write_time(ignored) + kOrphanAge < fs::file_time_type::clock::now();
    if (replaced || old) fs::remove(item.path(), ignored);
  }
}

// Values that are a file's no more; those who have them mapped keep them.
void remove_other_tags(const std::string& folder, const std::string& key, const std::string& tag) {
  std::error_code ignored;
  for (const auto& item : fs::directory_iterator(folder, ignored)) {
    const std::string name = item.path().filename().string();
    if (name.starts_with(key + "-") && !name.starts_with(key + "-" + tag)) {
      fs::remove(item.path(), ignored);
    }
  }
}

// What store_narrow() wrote; nullopt if anything is missing or of another shape.
std::optional<NarrowRows> read_narrow(const std::string& stem, const Shape& shape) {
  struct Files {
    NpyFile int8, scales, norms;
  };

  try {
    if (!fs::exists(stem + ".norms.npy")) return std::nullopt;
    auto files = std::make_shared<const Files>(Files{NpyFile::open(stem + ".int8.npy"),
                                                     NpyFile::open(stem + ".scales.npy"),
                                                     NpyFile::open(stem + ".norms.npy")});
    const AnyView values = files->int8.values();
    if (!files->int8.is_mapped() || !values.holds<std::int8_t>() || values.shape() != shape) {
      return std::nullopt;
    }
    return NarrowRows{.form = RowForm::kInt8,
                      .dimension = shape[1],
                      .int8 = values.view<std::int8_t>(),
                      .bits = {},
                      .scales = float_list(files->scales, shape[0]),
                      .norms = float_list(files->norms, shape[0]),
                      .owner = files};
  } catch (const Error&) {
    return std::nullopt;
  } catch (const fs::filesystem_error&) {
    return std::nullopt;
  }
}

}  // namespace

struct VectorCache::Entry {
  std::string tag;
  View<const float> values;
  std::shared_ptr<const NpyFile> file;
  std::vector<SourceStamp> sources;
  std::vector<std::uint64_t> num_rows;  // a source
};

std::string VectorCacheKey::hex() const {
  Hash hash;
  for (const auto& [name, value] : key_fields(*this)) {
    hash.add_field(name);
    hash.add_field(value);
  }
  return hash.hex();
}

// nullopt for whatever is not an entry of this key, whole and of this version.
std::optional<VectorCache::Entry> VectorCache::find(const VectorCacheKey& key) const {
  try {
    const std::string name = key.hex();
    const std::string json_path = path_of(name + ".json");
    if (!fs::is_regular_file(json_path)) return std::nullopt;
    const JsonDocument document = JsonDocument::read(json_path);
    const Json root = document.root();
    if (root.at("format_version").as_uint() != kFormatVersion) return std::nullopt;
    for (const auto& [field, value] : key_fields(key)) {
      if (root.at("key").at(field).as_string() != value) return std::nullopt;
    }
    Entry entry;
    entry.tag = root.at("tag").as_string();
    std::uint64_t rows = 0;
    for (const Json& source : root.at("sources").elements()) {
      entry.sources.push_back({.path = std::string(source.at("path").as_string()),
                               .size = source.at("size").as_uint(),
                               .mtime_ns = source.at("mtime_ns").as_int(),
                               .ctime_ns = source.at("ctime_ns").as_int(),
                               .inode = source.at("inode").as_uint()});
      entry.num_rows.push_back(source.at("rows").as_uint());
      rows += entry.num_rows.back();
    }
    entry.file =
        std::make_shared<const NpyFile>(NpyFile::open(path_of(name + "-" + entry.tag + ".npy")));
    entry.values = float_rows(*entry.file, rows, root.at("dimension").as_uint());
    const bool hashed = entry.values.size() * sizeof(float) <= kMaxHashedBytes;
    if (hashed && hash_of(entry.values) != root.at("hash").as_string()) return std::nullopt;
    touch(json_path);
    return entry;
  } catch (const Error&) {
    return std::nullopt;
  } catch (const fs::filesystem_error&) {
    return std::nullopt;
  }
}

CachedVectors VectorCache::get(const VectorCacheKey& key, std::span<const SourceStamp> sources,
                               const EmbedSources& embed) const {
  const std::optional<Entry> entry = find(key);
  if (entry && std::ranges::equal(entry->sources, sources)) {
    return {.values = entry->values,
            .num_rows = entry->num_rows,
            .owner = entry->file,
            .values_path = path_of(key.hex() + "-" + entry->tag + ".npy"),
            .num_reused = entry->values.rows(),
            .not_stored = {}};
  }

  // The rows that the entry has of each source, by path.
  std::map<std::string, std::pair<const SourceStamp*, View<const float>>> known;
  if (entry) {
    std::size_t begin = 0;
    for (std::size_t i = 0; i < entry->sources.size(); ++i) {
      const std::size_t end = begin + entry->num_rows[i];
      known[entry->sources[i].path] = {&entry->sources[i], entry->values.slice_rows(begin, end)};
      begin = end;
    }
  }
  const auto rows_of = [&](const SourceStamp& stamp) -> const View<const float>* {
    const auto found = known.find(stamp.path);
    return found != known.end() && *found->second.first == stamp ? &found->second.second : nullptr;
  };

  CachedVectors result;
  Gathered gathered;
  for (std::size_t i = 0; i < sources.size();) {
    if (const View<const float>* rows = rows_of(sources[i])) {
      gathered.append(*rows);
      result.num_rows.push_back(rows->rows());
      result.num_reused += rows->rows();
      ++i;
      continue;
    }
    std::vector<std::size_t> missing;  // neighbours are embedded together: their order is kept
    for (; i < sources.size() && rows_of(sources[i]) == nullptr; ++i) missing.push_back(i);
    const std::size_t before = gathered.num_rows();
    std::uint64_t expected = 0;
    for (const std::uint64_t n :
         embed(missing, [&](View<const float> rows) { gathered.append(rows); })) {
      result.num_rows.push_back(n);
      expected += n;
    }
    if (result.num_rows.size() != i || gathered.num_rows() - before != expected) {
      fail(ErrorKind::kInternal, "cache: expected ", expected, " rows of ", i, " sources, found ",
           gathered.num_rows() - before, " of ", result.num_rows.size());
    }
  }
  const std::shared_ptr<const Tensor> values = gathered.join();
  result.values = values->view<float>();
  result.owner = values;
  result.not_stored = store(key, sources, result);
  return result;
}

// Returns why it was not possible, "" if it was; then the values are those of the file.
std::string VectorCache::store(const VectorCacheKey& key, std::span<const SourceStamp> sources,
                               CachedVectors& vectors) const {
  try {
    const std::uint64_t bytes = vectors.values.size() * sizeof(float);
    if (bytes == 0) return "there are no vectors";
    if (bytes > options_.max_bytes) return "the vectors are larger than the whole cache may be";
    if (!all_settled(sources)) return "a source changed a moment ago";
    make_folders(options_.folder);
    const std::string name = key.hex();
    const std::optional<Entry> replaced = find(key);
    const std::string tag = new_tag(name);
    const std::string values_path = path_of(name + "-" + tag + ".npy");
    write_npy<float>(values_path, vectors.values.cols(), vectors.values.span());

    JsonWriter json;
    json.begin_object().field("format_version", kFormatVersion).key("key").begin_object();
    for (const auto& [field, value] : key_fields(key)) json.field(field, value);
    json.end_object().field("tag", tag).field("dimension", vectors.values.cols());
    json.field("hash", bytes <= kMaxHashedBytes ? hash_of(vectors.values) : "");
    json.key("sources").begin_array();
    for (std::size_t i = 0; i < sources.size(); ++i) {
      const SourceStamp& s = sources[i];
      json.begin_object().field("path", s.path).field("size", s.size).field("mtime_ns", s.mtime_ns);
      json.field("ctime_ns", s.ctime_ns).field("inode", s.inode);
      json.field("rows", vectors.num_rows[i]).end_object();
    }
    json.end_array().end_object().newline();
    write_file(path_of(name + ".json"), json.text());

    remove_orphans(options_.folder, name, tag, replaced ? replaced->tag : "");
    trim(options_.max_bytes);
    auto file = std::make_shared<const NpyFile>(NpyFile::open(values_path));
    vectors.values = float_rows(*file, vectors.values.rows(), vectors.values.cols());
    vectors.owner = std::move(file);
    vectors.values_path = values_path;
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

NarrowRows VectorCache::narrow(const CachedVectors& vectors, ThreadPool& pool) const {
  if (vectors.values_path.empty()) return narrow_rows(vectors.values, RowForm::kInt8, pool);
  const std::string stem = vectors.values_path.substr(0, vectors.values_path.size() - 4);
  if (std::optional<NarrowRows> rows = read_narrow(stem, vectors.values.shape())) return *rows;
  NarrowRows rows = narrow_rows(vectors.values, RowForm::kInt8, pool);
  store_narrow(stem, rows);
  return rows;
}

NarrowRows VectorCache::narrow(const SourceStamp& file, View<const float> rows,
                               ThreadPool& pool) const {
  const std::string key = hash_of_texts({"narrow", file.path});
  const std::string tag = hash_of_texts({std::to_string(file.size), std::to_string(file.mtime_ns),
                                         std::to_string(file.ctime_ns), std::to_string(file.inode)})
                              .substr(0, 16);
  const std::string stem = path_of(key + "-" + tag);
  if (std::optional<NarrowRows> found = read_narrow(stem, rows.shape())) {
    touch(stem + ".norms.npy");
    return *found;
  }
  NarrowRows made = narrow_rows(rows, RowForm::kInt8, pool);
  if (!all_settled(std::span(&file, 1))) return made;
  remove_other_tags(options_.folder, key, tag);
  store_narrow(stem, made);
  return made;
}

void VectorCache::store_narrow(const std::string& stem, const NarrowRows& rows) const {
  if (rows.int8.size() > options_.max_bytes) return;
  try {
    make_folders(options_.folder);
    write_npy<std::int8_t>(stem + ".int8.npy", rows.dimension, rows.int8.span());
    write_npy<float>(stem + ".scales.npy", 0, rows.scales);
    write_npy<float>(stem + ".norms.npy", 0, rows.norms);  // the last: it says that all are there
    trim(options_.max_bytes);
  } catch (const Error&) {  // a full disk: the rows serve this run
  }
}

std::uint64_t VectorCache::bytes() const {
  std::uint64_t sum = 0;
  for (const StoredEntry& entry : list_entries(options_.folder)) sum += entry.bytes;
  return sum;
}

void VectorCache::trim(std::uint64_t max_bytes) const {
  std::vector<StoredEntry> entries = list_entries(options_.folder);
  std::ranges::sort(entries, {}, &StoredEntry::last_use);
  std::uint64_t sum = 0;
  for (const StoredEntry& entry : entries) sum += entry.bytes;
  for (const StoredEntry& entry : entries) {
    if (sum <= max_bytes) return;
    std::error_code ignored;
    fs::remove(path_of(entry.key + ".json"), ignored);  // first: then no run starts to use the rest
    for (const fs::path& file : entry.files) fs::remove(file, ignored);
    sum -= entry.bytes;
  }
}

}  // namespace firth
