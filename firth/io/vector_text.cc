#include "firth/io/vector_text.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>

#include "firth/core/error.h"
#include "firth/io/csv.h"
#include "firth/io/line_reader.h"
#include "firth/io/mapped_file.h"

namespace firth::internal {

namespace {

constexpr std::size_t kMaxLineBytes = std::size_t{64} << 20;

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  for (;;) {
    line.remove_prefix(std::min(line.find_first_not_of(" \t\r"), line.size()));
    if (line.empty()) return words;
    const std::size_t end = std::min(line.find_first_of(" \t\r"), line.size());
    words.push_back(line.substr(0, end));
    line.remove_prefix(end);
  }
}

bool parse_count(std::string_view text, std::size_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

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

// The word is all before the last `dimension` numbers: it may hold spaces.
std::string_view word_before(std::string_view line, std::string_view first_number) {
  std::string_view word =
      line.substr(0, static_cast<std::size_t>(first_number.data() - line.data()));
  if (!word.empty()) word.remove_suffix(1);
  return word;
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

TextVectors read_word2vec_text(const std::string& path) {
  LineReader lines(ByteSource::open(path), kMaxLineBytes);
  TextVectors out;
  std::string_view line;
  std::size_t announced = 0;
  std::size_t dimension = 0;
  while (lines.next(line)) {
    const std::vector<std::string_view> words = words_of(line);
    if (words.empty()) continue;
    if (lines.line() == 1 && words.size() == 2 && parse_count(words[0], announced) &&
        parse_count(words[1], dimension)) {
      continue;
    }
    if (dimension == 0) dimension = words.size() - 1;
    // A word may be a space, but not a number.
    const bool has_word = words.size() > dimension || line.starts_with(' ');
    if (words.size() < dimension || dimension == 0 || !has_word) {
      fail(ErrorKind::kCorrupt, lines.where(), ": expected a word and ",
           std::max<std::size_t>(dimension, 1), " numbers, found ", words.size() - 1);
    }
    const auto numbers = std::span(words).last(dimension);
    const auto between = std::span(words).first(words.size() - dimension);
    float number = 0;
    // A word with spaces, or too many numbers?
    if (between.size() > 1 && std::all_of(between.begin() + 1, between.end(),
                                          [&](auto text) { return parse_number(text, number); })) {
      fail(ErrorKind::kCorrupt, lines.where(), ": expected ", dimension, " numbers, found ",
           words.size() - 1);
    }
    out.ids.emplace_back(word_before(line, numbers[0]));
    for (const std::string_view text : numbers) {
      if (!parse_number(text, number)) fail_number(lines.where(), text);
      out.values.push_back(number);
    }
    out.close_row([&] { return lines.where(); });
  }
  if (announced != 0 && announced != out.count) {
    fail(ErrorKind::kCorrupt, path, ": expected ", announced,
         " words as the first line says, found ", out.count);
  }
  return out;
}

TextVectors read_word2vec_binary(const std::string& path) {
  using namespace std::string_view_literals;
  const auto file = MappedFile::open(path);
  std::string_view rest = file->text();
  if (rest.starts_with("\xBA\x16\x4F\x2F"sv)) {
    fail(ErrorKind::kUnsupported, path,
         ": expected word2vec's binary form, found a fastText model");
  }
  const std::size_t line_end = rest.substr(0, 64).find('\n');
  const std::vector<std::string_view> words = line_end == std::string_view::npos
                                                  ? std::vector<std::string_view>()
                                                  : words_of(rest.substr(0, line_end));
  TextVectors out;
  std::size_t count = 0;
  std::size_t dimension = 0;
  if (words.size() != 2 || !parse_count(words[0], count) || !parse_count(words[1], dimension) ||
      dimension == 0 || dimension > rest.size() || count > rest.size() / (4 * dimension)) {
    fail(ErrorKind::kCorrupt, path,
         ": expected a line with count and dimension that fit the file, ", "found ",
         quoted(rest.substr(0, std::min<std::size_t>(line_end, 40))));
  }
  rest.remove_prefix(line_end + 1);
  const std::size_t row_bytes = 4 * dimension;
  for (std::size_t i = 0; i < count; ++i) {
    while (rest.starts_with('\n')) rest.remove_prefix(1);
    const std::size_t space = rest.find(' ');
    if (space == std::string_view::npos || rest.size() - space - 1 < row_bytes) {
      fail(ErrorKind::kCorrupt, path, ": expected the file to go on, found its end in word ", i);
    }
    out.ids.emplace_back(rest.substr(0, space));
    const std::size_t at = out.values.size();
    out.values.resize(at + dimension);
    std::memcpy(out.values.data() + at, rest.data() + space + 1, row_bytes);
    rest.remove_prefix(space + 1 + row_bytes);
    out.close_row([&] { return path + ": word " + std::to_string(i); });
  }
  if (rest.find_first_not_of('\n') != std::string_view::npos) {
    fail(ErrorKind::kCorrupt, path, ": expected the file's end after ", count,
         " words, found more");
  }
  return out;
}

}  // namespace firth::internal
