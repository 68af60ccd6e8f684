#include "firth/embed/inspect.h"

#include <gtest/gtest.h>

#include "firth/core/error.h"
#include "firth/models/model_fixture_for_test.h"

namespace firth {
namespace {

std::string field(const PathDescription& description, const std::string& name) {
  for (const DescriptionField& field : description.fields) {
    if (field.name != name) continue;
    if (const auto* text = std::get_if<std::string>(&field.value)) return *text;
    if (const auto* number = std::get_if<std::uint64_t>(&field.value))
      return std::to_string(*number);
    return std::get<bool>(field.value) ? "true" : "false";
  }
  return "none";
}

TEST(DescribePath, SaysWhatAModelIs) {
  const std::string folder = ModelFixture("sentence-transformer").folder();
  const PathDescription found = describe_path(folder);
  EXPECT_EQ(found.kind, "sentence-transformers model");
  EXPECT_EQ(found.problem, "");
  EXPECT_EQ(field(found, "dimension"), "24");
  EXPECT_EQ(field(found, "max_length"), "40");
  EXPECT_EQ(field(found, "normalized"), "true");
  EXPECT_EQ(field(found, "prompt query"), "query: ");
  EXPECT_EQ(found.tensors.size(), 40);
  EXPECT_NE(found.command.find("firth embed --model"), std::string::npos);
}

TEST(DescribePath, KnowsCrossEncoders) {
  const ModelFixture fixture("cross-encoder");
  const PathDescription found = describe_path(fixture.folder());
  EXPECT_EQ(found.kind, "bert cross-encoder");
  EXPECT_EQ(found.problem, "");
  EXPECT_NE(found.command.find("firth rerank --model"), std::string::npos);
}

TEST(DescribePath, SaysWhyAModelCannotBeUsed) {
  const ModelCopy copy("bert");
  copy.edit("config.json", "\"bert\"", "\"t5\"");
  const PathDescription found = describe_path(copy.path());
  EXPECT_EQ(found.kind, "model");
  EXPECT_NE(found.problem.find("'t5'"), std::string::npos);
  EXPECT_EQ(found.command, "");
}

struct FileCase {
  const char* name;
  std::string content;
  const char* kind;
  const char* field;
  const char* value;
};

class DescribeFile : public ::testing::TestWithParam<FileCase> {};

TEST_P(DescribeFile, IsToldByNameAndContent) {
  const TestFolder folder;
  const PathDescription found = describe_path(folder.write(GetParam().name, GetParam().content));
  EXPECT_EQ(found.kind, GetParam().kind) << found.problem;
  EXPECT_EQ(field(found, GetParam().field), GetParam().value) << found.problem;
}

INSTANTIATE_TEST_SUITE_P(
    Files, DescribeFile,
    ::testing::Values(FileCase{"a.jsonl", "{\"id\": 1, \"text\": \"a\"}\n", "table", "fields",
                               "id, text"},
                      FileCase{"a.jsonl", "{\"id\": \"x\", \"embedding\": [1, 2, 3]}\n", "vectors",
                               "dimension", "3"},
                      FileCase{"a.jsonl", "[1, 2]\n[3, 4]\n", "vectors", "count", "2"},
                      FileCase{"a.csv", "name,stars\nsoup,5\n", "table", "fields", "name, stars"},
                      FileCase{"a.csv", "1,2,3\n4,5,6\n", "vectors", "count", "2"},
                      FileCase{"a.txt", "a line\n", "text", "first_line", "'a line'"},
                      FileCase{"w.vec", "2 3\na 1 2 3\nb 4 5 6\n", "vectors", "first_id", "a"},
                      FileCase{"m.gguf", "GGUF....", "GGUF model", "none", "none"},
                      FileCase{"empty.jsonl", "", "file", "none", "none"},
                      FileCase{"a.safetensors", "short", "weights", "none", "none"},
                      FileCase{"config.json", "{\"model_type\": \"bert\"}", "model configuration",
                               "model_type", "bert"}));

TEST(DescribePath, KnowsTokenizersAndArrays) {
  const std::string folder = ModelFixture("bert").folder();
  EXPECT_EQ(field(describe_path(folder + "/tokenizer.json"), "vocab_size"), "800");
  EXPECT_EQ(describe_path(folder + "/vocab.txt").kind, "tokenizer");
  EXPECT_EQ(describe_path(folder + "/model.safetensors").kind, "weights");
  EXPECT_NE(error_of([] { describe_path("/nowhere/at/all"); }).find("expected a file or folder"),
            std::string::npos);
}

}  // namespace
}  // namespace firth
