// fastText's binary files. All numbers little-endian, nothing aligned:
//
//   i32 magic, i32 version; 12 x i32 and f64: the options
//   i32 entries, i32 words, i32 labels, i64 tokens, i64 kept buckets (-1: all are there)
//   for each entry: its text and a zero byte, i64 count, u8 type (0 word, 1 label)
//   for each kept bucket: i32 bucket, i32 row
//   u8 quantised; the input table; u8 output quantised; the output table
//
//   a table:           i64 rows, i64 columns, floats
//   a quantised table: u8 norms apart, i64 rows, i64 columns, i32 bytes of codes, the codes, a
//                      quantizer; then with norms apart a code a row and their quantizer
//   a quantizer:       i32 dim, i32 parts, i32 dsub, i32 size of the last part, 256 dim floats
#include <algorithm>
#include <cmath>
#include <cstring>
#include <type_traits>

#include "firth/core/error.h"
#include "firth/io/atomic_file.h"
#include "firth/io/file_bytes.h"
#include "firth/words/fasttext_model.h"

namespace firth {
namespace {

constexpr std::int32_t kMagic = 793712314;
constexpr std::int32_t kVersion = 12;

class Reader {
 public:
  explicit Reader(FileBytes file) : file_(std::move(file)), rest_(file_.text()) {}

  template <class T>
  T number(std::string_view what) {
    static_assert(std::is_arithmetic_v<T>);
    T value;
    std::memcpy(&value, take(sizeof(T), what).data(), sizeof(T));
    return value;
  }

  // Not below zero, and at most `limit`.
  template <class T>
  std::size_t size(std::string_view what, std::uint64_t limit = INT64_MAX) {
    const T value = number<T>(what);
    if (value < 0 || static_cast<std::uint64_t>(value) > limit)
      wrong(what, "a number from 0 to " + std::to_string(limit), value);
    return static_cast<std::size_t>(value);
  }

  bool flag(std::string_view what) {
    const auto value = number<std::uint8_t>(what);
    if (value > 1) wrong(what, "0 or 1", int{value});
    return value == 1;
  }

  std::string_view text(std::string_view what) {
    const std::size_t end = rest_.find('\0');
    if (end == std::string_view::npos) wrong(what, "a zero byte at its end", "none");
    const std::string_view found = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return found;
  }

  std::string_view take(std::size_t bytes, std::string_view what) {
    if (bytes > rest_.size()) {
      fail(ErrorKind::kCorrupt, file_.path(), ": ", what, ": expected ", bytes,
           " more bytes, found ", rest_.size(), "; the file was cut short");
    }
    const std::string_view found = rest_.substr(0, bytes);
    rest_.remove_prefix(bytes);
    return found;
  }

  template <class Found>
  [[noreturn]] void wrong(std::string_view what, const std::string& expected, const Found& found) {
    fail(ErrorKind::kCorrupt, file_.path(), ": ", what, ": expected ", expected, ", found ", found);
  }

  std::size_t left() const { return rest_.size(); }

  const FileBytes& file() const { return file_; }

 private:
  FileBytes file_;
  std::string_view rest_;
};

FastTextArgs read_args(Reader& in) {
  if (in.left() < 8 || in.number<std::int32_t>("head") != kMagic) {
    fail(ErrorKind::kCorrupt, in.file().path(), ": expected a fastText model, ",
         "found a file that does not begin as one");
  }
  const auto version = in.number<std::int32_t>("version");
  if (version != 11 && version != kVersion) {
    fail(ErrorKind::kUnsupported, in.file().path(), ": expected a fastText model of version 11 ",
         "or 12, found version ", version);
  }
  const auto count = [&](const char* what, std::uint64_t most = 1 << 30) {
    return static_cast<std::int32_t>(in.size<std::int32_t>(what, most));
  };
  FastTextArgs args;
  args.dim = count("dim", 1 << 20);
  if (args.dim == 0) in.wrong("dim", "at least 1", 0);
  args.ws = count("ws");
  args.epoch = count("epoch");
  args.min_count = count("minCount");
  args.neg = count("neg");
  args.word_ngrams = count("wordNgrams");
  const std::int32_t loss = count("loss"), kind = count("model");
  if (loss < 1 || loss > 4) in.wrong("loss", "1 to 4", loss);
  if (kind < 1 || kind > 3) in.wrong("model", "1 to 3", kind);
  args.loss = static_cast<FastTextLoss>(loss);
  args.kind = static_cast<FastTextKind>(kind);
  args.bucket = count("bucket", INT32_MAX);
  args.minn = count("minn");
  args.maxn = count("maxn");
  args.lr_update_rate = count("lrUpdateRate");
  args.t = in.number<double>("t");
  // Supervised models of that version had no character n-grams, whatever the field says.
  if (version == 11 && args.kind == FastTextKind::kSupervised) args.maxn = 0;
  return args;
}

void read_dictionary(Reader& in, FastTextParts& parts) {
  const std::size_t size = in.size<std::int32_t>("dictionary size");
  const std::size_t num_words = in.size<std::int32_t>("number of words", size);
  const std::size_t num_labels = in.size<std::int32_t>("number of labels", size);
  if (num_words + num_labels != size) {
    in.wrong("dictionary", std::to_string(size) + " entries",
             std::to_string(num_words) + " words and " + std::to_string(num_labels) + " labels");
  }
  parts.num_tokens = in.size<std::int64_t>("number of tokens");
  const auto kept = in.number<std::int64_t>("number of kept buckets");
  if (size > in.left() / 10) in.wrong("dictionary", "entries that fit the file", size);
  std::vector<std::string_view> words, labels;
  words.reserve(num_words);
  labels.reserve(num_labels);
  for (std::size_t i = 0; i < size; ++i) {
    const std::string_view text = in.text("dictionary entry");
    const auto count = in.size<std::int64_t>("count of a dictionary entry");
    const auto type = in.number<std::uint8_t>("type of a dictionary entry");
    const bool is_label = i >= num_words;
    if (type != (is_label ? 1 : 0)) {
      in.wrong("type of dictionary entry " + std::to_string(i), is_label ? "1" : "0", int{type});
    }
    (is_label ? labels : words).push_back(text);
    (is_label ? parts.label_counts : parts.word_counts).push_back(count);
  }
  parts.words = WordList(std::move(words), in.file().owner());
  parts.labels = WordList(std::move(labels), in.file().owner());
  if (kept < 0) return;
  if (static_cast<std::uint64_t>(kept) > in.left() / 8)
    in.wrong("number of kept buckets", "a number that fits the file", kept);
  // Zero kept buckets means, as in fastText, that none of them has a row.
  auto& buckets = parts.kept_buckets.emplace();
  for (std::int64_t i = 0; i < kept; ++i) {
    const auto bucket = in.number<std::int32_t>("kept bucket");
    const std::size_t row = in.size<std::int32_t>("row of a kept bucket", kept - 1);
    if (!buckets.emplace(bucket, static_cast<std::int32_t>(row)).second)
      in.wrong("kept bucket", "each bucket once", bucket);
  }
}

ProductQuantizer read_quantizer(Reader& in, std::size_t dim) {
  const std::size_t found = in.size<std::int32_t>("quantizer: dim");
  if (found != dim) in.wrong("quantizer: dim", std::to_string(dim), found);
  const std::size_t parts = in.size<std::int32_t>("quantizer: parts", dim);
  const std::size_t dsub = in.size<std::int32_t>("quantizer: dsub", dim);
  const std::size_t last = in.size<std::int32_t>("quantizer: size of the last part", dim);
  if (dsub == 0 || parts != (dim + dsub - 1) / dsub || last != dim - (parts - 1) * dsub)
    in.wrong("quantizer", "parts that make up dim", parts);
  std::vector<float> centroids(dim * ProductQuantizer::kCentroids);
  const std::string_view bytes = in.take(centroids.size() * sizeof(float), "centroids");
  std::memcpy(centroids.data(), bytes.data(), bytes.size());
  for (const float x : centroids) {
    if (!std::isfinite(x)) in.wrong("centroids", "finite numbers", x);
  }
  return {dim, dsub, std::move(centroids)};
}

std::vector<std::uint8_t> read_codes(Reader& in, std::size_t size) {
  const std::string_view bytes = in.take(size, "codes");
  return {bytes.begin(), bytes.end()};
}

std::pair<std::size_t, std::size_t> read_shape(Reader& in, std::string_view what, std::size_t dim) {
  const std::size_t rows = in.size<std::int64_t>(what, UINT32_MAX);
  const std::size_t cols = in.size<std::int64_t>(what, UINT32_MAX);
  if (cols != dim) in.wrong(what, std::to_string(dim) + " columns", cols);
  return {rows, cols};
}

FastTextMatrix read_matrix(Reader& in, std::string_view what, std::size_t dim, bool quantized) {
  const bool qnorm = quantized && in.flag(what);
  const auto [rows, cols] = read_shape(in, what, dim);
  if (!quantized) {
    const std::string_view bytes = in.take(rows * cols * sizeof(float), what);
    return {reinterpret_cast<const std::byte*>(bytes.data()), rows, cols, in.file().owner()};
  }
  FastTextMatrix::Quantized out;
  const std::size_t size = in.size<std::int32_t>("bytes of codes");
  out.codes = read_codes(in, size);
  out.quantizer = read_quantizer(in, dim);
  if (size != rows * out.quantizer.num_parts())
    in.wrong("bytes of codes", std::to_string(rows * out.quantizer.num_parts()), size);
  if (qnorm) {
    out.norm_codes = read_codes(in, rows);
    out.norm_quantizer = read_quantizer(in, 1);
  }
  return {rows, cols, std::move(out)};
}

// Every row that a word, an n-gram or a label may ask for must be there.
void check_shapes(Reader& in, const FastTextParts& parts) {
  const FastTextArgs& args = parts.args;
  const bool has_buckets =
      args.maxn > 0 || (args.kind == FastTextKind::kSupervised && args.word_ngrams > 1);
  const std::size_t buckets = parts.kept_buckets ? parts.kept_buckets->size()
                              : has_buckets      ? static_cast<std::size_t>(args.bucket)
                                                 : 0;
  const std::size_t input = parts.words.size() + buckets;
  if (parts.input.rows() < input) {
    in.wrong("input table", "at least " + std::to_string(input) + " rows", parts.input.rows());
  }
  const bool supervised = args.kind == FastTextKind::kSupervised;
  const std::size_t output = supervised ? parts.labels.size() : parts.words.size();
  if (supervised && output == 0) in.wrong("labels", "at least one", "none");
  if (parts.output.rows() != output)
    in.wrong("output table", std::to_string(output) + " rows", parts.output.rows());
}

class Writer {
 public:
  explicit Writer(const std::string& path) : file_(path) {}

  template <class T>
  void number(T value) {
    static_assert(std::is_arithmetic_v<T>);
    file_.write(std::string_view(reinterpret_cast<const char*>(&value), sizeof(value)));
  }

  void text(std::string_view text) {
    file_.write(text);
    number('\0');
  }

  void bytes(std::span<const std::byte> bytes) { file_.write(bytes); }

  void commit() { file_.commit(); }

 private:
  AtomicFile file_;
};

void write_quantizer(Writer& out, const ProductQuantizer& quantizer) {
  for (const std::size_t value :
       {quantizer.dim(), quantizer.num_parts(), quantizer.dsub(), quantizer.last_dsub()})
    out.number(static_cast<std::int32_t>(value));
  out.bytes(std::as_bytes(quantizer.centroids()));
}

void write_matrix(Writer& out, const FastTextMatrix& matrix) {
  const FastTextMatrix::Quantized* quantized = matrix.quantized();
  if (quantized != nullptr)
    out.number(static_cast<std::uint8_t>(quantized->norm_quantizer.has_value()));
  out.number(static_cast<std::int64_t>(matrix.rows()));
  out.number(static_cast<std::int64_t>(matrix.cols()));
  if (quantized == nullptr) {
    out.bytes(matrix.bytes());
    return;
  }
  out.number(static_cast<std::int32_t>(quantized->codes.size()));
  out.bytes(std::as_bytes(std::span(quantized->codes)));
  write_quantizer(out, quantized->quantizer);
  if (!quantized->norm_quantizer) return;
  out.bytes(std::as_bytes(std::span(quantized->norm_codes)));
  write_quantizer(out, *quantized->norm_quantizer);
}

void write_entries(Writer& out, const WordList& words, const std::vector<std::uint64_t>& counts,
                   std::uint8_t type) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    out.text(words[i]);
    out.number(static_cast<std::int64_t>(counts[i]));
    out.number(type);
  }
}

void write_dictionary(Writer& out, const FastTextParts& parts) {
  out.number(static_cast<std::int32_t>(parts.words.size() + parts.labels.size()));
  out.number(static_cast<std::int32_t>(parts.words.size()));
  out.number(static_cast<std::int32_t>(parts.labels.size()));
  out.number(static_cast<std::int64_t>(parts.num_tokens));
  out.number(parts.kept_buckets ? static_cast<std::int64_t>(parts.kept_buckets->size())
                                : std::int64_t{-1});
  write_entries(out, parts.words, parts.word_counts, 0);
  write_entries(out, parts.labels, parts.label_counts, 1);
  if (!parts.kept_buckets) return;
  std::vector<std::pair<std::int32_t, std::int32_t>> kept(parts.kept_buckets->begin(),
                                                          parts.kept_buckets->end());
  std::ranges::sort(kept, {}, [](const auto& pair) { return pair.second; });
  for (const auto& [bucket, row] : kept) {
    out.number(bucket);
    out.number(row);
  }
}

}  // namespace

std::shared_ptr<const FastTextModel> FastTextModel::open(const std::string& path) {
  Reader in(FileBytes::open(path));
  FastTextParts parts;
  parts.args = read_args(in);
  read_dictionary(in, parts);
  const auto dim = static_cast<std::size_t>(parts.args.dim);
  const bool quantized = in.flag("quantised");
  parts.input = read_matrix(in, "input table", dim, quantized);
  const bool output_quantized = in.flag("output quantised");
  parts.output = read_matrix(in, "output table", dim, quantized && output_quantized);
  if (in.left() != 0) in.wrong("end", "the end of the file", std::to_string(in.left()) + " bytes");
  check_shapes(in, parts);
  return std::make_shared<const FastTextModel>(std::move(parts));
}

void FastTextModel::write(const std::string& path) const {
  Writer out(path);
  const FastTextArgs& a = parts_.args;
  for (const std::int32_t value :
       {kMagic, kVersion, a.dim, a.ws, a.epoch, a.min_count, a.neg, a.word_ngrams,
        static_cast<std::int32_t>(a.loss), static_cast<std::int32_t>(a.kind), a.bucket, a.minn,
        a.maxn, a.lr_update_rate})
    out.number(value);
  out.number(a.t);
  write_dictionary(out, parts_);
  out.number(static_cast<std::uint8_t>(quantized()));
  write_matrix(out, parts_.input);
  out.number(static_cast<std::uint8_t>(parts_.output.quantized() != nullptr));
  write_matrix(out, parts_.output);
  out.commit();
}

}  // namespace firth
