// Telling texts from files, and reading both.
#include "cli/input_args.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>

#include "cli/interrupt.h"
#include "cli/usage_error.h"
#include "firth/core/error.h"
#include "firth/io/utf8.h"

namespace firth::cli {
namespace {

bool is_path(const std::string& argument) {
  std::error_code error;
  return argument == "-" || (!argument.empty() && std::filesystem::exists(argument, error));
}

// "reviews.jsonl" that is not there is a typing error, not a text to embed.
bool is_written_as_path(const std::string& argument) {
  constexpr std::array<std::string_view, 11> kEndings = {
      ".txt", ".md", ".json", ".jsonl", ".ndjson", ".csv", ".tsv", ".gz", ".zst", ".npy", "/"};
  if (argument.find_first_of(" \t\n") != std::string::npos) return false;
  const bool known_ending = std::ranges::any_of(
      kEndings, [&](std::string_view ending) { return argument.ends_with(ending); });
  return known_ending || argument.starts_with("/") || argument.starts_with("./") ||
         argument.starts_with("../");
}

std::vector<std::string> split_at_commas(const std::vector<std::string>& lists) {
  std::vector<std::string> parts;
  for (std::string_view list : lists) {
    while (true) {
      const std::size_t comma = list.find(',');
      parts.emplace_back(list.substr(0, comma));
      if (comma == std::string_view::npos) break;
      list.remove_prefix(comma + 1);
    }
  }
  return parts;
}

std::uint64_t parse_whole(std::string_view text, std::string_view whole) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) {
    usage_error("--shard: expected I/N with whole numbers, such as 1/4, found ", quoted(whole));
  }
  return number;
}

// "I/N": of the records 0, 1, 2 … the I-th, the (I + N)-th and so on, I from 1. 0/N is N/N, so that
// a script that counts its parts from 0 also gets every record once.
void parse_shard(const std::string& shard, RecordOptions& options) {
  if (shard.empty()) return;
  const std::size_t slash = shard.find('/');
  if (slash == std::string::npos) parse_whole("", shard);
  const std::uint64_t part = parse_whole(std::string_view(shard).substr(0, slash), shard);
  const std::uint64_t count = parse_whole(std::string_view(shard).substr(slash + 1), shard);
  if (count == 0 || part > count) {
    usage_error("--shard: expected a part from 1 to N of N parts, as in 1/4 … 4/4, found ",
                quoted(shard));
  }
  options.shard_count = count;
  options.shard_index = (part + count - 1) % count;
}

}  // namespace

void for_each_field(InputArgs& args, OptionTable& visit) {
  visit.group("Input");
  visit(
      "-f,--field", &args.fields, "NAME[,NAME…]",
      "field of a JSONL object or column of a CSV or TSV file that is the text; several are joined "
      "by a space in the order given");
  visit.default_text("text");
  visit("--ids", &args.id_field, "NAME", "field that names the items");
  visit.default_text("their number, from 0");
  visit("--input-format", &args.format, "NAME", "what the input is",
        {"auto", "text", "jsonl", "csv", "tsv"});
  visit.default_text("by the file's ending, else a text a line; stdin with --field: jsonl");
  visit("--invalid-utf8-replace", &args.replace_invalid, "",
        "read bytes that are not UTF-8 as U+FFFD instead of stopping");
}

RecordOptions record_options(const InputArgs& args) {
  RecordOptions options;
  options.format = parse_record_format(args.format);
  options.fields = split_at_commas(args.fields);
  options.id_field = args.id_field;
  options.extra_fields = args.extra_fields;
  if (args.replace_invalid) options.on_invalid_utf8 = OnInvalidUtf8::kReplace;
  parse_shard(args.shard, options);
  return options;
}

std::string place_of(const Record& record) {
  if (record.file.empty()) return "text " + std::to_string(record.index + 1);
  const std::string file = record.file == "-" ? "standard input" : record.file;
  return record.line == 0 ? file : file + ":" + std::to_string(record.line);
}

std::string input_text(const InputArgs& args) {
  if (!args.inputs.empty() && std::ranges::none_of(args.inputs, is_path)) return "arguments";
  std::string text;
  for (const std::string& input : args.inputs) {
    text.append(text.empty() ? "" : ", ").append(input == "-" ? "standard input" : input);
  }
  if (text.empty()) text = "standard input";
  std::string fields;
  for (const std::string& field : split_at_commas(args.fields)) {
    fields.append(fields.empty() ? "" : ", ").append(field);
  }
  return fields.empty() ? text : text + " (" + fields + ")";
}

TextInput::TextInput(const InputArgs& args) : options_(record_options(args)) {
  const auto num_paths = std::ranges::count_if(args.inputs, is_path);
  const bool files_expected = num_paths > 0 || !args.fields.empty() || !args.id_field.empty();
  for (const std::string& input : args.inputs) {
    if (is_path(input)) continue;
    if (files_expected || is_written_as_path(input)) {
      fail(ErrorKind::kNotFound, quoted(input),
           ": expected a file or a folder, found nothing there",
           files_expected && num_paths > 0 ? " (texts and files cannot be mixed)" : "");
    }
  }
  if (args.inputs.empty() && ::isatty(STDIN_FILENO) == 1) {
    usage_error("input: expected texts, files or something on standard input, found a terminal");
  }
  name_ =
      args.inputs.empty() || args.inputs.front() == "-" ? "standard input" : args.inputs.front();
  if (args.inputs.empty() || args.inputs == std::vector<std::string>{"-"}) {
    const bool has_fields =
        !args.fields.empty() || !args.id_field.empty() || !args.extra_fields.empty();
    if (has_fields && args.format == "auto") options_.format = RecordFormat::kJsonl;
    reader_.emplace(std::vector<std::string>{"-"}, options_);
  } else if (files_expected) {
    reader_.emplace(args.inputs, options_);
  } else {
    texts_ = args.inputs;
  }
}

bool TextInput::next_argument(Record& record) {
  while (num_taken_ < texts_.size() && num_taken_ % options_.shard_count != options_.shard_index) {
    ++num_taken_;
  }
  if (num_taken_ >= texts_.size()) return false;
  const std::string& text = texts_[num_taken_];
  if (options_.on_invalid_utf8 == OnInvalidUtf8::kError && !is_valid_utf8(text)) {
    fail(ErrorKind::kInvalidArgument, "argument ", num_taken_ + 1, ": expected UTF-8, found ",
         quoted(text));
  }
  record = Record{};
  record.text = replace_invalid_utf8(text);
  record.index = num_taken_++;
  return true;
}

bool TextInput::next(Record& record) {
  const bool found = reader_ ? reader_->next(record) : next_argument(record);
  // A part of an input may be empty, an input may not: a wrong file is likelier than no texts.
  if (!found && !has_given_any_ && options_.shard_count == 1) {
    fail(ErrorKind::kNotFound, name_, ": expected texts, found none");
  }
  has_given_any_ = true;
  return found;
}

std::optional<double> TextInput::fraction() const {
  if (!reader_) return std::nullopt;
  const double fraction = reader_->fraction_read();
  return fraction > 0 ? std::optional(fraction) : std::nullopt;
}

std::vector<Record> read_block(TextInput& input, std::size_t max_records, std::size_t max_bytes) {
  std::vector<Record> block;
  std::size_t bytes = 0;
  Record record;
  while (block.size() < max_records && bytes < max_bytes && input.next(record)) {
    bytes += record.text.size();
    block.push_back(std::move(record));
    check_interrupt();
  }
  return block;
}

std::vector<std::string_view> text_views(const std::vector<Record>& records) {
  std::vector<std::string_view> views;
  views.reserve(records.size());
  for (const Record& record : records) views.emplace_back(record.text);
  return views;
}

}  // namespace firth::cli
