// Where the rows of `firth embed` go: a file (io/vector_file.h) or, without one, JSON lines on
// standard output: {"id": …, "embedding": […]}, the id being the item's number from 0 if it has no
// name.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "firth/core/embedder.h"
#include "firth/io/records.h"
#include "firth/io/vector_file.h"

namespace firth::cli {

struct VectorSinkOptions {
  std::string path;  // "" or "-" = standard output
  std::string format = "auto";
  bool with_ids = false;    // a file gets the items' ids; JSONL has them always
  bool number_ids = false;  // no item has a name, so that ids are numbers
  bool resume = false;      // go on with what an earlier run left
  VectorInfo info;
};

// Throws UsageError if rows of that kind have no form in which they can be written to `path`.
void check_output_form(const std::string& path, const std::string& format, VectorDType dtype);

class VectorSink {
 public:
  explicit VectorSink(const VectorSinkOptions& options);

  // Removes what is left of an uncommitted run of which nothing is worth keeping.
  ~VectorSink();
  VectorSink(const VectorSink&) = delete;
  VectorSink& operator=(const VectorSink&) = delete;

  bool resumable() const { return writer_.has_value() && keeps_partial_; }

  // Rows that an earlier run wrote.
  std::uint64_t rows() const { return writer_ ? writer_->rows() : 0; }

  // The next rows to come were written by the earlier run already, after it last took a note.
  void skip_rows(std::uint64_t rows) { num_to_skip_ = rows; }

  void write(const std::vector<Record>& records, const Vectors& vectors);
  void flush();
  void commit();

  // What is in the partial file stays when the sink goes.
  void keep_partial(bool keep) { partial_worth_keeping_ = keep; }

  bool partial_kept() const { return partial_worth_keeping_ && !committed_; }

 private:
  void write_file_rows(View<const float> rows, std::vector<std::string> ids);
  void remove_partial() const;

  VectorSinkOptions options_;
  bool keeps_partial_ = false;
  bool partial_worth_keeping_ = false;
  bool committed_ = false;
  std::uint64_t num_to_skip_ = 0;
  std::optional<VectorWriter> writer_;
};

}  // namespace firth::cli
