#include "firth/io/records.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <utility>

#include "firth/core/error.h"
#include "firth/io/compressed_file.h"
#include "firth/io/file.h"
#include "firth/io/record_source.h"

namespace firth {

namespace {

struct Input {
  std::string path;
  std::optional<std::string> id;  // of a file of a folder
  std::uint64_t bytes = 0;        // 0 = unknown
};

constexpr std::pair<std::string_view, RecordFormat> kFormats[] = {
    {"auto", RecordFormat::kAuto}, {"text", RecordFormat::kText}, {"jsonl", RecordFormat::kJsonl},
    {"csv", RecordFormat::kCsv},   {"tsv", RecordFormat::kTsv},
};

RecordFormat format_of(const std::string& path) {
  static constexpr std::pair<std::string_view, RecordFormat> kEndings[] = {
      {".jsonl", RecordFormat::kJsonl}, {".ndjson", RecordFormat::kJsonl},
      {".json", RecordFormat::kJsonl},  {".csv", RecordFormat::kCsv},
      {".tsv", RecordFormat::kTsv},
  };
  const std::string name = without_compression_ending(path);
  for (const auto& [ending, format] : kEndings) {
    if (name.ends_with(ending)) return format;
  }
  return RecordFormat::kText;
}

void add_folder(const std::string& folder, RecordFormat format, std::vector<Input>& inputs) {
  if (format != RecordFormat::kAuto && format != RecordFormat::kText) {
    fail(ErrorKind::kInvalidArgument, folder,
         ": expected a file of that format, found a folder; a folder is read as text files");
  }
  for (const std::string& name : internal::list_text_files(folder)) {
    const std::string path = folder + (folder.ends_with('/') ? "" : "/") + name;

    struct stat status {};

    const bool known = ::stat(path.c_str(), &status) == 0;
    inputs.push_back({path, name, known ? static_cast<std::uint64_t>(status.st_size) : 0});
  }
}

void add_input(const std::string& path, RecordFormat format, std::vector<Input>& inputs) {
  struct stat status {};

  if (path == "-") {
    inputs.push_back({.path = path, .id = std::nullopt, .bytes = 0});
    return;
  }
  if (::stat(path.c_str(), &status) != 0) fail_errno(path, "open", errno);
  if (S_ISDIR(status.st_mode)) {
    add_folder(path, format, inputs);
    return;
  }
  const bool sized = S_ISREG(status.st_mode);
  inputs.push_back({path, std::nullopt, sized ? static_cast<std::uint64_t>(status.st_size) : 0});
}

std::unique_ptr<internal::RecordSource> open_source(const Input& input,
                                                    const RecordOptions& options) {
  if (input.id) return internal::open_whole_file(input.path, *input.id, options);
  const RecordFormat format =
      options.format == RecordFormat::kAuto ? format_of(input.path) : options.format;
  switch (format) {
    case RecordFormat::kJsonl:
      return internal::open_jsonl(input.path, options);
    case RecordFormat::kCsv:
      return internal::open_csv(input.path, ',', options);
    case RecordFormat::kTsv:
      return internal::open_csv(input.path, '\t', options);
    case RecordFormat::kAuto:
    case RecordFormat::kText:
      break;
  }
  if (!options.fields.empty() || !options.id_field.empty() || !options.extra_fields.empty()) {
    fail(ErrorKind::kInvalidArgument, input.path,
         ": expected JSONL, CSV or TSV, which have fields, ",
         "found lines of text; say the format if the name does not");
  }
  return internal::open_lines(input.path, options);
}

}  // namespace

RecordFormat parse_record_format(std::string_view name) {
  for (const auto& [known, format] : kFormats) {
    if (known == name) return format;
  }
  fail(ErrorKind::kInvalidArgument, "expected a format (auto, text, jsonl, csv or tsv), found ",
       quoted(name));
}

struct RecordReader::State {
  RecordOptions options;
  std::vector<Input> inputs;
  std::size_t input = 0;  // that `source` reads
  std::unique_ptr<internal::RecordSource> source;
  std::uint64_t index = 0;  // of the next record of the whole input
  std::uint64_t bytes_before = 0;
  std::uint64_t bytes_total = 0;

  template <class Take>
  bool take(const Take& take_from);
  bool pass_over_other_shards();
};

// Applies `take_from` to the current source, and to the next ones where it is at its end.
template <class Take>
bool RecordReader::State::take(const Take& take_from) {
  while (input < inputs.size()) {
    if (source == nullptr) source = open_source(inputs[input], options);
    if (take_from(*source)) {
      ++index;
      return true;
    }
    source = nullptr;
    bytes_before += inputs[input++].bytes;
  }
  return false;
}

bool RecordReader::State::pass_over_other_shards() {
  while (index % options.shard_count != options.shard_index) {
    if (!take([](internal::RecordSource& from) { return from.skip(); })) return false;
  }
  return true;
}

RecordReader::RecordReader(const std::vector<std::string>& paths, RecordOptions options)
    : state_(std::make_unique<State>()) {
  if (options.shard_index >= options.shard_count) {
    fail(ErrorKind::kInvalidArgument, "expected a shard below ", options.shard_count, ", found ",
         options.shard_index);
  }
  state_->options = std::move(options);
  for (const std::string& path : paths) add_input(path, state_->options.format, state_->inputs);
  bool all_known = true;
  for (const Input& input : state_->inputs) {
    state_->bytes_total += input.bytes;
    all_known = all_known && (input.bytes > 0 || input.path != "-");
  }
  if (!all_known) state_->bytes_total = 0;
}

RecordReader::~RecordReader() = default;
RecordReader::RecordReader(RecordReader&&) noexcept = default;
RecordReader& RecordReader::operator=(RecordReader&&) noexcept = default;

bool RecordReader::next(Record& record) {
  record.id.clear();
  record.extra.resize(state_->options.extra_fields.size());
  if (!state_->pass_over_other_shards()) return false;
  if (!state_->take([&](internal::RecordSource& from) { return from.next(record); })) return false;
  record.file = state_->inputs[state_->input].path;
  record.index = state_->index - 1;
  return true;
}

std::uint64_t RecordReader::skip(std::uint64_t n) {
  for (std::uint64_t skipped = 0; skipped < n; ++skipped) {
    if (!state_->pass_over_other_shards() ||
        !state_->take([](internal::RecordSource& from) { return from.skip(); })) {
      return skipped;
    }
  }
  return n;
}

double RecordReader::fraction_read() const {
  if (state_->bytes_total == 0) return 0;
  const std::uint64_t here = state_->source == nullptr ? 0 : state_->source->bytes_read();
  return std::min(1.0, static_cast<double>(state_->bytes_before + here) /
                           static_cast<double>(state_->bytes_total));
}

}  // namespace firth
