#include "firth/io/npy.h"

#include <algorithm>
#include <bit>
#include <cctype>
#include <cstring>
#include <optional>
#include <vector>

#include "firth/core/error.h"
#include "firth/io/mapped_file.h"

namespace firth {

namespace {

using namespace std::string_view_literals;

constexpr std::string_view kMagic = "\x93NUMPY"sv;

struct Header {
  std::string descr;
  bool fortran_order = false;
  std::vector<std::size_t> shape;
  std::size_t data_start = 0;
};

// Reads the header's Python dictionary literal, {'descr': '<f4', 'fortran_order': False, 'shape':
// (3, 4), }, and nothing else that Python could mean.
class HeaderParser {
 public:
  HeaderParser(const std::string& path, std::string_view text) : path_(path), rest_(text) {}

  Header parse() {
    Header header;
    int seen = 0;  // a bit for each key
    expect('{');
    while (!take('}')) {
      const std::string_view key = string();
      expect(':');
      const int bit = key == "descr" ? 1 : key == "fortran_order" ? 2 : key == "shape" ? 4 : 0;
      if (bit == 0 || (seen & bit) != 0) fail_header("an unknown or repeated key");
      seen |= bit;
      if (bit == 1) header.descr = descr();
      if (bit == 2) header.fortran_order = boolean();
      if (bit == 4) header.shape = shape();
      if (!take(',') && !next_is('}')) fail_header("a missing comma");
    }
    skip_space();
    if (seen != 7) fail_header("a missing key");
    if (!rest_.empty()) fail_header("bytes behind it");
    return header;
  }

 private:
  [[noreturn]] void fail_header(std::string_view found) const {
    fail(ErrorKind::kCorrupt, path_,
         ": expected a header {'descr': …, 'fortran_order': …, 'shape': …}, found ", found);
  }

  void skip_space() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\n\0"sv), rest_.size()));
  }

  bool next_is(char c) {
    skip_space();
    return rest_.starts_with(c);
  }

  bool take(char c) {
    if (!next_is(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  void expect(char c) {
    if (!take(c)) fail_header(rest_.empty() ? "its end" : quoted(rest_.substr(0, 1)));
  }

  std::string_view string() {
    const char quote = next_is('"') ? '"' : '\'';
    expect(quote);
    const std::size_t end = rest_.find(quote);
    if (end == std::string_view::npos) fail_header("a string without an end");
    const std::string_view text = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return text;
  }

  std::string descr() {
    if (next_is('[')) {
      fail(ErrorKind::kUnsupported, path_,
           ": expected an array of numbers, found one of records (a structured dtype)");
    }
    return std::string(string());
  }

  bool boolean() {
    skip_space();
    for (const auto& [word, value] : {std::pair{"True"sv, true}, std::pair{"False"sv, false}}) {
      if (rest_.starts_with(word)) {
        rest_.remove_prefix(word.size());
        return value;
      }
    }
    fail_header("an order that is neither True nor False");
  }

  std::vector<std::size_t> shape() {
    std::vector<std::size_t> dims;
    expect('(');
    while (!take(')')) {
      dims.push_back(number());
      if (!take(',') && !next_is(')')) fail_header("a missing comma");
    }
    return dims;
  }

  std::size_t number() {
    skip_space();
    std::size_t value = 0;
    const std::size_t digits = std::min(rest_.find_first_not_of("0123456789"), rest_.size());
    if (digits == 0 || digits > 18) fail_header("a shape of other than numbers");
    for (const char digit : rest_.substr(0, digits)) {
      value = value * 10 + static_cast<std::size_t>(digit - '0');
    }
    rest_.remove_prefix(digits);
    if (rest_.starts_with('L')) rest_.remove_prefix(1);  // Python 2 wrote 3L
    return value;
  }

  const std::string& path_;
  std::string_view rest_;
};

Header read_header(const std::string& path, std::string_view bytes) {
  if (!bytes.starts_with(kMagic) || bytes.size() < kMagic.size() + 4) {
    fail(ErrorKind::kCorrupt, path, ": expected a .npy file, found one that begins with ",
         quoted(bytes.substr(0, kMagic.size())));
  }
  const auto byte = [&](std::size_t i) {
    return static_cast<std::size_t>(static_cast<unsigned char>(bytes[i]));
  };
  const std::size_t version = byte(kMagic.size());
  if (version < 1 || version > 3) {
    fail(ErrorKind::kUnsupported, path, ": expected .npy version 1 to 3, found ", version);
  }
  const std::size_t length_bytes = version == 1 ? 2 : 4;
  const std::size_t start = kMagic.size() + 2 + length_bytes;
  std::size_t length = 0;
  for (std::size_t i = 0; i < length_bytes && bytes.size() >= start; ++i) {
    length |= byte(kMagic.size() + 2 + i) << (8 * i);
  }
  constexpr std::size_t kMaxHeader = std::size_t{1} << 20;
  if (bytes.size() < start || length > bytes.size() - start || length > kMaxHeader) {
    fail(ErrorKind::kCorrupt, path,
         ": expected a whole header of at most 1 MB, found one cut short or longer");
  }
  Header header = HeaderParser(path, bytes.substr(start, length)).parse();
  header.data_start = start + length;
  return header;
}

struct ElementType {
  DType dtype;
  std::size_t bytes;  // in the file
  bool is_double = false;
};

ElementType element_type(const std::string& path, std::string_view code) {
  if (code == "f4") return {DType::kF32, 4};
  if (code == "f2") return {DType::kF16, 2};
  if (code == "f8") return {DType::kF32, 8, true};
  if (code == "i1") return {DType::kI8, 1};
  if (code == "u1") return {DType::kU8, 1};
  if (code == "i4") return {DType::kI32, 4};
  if (code == "i8") return {DType::kI64, 8};
  if (code.starts_with('O')) {
    fail(ErrorKind::kUnsupported, path,
         ": expected numbers, found Python objects, which are a pickle and can run any program "
         "when they are read; if you trust the file: numpy.save('new.npy', numpy.load('",
         path, "', allow_pickle=True).astype('float32'))");
  }
  fail(ErrorKind::kUnsupported, path, ": expected elements of f2, f4, f8, i1, u1, i4 or i8, found ",
       quoted(code));
}

template <class T>
T load(const std::byte* from, bool swapped) {
  std::array<std::byte, sizeof(T)> bytes;
  std::memcpy(bytes.data(), from, sizeof(T));
  if (swapped) std::reverse(bytes.begin(), bytes.end());
  return std::bit_cast<T>(bytes);
}

// One element, in the file's byte order and precision, to where firth holds it.
void convert_element(const ElementType& type, bool swapped, const std::byte* from, std::byte* to) {
  if (type.is_double) {
    const auto value = static_cast<float>(load<double>(from, swapped));
    std::memcpy(to, &value, sizeof(value));
  } else if (swapped) {
    std::reverse_copy(from, from + type.bytes, to);
  } else {
    std::memcpy(to, from, type.bytes);
  }
}

Tensor convert(const Header& header, const ElementType& type, bool swapped, const std::byte* data) {
  const Shape shape{std::span(header.shape)};
  Tensor tensor(type.dtype, shape);
  const std::size_t size = dtype_size(type.dtype);
  std::array<std::size_t, Shape::kMaxRank> index{};  // of element i in C order
  for (std::size_t i = 0; i < shape.size(); ++i) {
    std::size_t from = i;
    if (header.fortran_order) {
      from = 0;
      for (std::size_t axis = shape.rank(); axis-- > 0;) from = from * shape[axis] + index[axis];
      for (std::size_t axis = shape.rank(); axis-- > 0;) {
        if (++index[axis] < shape[axis]) break;
        index[axis] = 0;
      }
    }
    convert_element(type, swapped, data + from * type.bytes, tensor.bytes().data() + i * size);
  }
  return tensor;
}

std::string_view npy_type(DType dtype) {
  switch (dtype) {
    case DType::kF32:
      return "<f4";
    case DType::kF16:
      return "<f2";
    case DType::kI8:
      return "|i1";
    case DType::kU8:
      return "|u1";
    case DType::kI32:
      return "<i4";
    case DType::kI64:
      return "<i8";
    case DType::kBF16:
      break;
  }
  fail(ErrorKind::kUnsupported, "a .npy file cannot hold ", dtype_name(dtype));
}

constexpr std::size_t kWrittenHeaderBytes = 128;  // room for any number of rows

}  // namespace

NpyFile NpyFile::open(const std::string& path) {
  NpyFile npy;
  npy.file_ = MappedFile::open(path);
  const Header header = read_header(path, npy.file_->text());
  const char order = header.descr.empty() ? '?' : header.descr[0];
  if ("<>|="sv.find(order) == std::string_view::npos) {
    fail(ErrorKind::kCorrupt, path, ": expected a byte order (<, > or |), found ",
         quoted(header.descr));
  }
  const ElementType type = element_type(path, std::string_view(header.descr).substr(1));
  if (header.shape.size() > Shape::kMaxRank) {
    fail(ErrorKind::kUnsupported, path, ": expected at most ", Shape::kMaxRank, " axes, found ",
         header.shape.size());
  }
  std::size_t bytes = type.bytes;
  bool overflows = false;
  for (const std::size_t dim : header.shape) {
    overflows = __builtin_mul_overflow(bytes, dim, &bytes) || overflows;
  }
  const std::size_t found = npy.file_->bytes().size() - header.data_start;
  if (overflows || bytes != found) {
    fail(ErrorKind::kCorrupt, path, ": expected ",
         overflows ? "fewer than 2^64" : std::to_string(bytes),
         " bytes of data for the header's shape, found ", found);
  }
  const std::byte* data = npy.file_->bytes().data() + header.data_start;
  npy.stored_type_ = header.descr;
  const bool swapped = order == '>' && type.bytes > 1;
  if (type.is_double || swapped || (header.fortran_order && header.shape.size() > 1)) {
    npy.converted_ = std::make_shared<const Tensor>(convert(header, type, swapped, data));
    npy.values_ = npy.converted_->any();
    npy.file_ = nullptr;
  } else {
    npy.values_ = AnyView(type.dtype, Shape(std::span(header.shape)), data);
  }
  return npy;
}

NpyWriter::NpyWriter(const std::string& path, DType dtype, std::size_t cols,
                     const AtomicFileOptions& options)
    : file_(path, options),
      dtype_(dtype),
      cols_(cols),
      row_bytes_(dtype_size(dtype) * std::max<std::size_t>(cols, 1)) {
  const std::string start = header(0);
  if (file_.size() < kWrittenHeaderBytes) {
    if (file_.size() > 0) file_.truncate(0);
    file_.write(start);
    return;
  }
  std::string found(kWrittenHeaderBytes, '\0');
  file_.read_at(0, found);
  if (found != start) {
    fail(ErrorKind::kInvalidArgument, AtomicFile::partial_path(path),
         ": what an earlier run left has other columns or another element type; remove it");
  }
  truncate_rows(rows());  // a row may have been cut short
}

std::string NpyWriter::header(std::uint64_t rows) const {
  std::string text = "{'descr': '" + std::string(npy_type(dtype_)) +
                     "', 'fortran_order': False, 'shape': (" + std::to_string(rows) + "," +
                     (cols_ == 0 ? "" : " " + std::to_string(cols_)) + "), }";
  constexpr std::size_t kPrefix = 10;
  text.resize(kWrittenHeaderBytes - kPrefix - 1, ' ');
  const auto length = static_cast<char>(kWrittenHeaderBytes - kPrefix);
  return std::string(kMagic) + std::string{'\1', '\0', length, '\0'} + text + "\n";
}

void NpyWriter::write(std::span<const std::byte> rows) {
  if (rows.size() % row_bytes_ != 0) {
    fail(ErrorKind::kInternal, file_.path(), ": expected rows of ", row_bytes_, " bytes, found ",
         rows.size());
  }
  file_.write(rows);
}

std::uint64_t NpyWriter::rows() const {
  return (file_.size() - kWrittenHeaderBytes) / row_bytes_;
}

void NpyWriter::truncate_rows(std::uint64_t rows) {
  file_.truncate(kWrittenHeaderBytes + rows * row_bytes_);
}

void NpyWriter::commit() {
  file_.overwrite(0, header(rows()));
  file_.commit();
}

}  // namespace firth
