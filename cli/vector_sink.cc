// Rows to a file or to standard output.
#include "cli/vector_sink.h"

#include <algorithm>
#include <cstdio>

#include "cli/output.h"
#include "cli/usage_error.h"
#include "firth/core/error.h"
#include "firth/io/atomic_file.h"
#include "firth/io/json_writer.h"

namespace firth::cli {
namespace {

bool to_stdout(const std::string& path) {
  return path.empty() || path == "-";
}

VectorFormat output_format(const std::string& path, const std::string& format_name) {
  if (format_name == "word2vec") return VectorFormat::kWord2VecText;
  if (format_name != "auto") return parse_vector_format(format_name);
  const VectorFormat format = vector_format_of(path);
  if (format == VectorFormat::kAuto) {
    usage_error("-o ", path,
                ": expected a name that ends in .npy, .jsonl, .csv, .vec, .txt or .safetensors, or "
                "--format, found neither");
  }
  return format;
}

bool names_words(VectorFormat format) {
  return format == VectorFormat::kWord2VecText || format == VectorFormat::kWord2VecBinary;
}

// A word2vec file names every row; a text without a name is its own, blanks becoming underscores.
std::string word_of(const Record& record) {
  std::string word = record.id.empty() ? record.text : record.id;
  std::ranges::replace_if(
      word, [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }, '_');
  return word.empty() ? "_" : word;
}

std::string item_name(const Record& record, bool is_word) {
  if (is_word) return word_of(record);
  return record.id.empty() ? std::to_string(record.index) : record.id;
}

// The names of the rows: of item i "NAME", or, if it has a row for each window, "NAME#0", "NAME#1".
std::vector<std::string> row_names(const std::vector<Record>& records, const Vectors& vectors,
                                   bool are_words) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < records.size(); ++i) {
    const std::string name = item_name(records[i], are_words);
    if (vectors.row_offsets.empty()) {
      names.push_back(name);
      continue;
    }
    const std::int64_t windows = vectors.row_offsets[i + 1] - vectors.row_offsets[i];
    for (std::int64_t w = 0; w < windows; ++w) names.push_back(name + "#" + std::to_string(w));
  }
  return names;
}

void print_row(JsonWriter& json, const Record& record, std::optional<std::int64_t> window,
               std::span<const float> row) {
  json.begin_object().key("id");
  record.id.empty() ? json.value(record.index) : json.value(record.id);
  if (window) json.field("window", *window);
  json.key("embedding").begin_array();
  for (const float component : row) json.value(component);
  json.end_array().end_object().newline();
  standard_output().write(json.take());
}

void print_rows(const std::vector<Record>& records, const Vectors& vectors) {
  const auto rows = vectors.values.view<float>();
  JsonWriter json;
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (vectors.row_offsets.empty()) {
      print_row(json, records[i], std::nullopt, rows.row(i));
      continue;
    }
    const std::int64_t begin = vectors.row_offsets[i];
    for (std::int64_t r = begin; r < vectors.row_offsets[i + 1]; ++r) {
      print_row(json, records[i], r - begin, rows.row(static_cast<std::size_t>(r)));
    }
  }
}

}  // namespace

void check_output_form(const std::string& path, const std::string& format, VectorDType dtype) {
  if (!to_stdout(path)) {
    output_format(path, format);
  } else if (dtype != VectorDType::kF32 || (format != "auto" && format != "jsonl")) {
    usage_error(
        "--format, --dtype: expected an output file (-o OUT), found none; stdout gets JSON lines "
        "of f32");
  }
}

VectorSink::VectorSink(const VectorSinkOptions& options) : options_(options) {
  check_output_form(options.path, options.format, options.info.dtype);
  if (to_stdout(options.path)) return;
  VectorWriterOptions writer_options;
  writer_options.format = output_format(options.path, options.format);
  writer_options.info = options.info;
  options_.with_ids = options.with_ids || names_words(writer_options.format) ||
                      writer_options.format == VectorFormat::kJsonl;
  writer_options.has_ids = options_.with_ids;
  writer_options.number_ids = options.number_ids;
  keeps_partial_ = writer_options.format != VectorFormat::kSafetensors &&
                   writer_options.format != VectorFormat::kWord2VecBinary;
  writer_options.keep_partial = keeps_partial_;
  if (keeps_partial_ && !options.resume) remove_partial();
  try {
    writer_.emplace(options.path, writer_options);
  } catch (...) {
    if (keeps_partial_ && !options.resume) remove_partial();
    throw;
  }
}

VectorSink::~VectorSink() {
  if (!writer_ || committed_ || !keeps_partial_ || partial_worth_keeping_) return;
  writer_.reset();
  remove_partial();
}

void VectorSink::remove_partial() const {
  for (const char* ending : {"", ".ids.txt", ".scales.npy"}) {
    std::remove(AtomicFile::partial_path(options_.path + ending).c_str());
  }
}

void VectorSink::write(const std::vector<Record>& records, const Vectors& vectors) {
  if (!writer_) {
    print_rows(records, vectors);
    return;
  }
  std::vector<std::string> names;
  if (options_.with_ids) {
    names = row_names(records, vectors, names_words(output_format(options_.path, options_.format)));
  }
  write_file_rows(vectors.values.view<float>(), std::move(names));
}

void VectorSink::write_file_rows(View<const float> rows, std::vector<std::string> ids) {
  const auto skipped = static_cast<std::size_t>(std::min<std::uint64_t>(num_to_skip_, rows.rows()));
  num_to_skip_ -= skipped;
  const std::span<const std::string> names(ids);
  writer_->write(rows.slice_rows(skipped, rows.rows()),
                 names.empty() ? names : names.subspan(skipped));
}

void VectorSink::flush() {
  if (writer_) writer_->flush();
}

void VectorSink::commit() {
  writer_ ? writer_->commit() : standard_output().flush();
  committed_ = true;
}

}  // namespace firth::cli
