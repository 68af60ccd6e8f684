// The items of a data file, one after another: lines of text, JSON objects (JSONL), rows of CSV or
// TSV, the files of a folder. Whatever the size of the input, memory holds one block and one
// record. Files may be compressed (compressed_file.h), "-" is standard input.
//
//   text    every line is an item, empty ones too, so that item i stands on line i + 1. Lines end
//           with \n or \r\n; the end of the last line may be missing.
//   JSONL   an object a line; blank lines are skipped. Without a field chosen: "text", or a line
//           that is a string.
//   CSV     RFC 4180: fields may be quoted, hold line breaks, and "" is a quote. The first row
//   names
//           the columns. TSV is the same with tabs. Without a field chosen: "text", or the only
//           column.
//   folder  every text file (.txt, .md, …) in it and below, in the order of their names, is an
//   item;
//           hidden ones are left out, links to folders are not followed.
//
// Several fields are joined by one space in the order given. A field's value is a string; any other
// kind is an error. A byte order mark at the start of a file is skipped. Errors name file and line:
// "reviews.jsonl:17: no field 'text'; found 'body', 'stars'".
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace firth {

enum class RecordFormat : std::uint8_t { kAuto, kText, kJsonl, kCsv, kTsv };

// "auto", "text", "jsonl", "csv", "tsv"; invalid_argument lists them.
RecordFormat parse_record_format(std::string_view name);

enum class OnInvalidUtf8 : std::uint8_t { kError, kReplace };

struct RecordOptions {
  RecordFormat format = RecordFormat::kAuto;  // by the name's ending: .jsonl, .ndjson, .json, .csv,
                                              // .tsv; else text
  std::vector<std::string> fields = {};       // that make the text; empty: see above
  std::string id_field = {};                  // gives Record::id: a string or an integer
  std::vector<std::string> extra_fields = {};  // give Record::extra: strings, numbers, booleans; a
                                               // null is ""
  OnInvalidUtf8 on_invalid_utf8 = OnInvalidUtf8::kError;
  std::size_t max_record_bytes = std::size_t{64} << 20;  // of a line, row or file of a folder
  std::uint64_t shard_index = 0;  // only records with index % shard_count == shard_index
  std::uint64_t shard_count = 1;
};

struct Record {
  std::string text;
  std::string id;                  // of id_field; in a folder the path relative to it; else ""
  std::vector<std::string> extra;  // one for each of extra_fields
  std::string file;                // that it came from
  std::uint64_t line = 0;          // it begins on, from 1; 0 for a file of a folder
  std::uint64_t index = 0;         // its number in the whole input, from 0
};

class RecordReader {
 public:
  // Paths are read in this order. A path that is not there is an error at once.
  explicit RecordReader(const std::vector<std::string>& paths, RecordOptions options = {});
  ~RecordReader();
  RecordReader(RecordReader&&) noexcept;
  RecordReader& operator=(RecordReader&&) noexcept;

  // False at the end. The strings of `record` are reused.
  bool next(Record& record);

  // Passes over n records of this shard without checking their content; returns how many there
  // were, fewer than n at the end.
  std::uint64_t skip(std::uint64_t n);

  // How much of the input was read, 0 to 1; 0 if its size is unknown.
  double fraction_read() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace firth
