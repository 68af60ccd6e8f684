#include "firth/io/csv.h"

#include "firth/core/error.h"

namespace firth {

CsvReader::CsvReader(ByteSource source, char separator, std::size_t max_bytes)
    : lines_(std::move(source), max_bytes), separator_(separator), max_bytes_(max_bytes) {}

bool CsvReader::next(std::vector<std::string>& fields) {
  std::string_view line;
  do {
    if (!lines_.next(line)) return false;
  } while (without_carriage_return(line).empty());
  row_line_ = lines_.line();
  parse_row(line, fields);
  return true;
}

void CsvReader::parse_row(std::string_view line, std::vector<std::string>& fields) {
  std::size_t count = 0;
  for (bool more = true; more; ++count) {
    if (count == fields.size()) fields.emplace_back();
    std::string& field = fields[count];
    field.clear();
    if (line.starts_with('"')) {
      line = parse_quoted(line.substr(1), field);
      more = line.starts_with(separator_);
      if (!more && !without_carriage_return(line).empty()) {
        fail(ErrorKind::kCorrupt, lines_.where(), ": expected a separator after a closing quote, ",
             "found ", quoted(line.substr(0, 10)));
      }
      line.remove_prefix(more ? 1 : line.size());
    } else {
      const std::size_t end = line.find(separator_);
      more = end != std::string_view::npos;
      field = more ? line.substr(0, end) : without_carriage_return(line);
      line.remove_prefix(more ? end + 1 : line.size());
    }
  }
  fields.resize(count);
}

// Reads up to the closing quote, over line breaks; returns what follows it.
std::string_view CsvReader::parse_quoted(std::string_view line, std::string& field) {
  for (;;) {
    const std::size_t quote = line.find('"');
    field += line.substr(0, quote);
    if (field.size() > max_bytes_) {
      fail(ErrorKind::kUnsupported, where(), ": expected at most ", max_bytes_,
           " bytes in a row, found more; a quote may never be closed");
    }
    if (quote == std::string_view::npos) {
      if (!lines_.next(line)) {
        fail(ErrorKind::kCorrupt, where(), ": expected a closing quote, found the end of the file");
      }
      field += '\n';
    } else if (line.substr(quote + 1).starts_with('"')) {
      field += '"';
      line.remove_prefix(quote + 2);
    } else {
      return line.substr(quote + 1);
    }
  }
}

}  // namespace firth
