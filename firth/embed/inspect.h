// describe_path(path): what lies there. Models, tokenizers, weights, vectors, tables: what it is,
// its shapes, size, element type, licence, and the command that uses it. A model is opened, so that
// what is wrong with it comes to light; of texts and tables only the beginning is read.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <variant>
#include <vector>

namespace firth {

struct DescriptionField {
  std::string name;  // "dimension", "max_length", "licence", …
  std::variant<std::string, std::uint64_t, bool> value;
};

struct TensorDescription {
  std::string name;
  std::string dtype;  // as the file spells it: "F32"
  std::vector<std::size_t> shape;
};

struct PathDescription {
  std::string path;
  std::string kind;  // "sentence-transformers model", "tokenizer", "weights", "vectors", "table", …
  std::uint64_t bytes = 0;  // of the file, or of all files in the folder
  std::vector<DescriptionField> fields;
  std::vector<TensorDescription> tensors;
  std::string command;  // that uses it, "firth embed --model PATH TEXT"; "" = none
  std::string problem;  // why firth cannot use it: one line; "" = it can
};

// Errors: not_found, io. What cannot be used is no error: it has a `problem`.
PathDescription describe_path(const std::filesystem::path& path);

}  // namespace firth
