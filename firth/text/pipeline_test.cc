// Whole tokenizers against the reference's results, and against themselves.
#include "firth/text/pipeline.h"

#include <gtest/gtest.h>

#include <random>

#include "firth/core/error.h"
#include "firth/text/fixtures_test.h"

namespace firth {
namespace {

std::vector<std::int32_t> ints(const Json& array) {
  std::vector<std::int32_t> values;
  for (const Json& value : array.elements()) {
    values.push_back(static_cast<std::int32_t>(value.as_int()));
  }
  return values;
}

std::vector<TokenSpan> spans(const Json& array) {
  std::vector<TokenSpan> values;
  for (const Json& value : array.elements()) {
    values.push_back({static_cast<std::uint32_t>(value.at(std::size_t{0}).as_uint()),
                      static_cast<std::uint32_t>(value.at(std::size_t{1}).as_uint())});
  }
  return values;
}

std::vector<std::string> strings(const Json& array) {
  std::vector<std::string> values;
  for (const Json& value : array.elements()) {
    values.emplace_back(value.as_string());
  }
  return values;
}

template <class Int>
std::vector<std::int32_t> widen(const std::vector<Int>& values) {
  return {values.begin(), values.end()};
}

std::vector<std::optional<std::uint32_t>> word_ids(const Json& array) {
  std::vector<std::optional<std::uint32_t>> values;
  for (const Json& value : array.elements()) {
    values.push_back(value.is_null() ? std::nullopt
                                     : std::optional(static_cast<std::uint32_t>(value.as_uint())));
  }
  return values;
}

// What a case lacks is not compared.
void expect_encoding(const Json& expected, const Encoding& got) {
  EXPECT_EQ(got.ids, ints(expected.at("ids")));
  EXPECT_EQ(got.offsets, spans(expected.at("offsets")));
  EXPECT_EQ(got.type_ids, ints(expected.at("type_ids")));
  EXPECT_EQ(widen(got.special_tokens_mask), ints(expected.at("special_tokens_mask")));
  if (const auto tokens = expected.find("tokens")) {
    EXPECT_EQ(got.tokens, strings(*tokens));
  }
  if (const auto words = expected.find("word_ids")) {
    EXPECT_EQ(got.word_ids, word_ids(*words));
  }
}

std::vector<std::int32_t> fast_ids(const Tokenizer& tokenizer, std::string_view text,
                                   const EncodeOptions& options) {
  std::vector<std::int32_t> ids;
  tokenizer.encode_ids(text, options, ids);
  return ids;
}

void check_case(const Tokenizer& tokenizer, const Json& item) {
  SCOPED_TRACE(item.at("id").as_string());
  const std::string_view text = item.at("text").as_string();
  if (const auto pair = item.find("text_pair")) {
    expect_encoding(item, tokenizer.encode_pair(text, pair->as_string()));
    return;
  }
  if (item.has("ids")) {
    expect_encoding(item, tokenizer.encode(text));
    EXPECT_EQ(fast_ids(tokenizer, text, {}), ints(item.at("ids")));
    EXPECT_EQ(tokenizer.decode(ints(item.at("ids")), true), item.at("decoded").as_string());
    EXPECT_EQ(tokenizer.decode(ints(item.at("ids")), false), item.at("decoded_all").as_string());
  }
  const EncodeOptions plain{.add_special_tokens = false};
  const Encoding encoding = tokenizer.encode(text, plain);
  EXPECT_EQ(encoding.ids, ints(item.at("ids_plain")));
  EXPECT_EQ(fast_ids(tokenizer, text, plain), encoding.ids);
  if (const auto offsets = item.find("offsets_plain")) {
    EXPECT_EQ(encoding.offsets, spans(*offsets));
    EXPECT_EQ(tokenizer.decode(encoding.ids, false), item.at("decoded_plain").as_string());
  }
}

class FixtureTokenizer : public testing::TestWithParam<const char*> {};

TEST_P(FixtureTokenizer, GivesWhatTheReferenceGives) {
  const std::string folder = GetParam();
  const auto tokenizer = open_tokenizer(fixture_path(folder));
  for_each_case(folder + "/cases.jsonl.gz",
                [&](const Json& item) { check_case(*tokenizer, item); });
}

INSTANTIATE_TEST_SUITE_P(Pipeline, FixtureTokenizer,
                         testing::Values("bert-uncased", "wordpiece-cased", "wordlevel"),
                         [](const auto& param) {
                           std::string name = param.param;
                           std::erase(name, '-');
                           return name;
                         });

}  // namespace
}  // namespace firth
