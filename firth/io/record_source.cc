#include "firth/io/record_source.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>

#include "firth/core/error.h"
#include "firth/io/csv.h"
#include "firth/io/file.h"
#include "firth/io/json.h"
#include "firth/io/line_reader.h"
#include "firth/io/model_folder.h"
#include "firth/io/near_names.h"
#include "firth/io/utf8.h"

namespace firth::internal {

namespace {

constexpr std::string_view kDefaultField = "text";

// Makes `text` valid UTF-8 or says where it is not.
void check_utf8(std::string& text, const std::string& where, OnInvalidUtf8 policy) {
  const std::optional<std::size_t> at = find_invalid_utf8(text);
  if (!at) return;
  if (policy == OnInvalidUtf8::kError) {
    fail(ErrorKind::kCorrupt, where, ": expected UTF-8, found ",
         quoted(std::string_view(text).substr(*at, 4)), " at byte ", *at + 1);
  }
  text = replace_invalid_utf8(text);
}

void append_joined(std::string& text, bool is_first, std::string_view part) {
  if (!is_first) text += ' ';
  text += part;
}

class LineSource : public RecordSource {
 public:
  LineSource(const std::string& path, const RecordOptions& options)
      : options_(options), lines_(ByteSource::open(path), options.max_record_bytes) {}

  bool next(Record& record) override {
    std::string_view line;
    if (!lines_.next(line)) return false;
    record.text = without_carriage_return(line);
    record.line = lines_.line();
    check_utf8(record.text, lines_.where(), options_.on_invalid_utf8);
    return true;
  }

  bool skip() override {
    std::string_view line;
    return lines_.next(line);
  }

  std::uint64_t bytes_read() const override { return lines_.source().bytes_read(); }

 private:
  const RecordOptions& options_;
  LineReader lines_;
};

class JsonlSource : public RecordSource {
 public:
  JsonlSource(const std::string& path, const RecordOptions& options)
      : options_(options), lines_(ByteSource::open(path), options.max_record_bytes) {}

  bool next(Record& record) override {
    std::string_view line;
    if (!next_line(line)) return false;
    if (options_.on_invalid_utf8 == OnInvalidUtf8::kReplace) {
      mended_ = line;
      check_utf8(mended_, "", options_.on_invalid_utf8);
      line = mended_;
    }
    document_.reparse(line, lines_.source().name(), lines_.line());
    record.line = lines_.line();
    read_text(document_.root(), record.text);
    if (!options_.id_field.empty()) record.id = scalar_text(document_.root().at(options_.id_field));
    for (std::size_t i = 0; i < options_.extra_fields.size(); ++i) {
      record.extra[i] = scalar_text(document_.root().at(options_.extra_fields[i]));
    }
    return true;
  }

  bool skip() override {
    std::string_view line;
    return next_line(line);
  }

  std::uint64_t bytes_read() const override { return lines_.source().bytes_read(); }

 private:
  bool next_line(std::string_view& line) {
    do {
      if (!lines_.next(line)) return false;
    } while (line.find_first_not_of(" \t\r") == std::string_view::npos);
    return true;
  }

  void read_text(Json root, std::string& text) const {
    text.clear();
    if (options_.fields.empty()) {
      text = root.is_string() ? root.as_string() : root.at(kDefaultField).as_string();
    }
    for (std::size_t i = 0; i < options_.fields.size(); ++i) {
      append_joined(text, i == 0, root.at(options_.fields[i]).as_string());
    }
  }

  static std::string scalar_text(Json value) {
    if (value.is_null()) return "";
    if (value.is_string()) return std::string(value.as_string());
    if (!value.is_array() && !value.is_object()) return value.describe();
    fail(ErrorKind::kCorrupt, value.where(), ": expected a string or a number, found ",
         value.describe());
  }

  const RecordOptions& options_;
  LineReader lines_;
  JsonDocument document_;
  std::string mended_;
};

class CsvSource : public RecordSource {
 public:
  CsvSource(const std::string& path, char separator, const RecordOptions& options)
      : options_(options), rows_(ByteSource::open(path), separator, options.max_record_bytes) {
    if (!rows_.next(header_)) return;  // an empty file has no rows either
    for (std::string& name : header_) check_utf8(name, rows_.where(), options_.on_invalid_utf8);
    for (const std::string& field : options_.fields) text_columns_.push_back(column(field));
    if (text_columns_.empty()) {
      text_columns_.push_back(header_.size() == 1 ? 0 : column(kDefaultField));
    }
    if (!options_.id_field.empty()) id_column_ = column(options_.id_field);
    for (const std::string& field : options_.extra_fields) extra_columns_.push_back(column(field));
  }

  bool next(Record& record) override {
    if (!skip()) return false;
    if (row_.size() != header_.size()) {
      fail(ErrorKind::kCorrupt, rows_.where(), ": expected ", header_.size(),
           " fields as in the first row, found ", row_.size());
    }
    record.line = rows_.line();
    record.text.clear();
    for (std::size_t i = 0; i < text_columns_.size(); ++i) {
      append_joined(record.text, i == 0, row_[text_columns_[i]]);
    }
    check_utf8(record.text, rows_.where(), options_.on_invalid_utf8);
    if (id_column_) copy_checked(*id_column_, record.id);
    for (std::size_t i = 0; i < extra_columns_.size(); ++i) {
      copy_checked(extra_columns_[i], record.extra[i]);
    }
    return true;
  }

  bool skip() override { return rows_.next(row_); }

  std::uint64_t bytes_read() const override { return rows_.lines().source().bytes_read(); }

 private:
  std::size_t column(std::string_view name) const {
    const auto found = std::find(header_.begin(), header_.end(), name);
    if (found == header_.end()) {
      const std::vector<std::string> near = near_names(header_, name, 1);
      fail(ErrorKind::kNotFound, rows_.where(), ": expected a column ", quoted(name), ", found ",
           quoted_list(header_, 12), near.empty() ? "" : "; near it: " + quoted(near[0]));
    }
    if (std::find(found + 1, header_.end(), name) != header_.end()) {
      fail(ErrorKind::kCorrupt, rows_.where(), ": expected the column ", quoted(name),
           " once, found it twice");
    }
    return static_cast<std::size_t>(found - header_.begin());
  }

  void copy_checked(std::size_t column, std::string& out) const {
    out = row_[column];
    check_utf8(out, rows_.where(), options_.on_invalid_utf8);
  }

  const RecordOptions& options_;
  CsvReader rows_;
  std::vector<std::string> header_;
  std::vector<std::string> row_;
  std::vector<std::size_t> text_columns_;
  std::optional<std::size_t> id_column_;
  std::vector<std::size_t> extra_columns_;
};

class WholeFileSource : public RecordSource {
 public:
  WholeFileSource(std::string path, std::string id, const RecordOptions& options)
      : path_(std::move(path)), id_(std::move(id)), options_(options) {}

  bool next(Record& record) override {
    if (!skip()) return false;
    ByteSource source = ByteSource::open(path_);
    record.text.clear();
    std::vector<char> block(std::size_t{1} << 16);
    while (const std::size_t got = source.read(block)) {
      record.text.append(block.data(), got);
      if (record.text.size() > options_.max_record_bytes) {
        fail(ErrorKind::kUnsupported, path_, ": expected at most ", options_.max_record_bytes,
             " bytes in a file of a folder, found more");
      }
    }
    if (record.text.starts_with("\xEF\xBB\xBF")) record.text.erase(0, 3);
    check_utf8(record.text, path_, options_.on_invalid_utf8);
    record.id = id_;
    record.line = 0;
    bytes_read_ = source.bytes_read();
    return true;
  }

  bool skip() override { return !std::exchange(done_, true); }

  std::uint64_t bytes_read() const override { return bytes_read_; }

 private:
  std::string path_;
  std::string id_;
  const RecordOptions& options_;
  bool done_ = false;
  std::uint64_t bytes_read_ = 0;
};

bool has_text_ending(const std::string& name) {
  static constexpr std::string_view kEndings[] = {".txt", ".text", ".md",  ".markdown",
                                                  ".rst", ".adoc", ".org", ".tex"};
  const std::string plain = without_compression_ending(name);
  return std::any_of(std::begin(kEndings), std::end(kEndings),
                     [&](std::string_view ending) { return plain.ends_with(ending); });
}

}  // namespace

std::unique_ptr<RecordSource> open_lines(const std::string& path, const RecordOptions& options) {
  return std::make_unique<LineSource>(path, options);
}

std::unique_ptr<RecordSource> open_jsonl(const std::string& path, const RecordOptions& options) {
  return std::make_unique<JsonlSource>(path, options);
}

std::unique_ptr<RecordSource> open_csv(const std::string& path, char separator,
                                       const RecordOptions& options) {
  return std::make_unique<CsvSource>(path, separator, options);
}

std::unique_ptr<RecordSource> open_whole_file(const std::string& path, std::string id,
                                              const RecordOptions& options) {
  return std::make_unique<WholeFileSource>(path, std::move(id), options);
}

std::vector<std::string> list_text_files(const std::string& folder) {
  namespace fs = std::filesystem;
  std::vector<std::string> files;
  std::error_code error;
  fs::recursive_directory_iterator entry(folder, error);
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    std::error_code ignored;  // a link that leads nowhere is no text file
    if (name.starts_with('.')) {
      entry.disable_recursion_pending();
    } else if (has_text_ending(name) && entry->is_regular_file(ignored)) {
      files.push_back(entry->path().lexically_relative(folder).string());
    }
  }
  if (error) fail_errno(folder, "list", error.value());
  if (files.empty()) {
    fail(ErrorKind::kNotFound, folder, ": expected text files (.txt, .md, .rst, …), found ",
         quoted_list(list_folder(folder)));
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace firth::internal
