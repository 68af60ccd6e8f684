#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <optional>

#include "firth/core/error.h"
#include "firth/io/atomic_file.h"
#include "firth/io/json_writer.h"
#include "firth/io/npy.h"
#include "firth/io/safetensors_writer.h"
#include "firth/io/vector_file.h"
#include "firth/io/vector_sidecar.h"

namespace firth {

namespace {

using Ids = std::span<const std::string>;

// Rows as they are kept. `scales` has a scale for each row of int8.
struct Packed {
  std::vector<std::byte> bytes;
  std::vector<float> scales;
};

std::size_t row_bytes(const VectorInfo& info) {
  switch (info.dtype) {
    case VectorDType::kF32:
      return info.dimension * 4;
    case VectorDType::kF16:
      return info.dimension * 2;
    case VectorDType::kInt8:
      return info.dimension;
    case VectorDType::kBinary:
      break;
  }
  return (info.dimension + 7) / 8;
}

DType stored_dtype(VectorDType dtype) {
  static constexpr DType kStored[] = {DType::kF32, DType::kF16, DType::kI8, DType::kU8};
  return kStored[static_cast<std::size_t>(dtype)];
}

void pack_f16(std::span<const float> row, std::byte* out) {
  for (std::size_t i = 0; i < row.size(); ++i) {
    const Float16 half = to_float16(row[i]);
    std::copy_n(reinterpret_cast<const std::byte*>(&half), sizeof(half), out + i * sizeof(half));
  }
}

float pack_int8(std::span<const float> row, std::byte* out) {
  float largest = 0;
  for (const float x : row) largest = std::max(largest, std::abs(x));
  const float scale = largest / 127;
  for (std::size_t i = 0; i < row.size(); ++i) {
    const float q = scale > 0 ? std::clamp(std::nearbyint(row[i] / scale), -127.0F, 127.0F) : 0;
    out[i] = static_cast<std::byte>(static_cast<std::int8_t>(q));
  }
  return scale;
}

void pack_bits(std::span<const float> row, std::byte* out) {
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (row[i] > 0) out[i / 8] |= static_cast<std::byte>(0x80 >> (i % 8));
  }
}

Packed pack(View<const float> rows, const VectorInfo& info) {
  Packed packed;
  const std::size_t size = row_bytes(info);
  packed.bytes.resize(rows.rows() * size);
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    std::byte* out = packed.bytes.data() + i * size;
    if (info.dtype == VectorDType::kF16) pack_f16(rows.row(i), out);
    if (info.dtype == VectorDType::kInt8) packed.scales.push_back(pack_int8(rows.row(i), out));
    if (info.dtype == VectorDType::kBinary) pack_bits(rows.row(i), out);
  }
  return packed;
}

// Cuts a partial file of lines after the first `keep` lines; returns how many there are.
std::uint64_t keep_lines(AtomicFile& file, std::uint64_t keep) {
  std::string block(std::size_t{1} << 20, '\0');
  std::uint64_t lines = 0;
  std::uint64_t end = 0;  // of the last whole line
  const std::uint64_t size = file.size();
  for (std::uint64_t at = 0; at < size && lines < keep;) {
    const std::size_t n = std::min<std::uint64_t>(block.size(), size - at);
    file.read_at(at, {block.data(), n});
    for (std::size_t i = 0; i < n && lines < keep; ++i) {
      if (block[i] != '\n') continue;
      ++lines;
      end = at + i + 1;
    }
    at += n;
  }
  if (end < size) file.truncate(end);
  return lines;
}

void append_number(float number, std::string& out) {
  std::array<char, 32> digits;
  out.append(digits.data(),
             std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr);
}

}  // namespace

// A place that takes rows.
struct VectorWriter::State {
  State(const std::string& path, VectorWriterOptions options)
      : path_(path), options_(std::move(options)) {}

  virtual ~State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  virtual void write(View<const float> rows, Ids ids) = 0;
  virtual void flush() = 0;
  virtual void commit() = 0;

  AtomicFileOptions file_options() const { return {.keep_partial = options_.keep_partial}; }

  void check_rows(View<const float> rows, Ids ids) const;

  std::string path_;
  VectorWriterOptions options_;
  std::uint64_t count_ = 0;
};

void VectorWriter::State::check_rows(View<const float> rows, Ids ids) const {
  if (rows.shape().rank() != 2 || rows.cols() != options_.info.dimension ||
      ids.size() != (options_.has_ids ? rows.rows() : 0)) {
    fail(ErrorKind::kInternal, path_, ": expected rows of ", options_.info.dimension,
         " numbers with their ids, found ", rows.shape().to_string(), " and ", ids.size(), " ids");
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (std::isfinite(rows.data()[i])) continue;
    fail(ErrorKind::kInvalidArgument, path_, ": row ", count_ + i / rows.cols(),
         ": expected finite numbers, found ", rows.data()[i]);
  }
}

namespace {

class NpySink : public VectorWriter::State {
 public:
  NpySink(const std::string& path, const VectorWriterOptions& options)
      : State(path, options),
        rows_(path_, stored_dtype(options_.info.dtype),
              row_bytes(options_.info) / dtype_size(stored_dtype(options_.info.dtype)),
              file_options()) {
    struct stat status {};

    // A device has no place beside it.
    is_alone_ = ::stat(path_.c_str(), &status) == 0 && !S_ISREG(status.st_mode);
    if (is_alone_) return;
    if (options_.has_ids) ids_.emplace(internal::ids_path(path_), file_options());
    if (options_.info.dtype == VectorDType::kInt8) {
      scales_.emplace(internal::scales_path(path_), DType::kF32, 0, file_options());
    }
    resume();
  }

  void write(View<const float> rows, Ids ids) override {
    // The rows last: a run that is resumed takes as many as every file has.
    for (const std::string& id : ids) {
      if (id.find_first_of("\n\r") != std::string::npos) {
        fail(ErrorKind::kInvalidArgument, path_, ": the id ", quoted(id),
             " has a line break, which a file of lines cannot hold; write JSONL");
      }
      if (ids_) ids_->write(id + "\n");
    }
    if (options_.info.dtype == VectorDType::kF32) {
      rows_.write(rows.span());
      return;
    }
    const Packed packed = pack(rows, options_.info);
    if (scales_) scales_->write(packed.scales);
    rows_.write(packed.bytes);
  }

  void flush() override {
    if (ids_) ids_->flush();
    if (scales_) scales_->flush();
    rows_.flush();
  }

  void commit() override {
    options_.info.count = rows_.rows();
    if (ids_) ids_->commit();
    if (scales_) scales_->commit();
    if (is_alone_) return rows_.commit();
    const bool had_ids = earlier_table([](const auto& earlier) { return earlier.has_ids; });
    const bool had_scales =
        earlier_table([](const auto& earlier) { return earlier.info.dtype == VectorDType::kInt8; });
    internal::write_sidecar_file(path_, {.info = options_.info, .has_ids = options_.has_ids});
    rows_.commit();
    if (had_ids && !ids_) std::remove(internal::ids_path(path_).c_str());
    if (had_scales && !scales_) std::remove(internal::scales_path(path_).c_str());
  }

 private:
  // What the sidecar of the table that is replaced says: files beside it that nobody else needs.
  template <class Ask>
  bool earlier_table(Ask&& ask) const {
    try {
      const std::optional<internal::Sidecar> earlier = internal::read_sidecar_file(path_);
      return earlier && ask(*earlier);
    } catch (const Error&) {
      return false;
    }
  }

  void resume() {
    count_ = rows_.rows();
    if (scales_) count_ = std::min(count_, scales_->rows());
    if (ids_) count_ = std::min(count_, keep_lines(*ids_, count_));
    if (scales_ && scales_->rows() > count_) scales_->truncate_rows(count_);
    if (rows_.rows() > count_) rows_.truncate_rows(count_);
  }

  NpyWriter rows_;
  std::optional<AtomicFile> ids_;
  std::optional<NpyWriter> scales_;
  bool is_alone_ = false;
};

class SafetensorsSink : public VectorWriter::State {
 public:
  SafetensorsSink(const std::string& path, const VectorWriterOptions& options)
      : State(path, options), file_(path_) {
    if (options_.keep_partial) {
      fail(ErrorKind::kUnsupported, path_,
           ": a safetensors file cannot be continued; write npy, JSONL or CSV");
    }
    file_.begin("embeddings", stored_dtype(options_.info.dtype));
  }

  void write(View<const float> rows, Ids ids) override {
    for (const std::string& id : ids) {
      id_bytes_ += id;
      id_ends_.push_back(static_cast<std::int64_t>(id_bytes_.size()));
    }
    if (options_.info.dtype == VectorDType::kF32) {
      file_.append(std::as_bytes(rows.span()));
      return;
    }
    const Packed packed = pack(rows, options_.info);
    file_.append(packed.bytes);
    scales_.insert(scales_.end(), packed.scales.begin(), packed.scales.end());
  }

  void flush() override {}

  void commit() override {
    const VectorInfo& info = options_.info;
    const DType dtype = stored_dtype(info.dtype);
    file_.end(Shape{count_, row_bytes(info) / dtype_size(dtype)});
    if (info.dtype == VectorDType::kInt8) add("scales", DType::kF32, scales_);
    if (options_.has_ids) {
      add("id_ends", DType::kI64, id_ends_);
      add("id_bytes", DType::kU8, id_bytes_);
    }
    for (const auto& [key, value] : std::initializer_list<std::pair<const char*, std::string>>{
             {"firth_format_version", "1"},
             {"identity", info.identity},
             {"model", info.model},
             {"pooling", info.pooling},
             {"max_length", std::to_string(info.max_length)},
             {"precision", info.precision},
             {"prompt", info.prompt},
             {"input", info.input},
             {"dimension", std::to_string(info.dimension)},
             {"dtype", std::string(vector_dtype_name(info.dtype))},
             {"normalized", info.normalized ? "true" : "false"}}) {
      file_.set_metadata(key, value);
    }
    file_.commit();
  }

 private:
  template <class Values>
  void add(const std::string& name, DType dtype, const Values& values) {
    file_.add(name, AnyView(dtype, Shape{values.size()},
                            reinterpret_cast<const std::byte*>(values.data())));
  }

  SafetensorsWriter file_;
  std::vector<float> scales_;
  std::string id_bytes_;
  std::vector<std::int64_t> id_ends_;
};

// JSONL, CSV, TSV and word2vec's text: a line a row.
class TextSink : public VectorWriter::State {
 public:
  TextSink(const std::string& path, const VectorWriterOptions& options, VectorFormat format)
      : State(path, options), format_(format), file_(path_, file_options()) {
    const VectorDType dtype = options_.info.dtype;
    if (dtype != VectorDType::kF32 &&
        (format != VectorFormat::kJsonl || dtype != VectorDType::kInt8)) {
      fail(ErrorKind::kInvalidArgument, path_,
           ": expected f32, which is what this form holds, found ", vector_dtype_name(dtype),
           "; write npy or safetensors");
    }
    const std::string first = first_line();
    const std::uint64_t num_lines = first.empty() ? 0 : 1;
    const std::uint64_t kept = keep_lines(file_, UINT64_MAX);
    count_ = kept > num_lines ? kept - num_lines : 0;
    if (kept == 0) file_.write(first);
  }

  void write(View<const float> rows, Ids ids) override {
    const bool is_int8 = options_.info.dtype == VectorDType::kInt8;
    const Packed packed = is_int8 ? pack(rows, options_.info) : Packed();
    for (std::size_t i = 0; i < rows.rows(); ++i) {
      const std::string* id = ids.empty() ? nullptr : &ids[i];
      if (format_ == VectorFormat::kJsonl) {
        write_json(rows.row(i), id, is_int8 ? &packed : nullptr, i);
      } else {
        write_line(rows.row(i), id, count_ + i);
      }
    }
    file_.write(std::exchange(text_, {}));
  }

  void flush() override { file_.flush(); }

  void commit() override {
    if (format_ == VectorFormat::kWord2VecText) file_.overwrite(0, first_line());
    file_.commit();
  }

 private:
  // word2vec's line has room for any count_, which is known last.
  std::string first_line() const {
    const std::size_t dimension = options_.info.dimension;
    if (format_ == VectorFormat::kJsonl) return "";
    if (format_ == VectorFormat::kWord2VecText) {
      std::string line = std::to_string(count_) + " " + std::to_string(dimension);
      line.resize(40, ' ');
      return line + "\n";
    }
    const char separator = format_ == VectorFormat::kTsv ? '\t' : ',';
    std::string line = options_.has_ids ? "id" : "";
    for (std::size_t i = 0; i < dimension; ++i) {
      if (!line.empty()) line += separator;
      line += "e" + std::to_string(i);
    }
    return line + "\n";
  }

  void write_json(std::span<const float> row, const std::string* id, const Packed* packed,
                  std::size_t index) {
    JsonWriter json;
    json.begin_object();
    if (id != nullptr) write_id(json.key("id"), *id);
    if (packed != nullptr) json.field("scale", packed->scales[index]);
    json.key("embedding").begin_array();
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (packed != nullptr) {
        json.value(
            static_cast<int>(static_cast<std::int8_t>(packed->bytes[index * row.size() + i])));
      } else {
        json.value(row[i]);
      }
    }
    text_ += json.end_array().end_object().newline().take();
  }

  void write_id(JsonWriter& json, const std::string& id) const {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), number);
    const bool is_number = error == std::errc() && end == id.data() + id.size();
    options_.number_ids&& is_number ? json.value(number) : json.value(std::string_view(id));
  }

  void write_line(std::span<const float> row, const std::string* id, std::uint64_t index) {
    const bool is_word2vec = format_ == VectorFormat::kWord2VecText;
    const char separator = is_word2vec ? ' ' : format_ == VectorFormat::kTsv ? '\t' : ',';
    const std::size_t begin = text_.size();
    if (id != nullptr) {
      append_id(*id);
    } else if (is_word2vec) {
      text_ += std::to_string(index);
    }
    for (const float number : row) {
      if (text_.size() > begin) text_ += separator;
      append_number(number, text_);
    }
    text_ += '\n';
  }

  void append_id(const std::string& id) {
    const bool is_word2vec = format_ == VectorFormat::kWord2VecText;
    if (id.find_first_of(is_word2vec ? " \t\n\r" : "\n\r") != std::string::npos ||
        (is_word2vec && id.empty())) {
      fail(ErrorKind::kInvalidArgument, path_, ": the id ", quoted(id),
           is_word2vec ? " is empty or has a space" : " has a line break",
           ", which this form cannot hold; write JSONL");
    }
    if (is_word2vec) {
      text_ += id;
      return;
    }
    text_ += '"';
    for (const char c : id) text_ += c == '"' ? "\"\"" : std::string(1, c);
    text_ += '"';
  }

  VectorFormat format_;
  AtomicFile file_;
  std::string text_;
};

// word2vec's binary form: ids are words, without spaces.
class WordSink : public VectorWriter::State {
 public:
  WordSink(const std::string& path, const VectorWriterOptions& options)
      : State(path, options), file_(path_) {
    if (options_.info.dtype != VectorDType::kF32 || options_.keep_partial) {
      fail(ErrorKind::kInvalidArgument, path_, ": word2vec's binary form holds f32 and cannot be ",
           "continued; write npy");
    }
    file_.write(first_line());
  }

  void write(View<const float> rows, Ids ids) override {
    for (std::size_t i = 0; i < rows.rows(); ++i) {
      const std::string word = ids.empty() ? std::to_string(count_ + i) : ids[i];
      if (word.empty() || word.find_first_of(" \n") != std::string::npos) {
        fail(ErrorKind::kInvalidArgument, path_, ": the id ", quoted(word),
             " is empty or has a space, which this form cannot hold; write JSONL");
      }
      file_.write(word);
      file_.write(" ");
      file_.write(std::as_bytes(std::span(rows.row(i))));
      file_.write("\n");
    }
  }

  void flush() override { file_.flush(); }

  void commit() override {
    file_.overwrite(0, first_line());
    file_.commit();
  }

 private:
  // The count is known last; the spaces before the dimension, which every reader skips, give room
  // for it. word2vec's own programs would take spaces at the end for the first word.
  std::string first_line() const {
    std::string line = std::to_string(count_);
    line.resize(20, ' ');
    return line + " " + std::to_string(options_.info.dimension) + "\n";
  }

  AtomicFile file_;
};

}  // namespace

VectorWriter::VectorWriter(const std::string& path, const VectorWriterOptions& options) {
  const VectorFormat format =
      options.format == VectorFormat::kAuto ? vector_format_of(path) : options.format;
  if (options.info.dimension == 0) {
    fail(ErrorKind::kInvalidArgument, path, ": vectors of dimension 0 cannot be written");
  }
  if (path.ends_with(".gz") || path.ends_with(".zst")) {
    fail(ErrorKind::kUnsupported, path,
         ": expected an ending without compression, found .gz or .zst");
  }
  switch (format) {
    case VectorFormat::kNpy:
      state_ = std::make_unique<NpySink>(path, options);
      return;
    case VectorFormat::kSafetensors:
      state_ = std::make_unique<SafetensorsSink>(path, options);
      return;
    case VectorFormat::kJsonl:
    case VectorFormat::kCsv:
    case VectorFormat::kTsv:
    case VectorFormat::kWord2VecText:
      state_ = std::make_unique<TextSink>(path, options, format);
      return;
    case VectorFormat::kWord2VecBinary:
      state_ = std::make_unique<WordSink>(path, options);
      return;
    case VectorFormat::kJson:
    case VectorFormat::kAuto:
      break;
  }
  fail(ErrorKind::kInvalidArgument, path,
       ": expected .npy, .safetensors, .jsonl, .csv, .tsv, .vec, .txt or .bin to write, found "
       "another "
       "ending; say the format");
}

VectorWriter::~VectorWriter() = default;
VectorWriter::VectorWriter(VectorWriter&&) noexcept = default;
VectorWriter& VectorWriter::operator=(VectorWriter&&) noexcept = default;

void VectorWriter::write(View<const float> rows, std::span<const std::string> ids) {
  state_->check_rows(rows, ids);
  state_->write(rows, ids);
  state_->count_ += rows.rows();
}

std::uint64_t VectorWriter::rows() const {
  return state_->count_;
}

void VectorWriter::flush() {
  state_->flush();
}

void VectorWriter::commit() {
  state_->commit();
}

}  // namespace firth
