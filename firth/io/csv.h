// Rows of CSV or TSV (RFC 4180), streaming. Fields may be quoted; a quoted field may hold the
// separator, line breaks, and quotes written twice. A quote inside an unquoted field is a character
// like any other.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "firth/io/line_reader.h"

namespace firth {

class CsvReader {
 public:
  // max_bytes limits a row.
  CsvReader(ByteSource source, char separator, std::size_t max_bytes);

  // The next row; blank lines are passed over. `fields` keeps its memory. False at the end.
  // Errors: corrupt for a quote that is never closed or is followed by more than a separator.
  bool next(std::vector<std::string>& fields);

  std::uint64_t line() const { return row_line_; }  // on which the row read last begins

  const LineReader& lines() const { return lines_; }

  // "foods.csv:17"
  std::string where() const { return lines_.source().name() + ":" + std::to_string(row_line_); }

 private:
  void parse_row(std::string_view line, std::vector<std::string>& fields);
  std::string_view parse_quoted(std::string_view line, std::string& field);

  LineReader lines_;
  char separator_;
  std::size_t max_bytes_;
  std::uint64_t row_line_ = 0;
};

}  // namespace firth
