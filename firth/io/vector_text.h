// Readers of the text forms of vector tables. Each gives rows of floats and, where the file has
// them, ids.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace firth::internal {

struct TextVectors {
  std::vector<float> values;  // row after row
  std::size_t dimension = 0;
  std::size_t count = 0;
  std::vector<std::string> ids;  // empty or count

  // Ends the row whose numbers were appended to `values`: it must be as long as the first and
  // finite. where() names it, and is called for an error only.
  void close_row(const std::function<std::string()>& where);
};

// A finite or infinite number, the whole of `text`; false if it is none.
bool parse_number(std::string_view text, float& number);

TextVectors read_jsonl_vectors(const std::string& path);
TextVectors read_json_vectors(const std::string& path);
TextVectors read_csv_vectors(const std::string& path, char separator);
TextVectors read_word2vec_text(const std::string& path);
TextVectors read_word2vec_binary(const std::string& path);

}  // namespace firth::internal
