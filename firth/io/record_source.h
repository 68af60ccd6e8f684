// One input of a RecordReader: a file in one of its formats.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "firth/io/records.h"

namespace firth::internal {

class RecordSource {
 public:
  virtual ~RecordSource() = default;
  RecordSource() = default;
  RecordSource(const RecordSource&) = delete;
  RecordSource& operator=(const RecordSource&) = delete;

  // Gives the next record, or only passes over it. False at the end.
  virtual bool next(Record& record) = 0;
  virtual bool skip() = 0;

  virtual std::uint64_t bytes_read() const = 0;  // of the file
};

// `options` must outlive the source.
std::unique_ptr<RecordSource> open_lines(const std::string& path, const RecordOptions& options);
std::unique_ptr<RecordSource> open_jsonl(const std::string& path, const RecordOptions& options);
std::unique_ptr<RecordSource> open_csv(const std::string& path, char separator,
                                       const RecordOptions& options);

// The whole file is one record, `id` its name.
std::unique_ptr<RecordSource> open_whole_file(const std::string& path, std::string id,
                                              const RecordOptions& options);

// Text files of a folder and those below it, relative to it, sorted by their bytes.
std::vector<std::string> list_text_files(const std::string& folder);

}  // namespace firth::internal
