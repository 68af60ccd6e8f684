// The reference's cases (tests/fixtures/tokenizers), for tests.
#pragma once

#include <gtest/gtest.h>
#include <zlib.h>

#include <string>
#include <string_view>
#include <vector>

#include "firth/io/json.h"

namespace firth {

inline std::string fixture_path(const std::string& name) {
  return std::string(FIRTH_SOURCE_DIR) + "/tests/fixtures/tokenizers/" + name;
}

inline std::string read_gz(const std::string& path) {
  std::string text;
  gzFile file = gzopen(path.c_str(), "rb");
  if (file == nullptr) {
    ADD_FAILURE() << path << ": cannot open";
    return text;
  }
  std::vector<char> buffer(1 << 20);
  for (int n = 0; (n = gzread(file, buffer.data(), static_cast<unsigned>(buffer.size()))) > 0;) {
    text.append(buffer.data(), static_cast<std::size_t>(n));
  }
  gzclose(file);
  return text;
}

// f(object) for each line of a .jsonl.gz file.
template <class F>
void for_each_case_in(const std::string& path, F&& f) {
  const std::string text = read_gz(path);
  JsonDocument document;
  std::size_t line = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = text.find('\n', begin);
    document.reparse(std::string_view(text).substr(begin, end - begin), path, ++line);
    f(document.root());
    begin = end + 1;
  }
  EXPECT_GT(line, 0u);
}

template <class F>
void for_each_case(const std::string& name, F&& f) {
  for_each_case_in(fixture_path(name), f);
}

}  // namespace firth
