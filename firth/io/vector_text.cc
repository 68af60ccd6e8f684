#include "firth/io/vector_text.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "firth/core/error.h"
#include "firth/io/csv.h"
#include "firth/io/word_file.h"

namespace firth::internal {

namespace {

constexpr std::size_t kMaxLineBytes = std::size_t{64} << 20;

[[noreturn]] void fail_number(const std::string& where, std::string_view found) {
  fail(ErrorKind::kCorrupt, where, ": expected a number, found ", quoted(found, 40));
}

bool is_id_name(std::string_view name) {
  static constexpr std::string_view kNames[] = {"",     "id",  "ids",  "word",  "token",
                                                "name", "key", "text", "label", "index"};
  return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

// Names of columns, not numbers; pandas names columns 0, 1, 2, … after one for the ids.
bool is_header_row(const std::vector<std::string>& row) {
  float number = 0;
  const bool first_is_number = parse_number(row[0], number);
  if (row.size() == 1 || first_is_number) return !first_is_number;
  bool counts_up = true;
  for (std::size_t i = 1; i < row.size(); ++i) {
    if (!parse_number(row[i], number)) return true;
    counts_up = counts_up && row[i] == std::to_string(i - 1);
  }
  return counts_up && is_id_name(row[0]);
}

}  // namespace

bool parse_number(std::string_view text, float& number) {
  if (text.starts_with('+')) text.remove_prefix(1);
  const char* end = text.data() + text.size();
  auto result = std::from_chars(text.data(), end, number);
  if (result.ec == std::errc::result_out_of_range) {
    double wide = 0;  // holds what is too small for a float, and rounds it
    result = std::from_chars(text.data(), end, wide);
    number = static_cast<float>(wide);
  }
  return result.ec == std::errc() && result.ptr == end && !text.empty();
}

void TextVectors::close_row(const std::function<std::string()>& where) {
  const std::size_t begin = count * dimension;
  const std::size_t found = values.size() - begin;
  if (count == 0) dimension = found;
  if (found != dimension || found == 0) {
    fail(ErrorKind::kCorrupt, where(), ": expected ",
         count == 0 ? "numbers" : std::to_string(dimension) + " numbers as in the first vector",
         ", found ", found);
  }
  for (std::size_t i = begin; i < values.size(); ++i) {
    if (!std::isfinite(values[i])) {
      fail(ErrorKind::kCorrupt, where(), ": expected finite numbers, found ", values[i],
           " as component ", i - begin);
    }
  }
  ++count;
}

TextVectors read_csv_vectors(const std::string& path, char separator) {
  CsvReader rows(ByteSource::open(path), separator, kMaxLineBytes);
  TextVectors out;
  std::vector<std::string> row;
  bool has_ids = false;
  bool is_first = true;
  float number = 0;
  while (rows.next(row)) {
    if (is_first) {
      is_first = false;
      const bool is_header = is_header_row(row);
      has_ids = is_header ? is_id_name(row[0]) : !parse_number(row[0], number);
      if (is_header) continue;
    }
    if (has_ids) out.ids.push_back(row[0]);
    for (std::size_t i = has_ids ? 1 : 0; i < row.size(); ++i) {
      if (!parse_number(row[i], number)) fail_number(rows.where(), row[i]);
      out.values.push_back(number);
    }
    out.close_row([&] { return rows.where(); });
  }
  return out;
}

namespace {

TextVectors read_words(const WordFile& file) {
  TextVectors out;
  out.dimension = file.dimension();
  out.count = file.size();
  out.values.resize(out.count * out.dimension);
  out.ids.assign(file.words().begin(), file.words().end());
  for (std::size_t i = 0; i < out.count; ++i)
    file.copy_row(i, std::span(out.values).subspan(i * out.dimension, out.dimension));
  return out;
}

}  // namespace

TextVectors read_word2vec_text(const std::string& path) {
  return read_words(WordFile::open_text(path));
}

TextVectors read_word2vec_binary(const std::string& path) {
  return read_words(WordFile::open_binary(path));
}

}  // namespace firth::internal
