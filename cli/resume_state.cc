// Reading and writing OUT.partial.json.
#include "cli/resume_state.h"

#include <unistd.h>

#include <cstdio>

#include "firth/core/error.h"
#include "firth/io/atomic_file.h"
#include "firth/io/json.h"
#include "firth/io/json_writer.h"

namespace firth::cli {
namespace {

constexpr std::uint64_t kFormatVersion = 1;

EmbedReport read_report(const Json& json) {
  EmbedReport report;
  report.num_items = json.at("num_items").as_uint();
  report.num_tokens = json.at("num_tokens").as_uint();
  report.num_truncated = json.at("num_truncated").as_uint();
  report.num_unknown = json.at("num_unknown").as_uint();
  for (const auto& [script, count] : json.at("unknown_scripts").fields()) {
    report.unknown_scripts.emplace(script, count.as_uint());
  }
  return report;
}

void write_report(JsonWriter& json, const EmbedReport& report) {
  json.begin_object().field("num_items", report.num_items).field("num_tokens", report.num_tokens);
  json.field("num_truncated", report.num_truncated).field("num_unknown", report.num_unknown);
  json.key("unknown_scripts").begin_object();
  for (const auto& [script, count] : report.unknown_scripts) json.field(script, count);
  json.end_object().end_object();
}

}  // namespace

ResumeFile::ResumeFile(const std::string& output_path, std::string key) : key_(std::move(key)) {
  if (!output_path.empty() && output_path != "-") {
    path_ = AtomicFile::partial_path(output_path) + ".json";
  }
}

std::optional<ResumeState> ResumeFile::read() const {
  if (path_.empty() || ::access(path_.c_str(), F_OK) != 0) return std::nullopt;
  const JsonDocument document = JsonDocument::read(path_);
  const Json root = document.root();
  const std::uint64_t version = root.at("format_version").as_uint();
  if (version != kFormatVersion) {
    fail(ErrorKind::kUnsupported, path_, ": expected format_version ", kFormatVersion, ", found ",
         version);
  }
  if (root.at("key").as_string() != key_) {
    fail(ErrorKind::kInvalidArgument, path_,
         ": expected the model and the options of this run, found those of another; without "
         "--resume the run starts again");
  }
  ResumeState state;
  state.num_texts = root.at("num_texts").as_uint();
  state.num_rows = root.at("num_rows").as_uint();
  state.texts_hash = root.at("texts_hash").as_string();
  state.report = read_report(root.at("report"));
  return state;
}

void ResumeFile::write(const ResumeState& state) const {
  JsonWriter json;
  json.begin_object().field("format_version", kFormatVersion).field("key", key_);
  json.field("num_texts", state.num_texts).field("num_rows", state.num_rows);
  json.field("texts_hash", state.texts_hash).key("report");
  write_report(json, state.report);
  json.end_object();
  write_file(path_, json.newline().take());
}

void ResumeFile::remove() const {
  std::remove(path_.c_str());
}

}  // namespace firth::cli
