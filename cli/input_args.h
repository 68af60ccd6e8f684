// Where texts come from: arguments, standard input, files (text lines, JSONL, CSV, TSV; plain, .gz
// or .zst) and folders of text files; one after another, as one stream of records.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/options.h"
#include "firth/io/records.h"

namespace firth::cli {

struct InputArgs {
  std::vector<std::string> inputs;  // texts or paths; "-" is standard input
  std::vector<std::string> fields;
  std::string id_field;
  std::vector<std::string>
      extra_fields;  // what records need beside their text; no option of its own
  std::string format = "auto";
  std::string shard;
  bool replace_invalid = false;
};

// Without the positional, which every verb words in its own way.
void for_each_field(InputArgs& args, OptionTable& visit);

RecordOptions record_options(const InputArgs& args);

// "reviews.jsonl:17", "notes/a.txt", or "text 3" of the arguments, counted from 1.
std::string place_of(const Record& record);

// What is read, in words: "reviews.jsonl (title, text)".
std::string input_text(const InputArgs& args);

// A stream of records.
class TextInput {
 public:
  // Errors: UsageError if texts and files are mixed or there is nothing to read; not_found for what
  // is written as a file's name and is none.
  explicit TextInput(const InputArgs& args);

  // False at the end. Errors: not_found if there is not a single record.
  bool next(Record& record);

  // The share of the input that was read, if it is known.
  std::optional<double> fraction() const;

 private:
  bool next_argument(Record& record);

  std::vector<std::string> texts_;  // given as arguments
  std::size_t num_taken_ = 0;
  RecordOptions options_;
  std::optional<RecordReader> reader_;
  std::string name_;  // of the first input, for messages
  bool has_given_any_ = false;
};

// Up to max_records records of at most about max_bytes bytes of text, as one block of work.
inline constexpr std::size_t kBlockRecords = 4096;
inline constexpr std::size_t kBlockBytes = std::size_t{8} << 20;

std::vector<Record> read_block(TextInput& input, std::size_t max_records = kBlockRecords,
                               std::size_t max_bytes = kBlockBytes);

// The texts of records, as models take them.
std::vector<std::string_view> text_views(const std::vector<Record>& records);

}  // namespace firth::cli
