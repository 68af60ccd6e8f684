// How far an interrupted run came. The rows lie in OUT.partial (AtomicFile, keep_partial); beside
// it OUT.partial.json, replaced after every block, says how many of them count and which texts they
// are of. --resume reads those texts again, which must be the same, embeds the rest, and the result
// has the same bytes as that of an undisturbed run.
//
// OUT.partial.json, format_version 1: key (a hash of whatever moves a vector: model, options,
// shard), num_texts, num_rows, texts_hash, report.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "firth/core/embedder.h"

namespace firth::cli {

struct ResumeState {
  std::uint64_t num_texts = 0;
  std::uint64_t num_rows = 0;
  std::string texts_hash;  // of the texts and ids so far
  EmbedReport report;
};

class ResumeFile {
 public:
  // Without an output path there is no file, and nothing is read or removed.
  ResumeFile(const std::string& output_path, std::string key);

  // The state of an earlier run of the same key; nullopt if there is none. Errors: invalid_argument
  // if it was a run of another key, corrupt.
  std::optional<ResumeState> read() const;

  void write(const ResumeState& state) const;
  void remove() const;

  const std::string& path() const { return path_; }

 private:
  std::string path_;  // "" = none
  std::string key_;
};

}  // namespace firth::cli
