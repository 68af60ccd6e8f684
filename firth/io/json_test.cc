#include "firth/io/json.h"

#include <gtest/gtest.h>

#include "firth/core/error.h"
#include "firth/io/test_folder.h"

namespace firth {
namespace {

TEST(Json, ReadsEveryKind) {
  const JsonDocument document = JsonDocument::parse(
      "\xEF\xBB\xBF{\"s\":\"\\u0000\\ud83d\\ude00 "
      "\xE4\xB8\xAD\",\"i\":-3,\"u\":18446744073709551615,"
      "\"d\":0.5,\"b\":true,\"n\":null,\"a\":[1,[2]],\"o\":{}}",
      "x.json");
  const Json root = document.root();
  using namespace std::string_view_literals;
  EXPECT_EQ(root.at("s").as_string(), "\0\xF0\x9F\x98\x80 \xE4\xB8\xAD"sv);
  EXPECT_EQ(root.at("i").as_int(), -3);
  EXPECT_EQ(root.at("u").as_uint(), UINT64_MAX);
  EXPECT_EQ(root.at("d").as_double(), 0.5);
  EXPECT_EQ(root.at("i").as_double(), -3.0);
  EXPECT_TRUE(root.at("b").as_bool());
  EXPECT_TRUE(root.at("n").is_null());
  EXPECT_EQ(root.at("a").size(), 2U);
  EXPECT_EQ(root.at("a").at(1).at(0).as_int(), 2);
  EXPECT_EQ(root.at("o").size(), 0U);
  EXPECT_EQ(root.fields().size(), 8U);
  EXPECT_FALSE(root.has("z"));
}

TEST(Json, IntegersBeyond64BitsAreDoubles) {
  const JsonDocument document = JsonDocument::parse(
      R"({"model_max_length": 1000000000000000019884624838656, "s": "99999999999999999999\"1"})",
      "x");
  EXPECT_EQ(document.root().at("model_max_length").as_double(), 1e30);
  EXPECT_EQ(document.root().at("s").as_string(), "99999999999999999999\"1");
  EXPECT_NE(error_of([&] { document.root().at("model_max_length").as_uint(); }).find("1e+30"),
            std::string::npos);
}

TEST(Json, ErrorsNameThePlace) {
  const JsonDocument document =
      JsonDocument::parse(R"({"a":{"b":[0,{"c":"text"}]},"d":1,"d":2})", "config.json");
  const Json root = document.root();
  EXPECT_EQ(error_of([&] { root.at("a").at("b").at(1).at("c").as_int(); }),
            "config.json: field 'a.b[1].c': expected an integer, found 'text'");
  EXPECT_EQ(error_of([&] { root.at("e"); }),
            "config.json: expected a field 'e', found 'a', 'd', 'd'");
  EXPECT_EQ(error_of([&] { root.at("d"); }),
            "config.json: expected the field 'd' once, found it twice");
  EXPECT_EQ(error_of([&] { root.at("a").at("b").at(5); }),
            "config.json: field 'a.b': expected an element 5, found an array of 2");
  EXPECT_EQ(error_of([&] { root.at("a").at("b").at(0).as_bool(); }),
            "config.json: field 'a.b[0]': expected true or false, found 0");
  EXPECT_EQ(error_of([&] { root.at("a").as_double(); }),
            "config.json: field 'a': expected a number, found an object");
}

TEST(Json, SyntaxErrorsNameLineAndByte) {
  struct Case {
    std::string text;
    std::string message;
  };

  const std::vector<Case> cases = {
      {"", "x.json: expected JSON, found nothing"},
      {" \n", "x.json: expected JSON, found nothing"},
      {"{\n\"a\": 1,\n}", "x.json: expected JSON, found at line 3, byte 1: "},
      {"{\"a\": NaN}", "x.json: expected JSON, found at byte "},
      {"[1,]", "expected JSON, found at byte 4"},
      {"[1] 2", "expected JSON, found at byte 5"},
      {"\"\\ud800\"", "expected JSON, found"},
      {"\"\xFF\"", "expected JSON, found at byte 2"},
      {"\"\xED\xA0\x80\"", "expected JSON, found"},
      {"\"a\nb\"", "expected JSON, found"},
      {"[1e999]", "expected JSON, found"},
      {std::string(5000, '[') + std::string(5000, ']'), "at most 1,000 levels"},
      {"{\"a\":", "expected JSON, found"},
      {"'a'", "expected JSON, found at byte 1"},
  };
  for (const Case& c : cases) {
    const std::string error = error_of([&] { JsonDocument::parse(c.text, "x.json"); });
    EXPECT_NE(error.find(c.message), std::string::npos) << error << "\nwanted: " << c.message;
    EXPECT_EQ(error.find('\n'), std::string::npos) << error;
  }
}

TEST(Json, ReparseNamesTheLine) {
  JsonDocument document;
  document.reparse(R"({"a":1})", "reviews.jsonl", 16);
  EXPECT_EQ(document.root().at("a").as_int(), 1);
  EXPECT_TRUE(error_of([&] {
                document.reparse("{", "reviews.jsonl", 17);
              }).starts_with("reviews.jsonl:17: expected JSON, found"));
}

TEST(Json, ReadNamesFilesThatCannotBeRead) {
  const TestFolder folder;
  EXPECT_EQ(error_of([&] { JsonDocument::read(folder.path("none.json")); }),
            folder.path("none.json") + ": expected a file or folder, found nothing there");
  EXPECT_EQ(error_of([&] { JsonDocument::read(folder.path()); }),
            folder.path() + ": expected a file, found a folder");
  folder.write("big.json", "[1,2,3]");
  EXPECT_NE(error_of([&] { JsonDocument::read(folder.path("big.json"), 3); }).find("at most 3"),
            std::string::npos);
}

}  // namespace
}  // namespace firth
