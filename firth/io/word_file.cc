#include "firth/io/word_file.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <optional>

#include "firth/core/error.h"
#include "firth/io/line_reader.h"
#include "firth/io/vector_text.h"

namespace firth {
namespace {

constexpr std::string_view kSpaces = " \t\r";

std::string_view take_field(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(kSpaces), line.size()));
  const std::string_view field = line.substr(0, line.find_first_of(kSpaces));
  line.remove_prefix(field.size());
  return field;
}

std::size_t count_fields(std::string_view line) {
  std::size_t n = 0;
  while (!take_field(line).empty()) ++n;
  return n;
}

// The last field, taken off the line.
std::string_view take_last_field(std::string_view& line) {
  line = line.substr(0, line.find_last_not_of(kSpaces) + 1);
  const std::size_t space = line.find_last_of(kSpaces);
  const std::string_view field = line.substr(space == std::string_view::npos ? 0 : space + 1);
  line.remove_suffix(field.size());
  return field;
}

// Of a file without a head: the numbers at the end of its first line, less one if the word is a
// number too.
std::size_t dimension_of(std::string_view line) {
  const std::size_t fields = std::max<std::size_t>(count_fields(line), 2) - 1;
  std::size_t numbers = 0;
  float number = 0;
  while (numbers < fields && internal::parse_number(take_last_field(line), number)) ++numbers;
  return numbers == 0 ? fields : numbers;
}

bool parse_count(std::string_view text, std::size_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

struct Head {
  std::size_t count = 0;
  std::size_t dimension = 0;
};

std::optional<Head> parse_head(std::string_view line) {
  Head head;
  if (!parse_count(take_field(line), head.count) || !parse_count(take_field(line), head.dimension))
    return std::nullopt;
  return take_field(line).empty() ? std::optional(head) : std::nullopt;
}

}  // namespace

// Cheap for what nearly all lines are: a word without spaces before a number.
void WordFile::add_text_line(std::string_view line) {
  std::string_view rest = line;
  std::string_view word = take_field(rest);
  std::string_view after = rest;
  float number = 0;
  const bool is_plain = line.front() == word.front() && !rest.empty() &&
                        internal::parse_number(take_field(after), number);
  if (!is_plain) {
    rest = line;
    for (std::size_t i = 0; i < dimension_; ++i) take_last_field(rest);
    word = rest;
    if (!word.empty()) word.remove_suffix(1);  // the space before the first number
  }
  words_.push_back(word);
  const char* numbers = word.empty() ? line.data() : word.data() + word.size();
  offsets_.push_back(static_cast<std::uint64_t>(numbers - file_.text().data()));
  // A number takes two bytes at least: no head makes us ask for memory that the file is not worth.
  if (rest.empty() || line.size() - word.size() < 2 * dimension_) {
    fail(ErrorKind::kCorrupt, where(words_.size() - 1), ": expected a word and ", dimension_,
         " numbers, found ", std::max<std::size_t>(count_fields(line), 1) - 1);
  }
}

void WordFile::index_text() {
  std::string_view rest = file_.text();
  if (rest.starts_with("\xEF\xBB\xBF")) rest.remove_prefix(3);
  std::optional<Head> head;
  for (bool is_first = true; !rest.empty(); is_first = false) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    if (line.find_first_not_of(kSpaces) == std::string_view::npos) continue;
    if (is_first && (head = parse_head(line)).has_value()) {
      dimension_ = head->dimension;
      words_.reserve(std::min(head->count, rest.size() / 4));
      offsets_.reserve(words_.capacity());
      continue;
    }
    if (dimension_ == 0) dimension_ = dimension_of(line);
    add_text_line(line);
  }
  if (head && head->count != 0 && head->count != words_.size()) {
    fail(ErrorKind::kCorrupt, file_.path(), ": expected ", head->count,
         " words as the first line says, found ", words_.size());
  }
}

WordFile WordFile::open_text(const std::string& path) {
  WordFile out;
  out.file_ = FileBytes::open(path);
  out.is_text_ = true;
  out.index_text();
  return out;
}

WordFile WordFile::open_binary(const std::string& path) {
  using namespace std::string_view_literals;
  WordFile out;
  out.file_ = FileBytes::open(path);
  std::string_view rest = out.file_.text();
  if (rest.starts_with("\xBA\x16\x4F\x2F"sv)) {
    fail(ErrorKind::kUnsupported, path,
         ": expected word2vec's binary form, found a fastText model");
  }
  const std::size_t line_end = rest.substr(0, 64).find('\n');
  const auto head = line_end == std::string_view::npos ? std::optional<Head>()
                                                       : parse_head(rest.substr(0, line_end));
  if (!head || head->dimension == 0 || head->dimension > rest.size() ||
      head->count > rest.size() / (4 * head->dimension)) {
    fail(ErrorKind::kCorrupt, path,
         ": expected a line with count and dimension that fit the file, found ",
         quoted(rest.substr(0, std::min<std::size_t>(line_end, 40))));
  }
  out.dimension_ = head->dimension;
  rest.remove_prefix(line_end + 1);
  out.words_.reserve(head->count);
  out.offsets_.reserve(head->count);
  const std::size_t row_bytes = 4 * head->dimension;
  for (std::size_t i = 0; i < head->count; ++i) {
    while (rest.starts_with('\n')) rest.remove_prefix(1);
    const std::size_t space = rest.find(' ');
    if (space == std::string_view::npos || rest.size() - space - 1 < row_bytes) {
      fail(ErrorKind::kCorrupt, path, ": expected the file to go on, found its end in word ", i);
    }
    out.words_.push_back(rest.substr(0, space));
    rest.remove_prefix(space + 1);
    out.offsets_.push_back(static_cast<std::uint64_t>(rest.data() - out.file_.text().data()));
    rest.remove_prefix(row_bytes);
  }
  if (rest.find_first_not_of('\n') != std::string_view::npos) {
    fail(ErrorKind::kCorrupt, path, ": expected the file's end after ", head->count,
         " words, found more");
  }
  return out;
}

// Lines are counted for a message only.
std::string WordFile::where(std::size_t i) const {
  if (!is_text_) return file_.path() + ": word " + std::to_string(i);
  const std::string_view before = file_.text().substr(0, offsets_[i]);
  return file_.path() + ":" + std::to_string(1 + std::ranges::count(before, '\n'));
}

std::vector<std::string_view> WordFile::take_words() {
  return std::move(words_);
}

void WordFile::copy_text_row(std::size_t i, std::span<float> out) const {
  std::string_view rest = file_.text().substr(offsets_[i]);
  rest = rest.substr(0, rest.find('\n'));
  std::size_t n = 0;
  for (std::string_view field = take_field(rest); !field.empty(); field = take_field(rest), ++n) {
    if (n >= out.size()) continue;
    if (!internal::parse_number(field, out[n])) {
      fail(ErrorKind::kCorrupt, where(i), ": expected a number, found ", quoted(field, 40));
    }
  }
  if (n != out.size()) {
    fail(ErrorKind::kCorrupt, where(i), ": expected ", n < out.size() ? "a word and " : "",
         out.size(), " numbers, found ", n);
  }
}

void WordFile::copy_row(std::size_t i, std::span<float> out) const {
  if (is_text_) {
    copy_text_row(i, out);
  } else {
    std::memcpy(out.data(), file_.text().data() + offsets_[i], out.size() * sizeof(float));
  }
  for (std::size_t j = 0; j < out.size(); ++j) {
    if (std::isfinite(out[j])) continue;
    fail(ErrorKind::kCorrupt, where(i), ": expected finite numbers, found ", out[j],
         " as component ", j);
  }
}

}  // namespace firth
