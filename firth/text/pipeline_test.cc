// Whole tokenizers against the reference's results, and against themselves.
#include "firth/text/pipeline.h"

#include <gtest/gtest.h>

#include <array>
#include <ctime>
#include <filesystem>
#include <map>
#include <random>

#include "firth/core/error.h"
#include "firth/text/fixtures_test.h"
#include "firth/text/tokenizer_files.h"

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
                         testing::Values("bert-uncased", "wordpiece-cased", "wordlevel",
                                         "unigram-bytes", "xlmr-small", "roberta-small",
                                         "qwen-small", "bpe-suffix", "added-tokens"),
                         [](const auto& param) {
                           std::string name = param.param;
                           std::erase(name, '-');
                           return name;
                         });

// Vocabularies too large for the repository.
TEST(Pipeline, GivesWhatTheReferenceGivesWithLargeVocabularies) {
  const std::string shared = FIRTH_SOURCE_DIR "/../shared/fixtures/tokenizers/";
  if (!std::filesystem::exists(shared)) GTEST_SKIP() << "the large fixtures are not here";
  for (const std::string name : {"gpt2/tokenizer.json", "o200k/tokenizer.json.gz"}) {
    SCOPED_TRACE(name);
    const JsonDocument document = JsonDocument::parse(read_gz(shared + name), name);
    const Pipeline tokenizer(read_tokenizer_json(document.root(), name));
    const std::string folder = name.substr(0, name.find('/'));
    for_each_case_in(shared + folder + "/cases.jsonl.gz",
                     [&](const Json& item) { check_case(tokenizer, item); });
  }
}

TEST(Pipeline, TruncatesAsTheFileSays) {
  const auto tokenizer = open_tokenizer(fixture_path("limits-right"));
  ASSERT_EQ(tokenizer->truncation_max_length(), 20u);
  const EncodeOptions options{.max_length = tokenizer->truncation_max_length()};
  for_each_case("limits-right/cases.jsonl.gz", [&](const Json& item) {
    if (!item.has("text")) {
      return;  // a batch
    }
    SCOPED_TRACE(item.at("id").as_string());
    const auto pair = item.find("text_pair");
    const std::string_view text = item.at("text").as_string();
    const Encoding got = pair ? tokenizer->encode_pair(text, pair->as_string(), options)
                              : tokenizer->encode(text, options);
    // The reference pads to a multiple of 8.
    std::vector<std::int32_t> padded = got.ids;
    padded.resize((padded.size() + 7) / 8 * 8, 0);
    EXPECT_EQ(padded, ints(item.at("ids")));
    if (!pair) {
      EXPECT_EQ(fast_ids(*tokenizer, text, options), got.ids);
    }
  });
}

TEST(Pipeline, CountsWhatIsCutAndUnknown) {
  const auto tokenizer = open_tokenizer(fixture_path("bert-uncased"));
  std::vector<std::int32_t> ids;
  const EncodeStats stats =
      tokenizer->encode_ids("ab \u16A0\u16A1 c \u16A0 d", {.max_length = 5}, ids);
  EXPECT_EQ(ids.size(), 5u);
  EXPECT_EQ(stats.full_length, 7u);
  EXPECT_EQ(stats.num_unknown, 1u);
  std::map<std::string, std::uint64_t> scripts;
  count_unknown_scripts(*tokenizer, "ab \u16A0\u16A1 \xFF \u1401 \u16A0", {}, scripts);
  EXPECT_EQ(scripts,
            (std::map<std::string, std::uint64_t>{{"Runic", 2}, {"Canadian_Aboriginal", 1}}));
  EXPECT_THROW(tokenizer->encode("a", {.max_length = 1}), Error);
  EXPECT_THROW(tokenizer->encode_ids("a", {.max_length = 1}, ids), Error);
}

// Nasty texts of n bytes: t(2n) must stay near 2 t(n). Generous, since machines are shared; what is
// quadratic is off by far more.
class LinearTime : public testing::TestWithParam<const char*> {};

// Sixteen times the text in at most 64 times the processor time: four times what linear takes, so
// that a busy machine is no failure, and a quarter of what quadratic takes.
TEST_P(LinearTime, OnNastyTexts) {
  const auto tokenizer = open_tokenizer(fixture_path(GetParam()));
  const auto seconds = [&](const std::string& text, bool fast) {
    const std::clock_t start = std::clock();
    if (fast) {
      fast_ids(*tokenizer, text, {});
    } else {
      tokenizer->encode(text);
    }
    return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  };
  for (const std::string unit : {"a", " ", "_", "7", "\u0301", "\u0323\u0301", "\u200D", "\u65E5",
                                 "\u1100", "\u302E", "[MASK", "[MASK]", "e\u0301", "\xFF"}) {
    const auto repeat = [&](std::size_t bytes) {
      std::string text;
      while (text.size() < bytes) {
        text += unit;
      }
      return text;
    };
    for (const bool fast : {false, true}) {
      const double once = seconds(repeat(1 << 14), fast) + 0.0005;
      EXPECT_LT(seconds(repeat(1 << 18), fast), 64 * once) << unit;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Pipeline, LinearTime,
                         testing::Values("bert-uncased", "xlmr-small", "unigram-bytes",
                                         "../sentencepiece/unigram.model",
                                         "../sentencepiece/bpe.model"));

// Random texts: states are reused, so words remembered from one must not leak into another.
TEST(Pipeline, FastWayEqualsTheLongWay) {
  constexpr std::array<std::pair<char32_t, char32_t>, 9> kRanges = {{{0x20, 0x7F},
                                                                     {0x61, 0x7B},
                                                                     {0, 0x250},
                                                                     {0x300, 0x530},
                                                                     {0x900, 0x1200},
                                                                     {0x1E00, 0x3100},
                                                                     {0x4E00, 0x4E20},
                                                                     {0xAC00, 0xFFFF},
                                                                     {0x10000, 0x110000}}};
  for (const char* folder :
       {"bert-uncased", "wordpiece-cased", "unigram-bytes", "xlmr-small",
        "../sentencepiece/unigram-bytes.model", "../sentencepiece/bpe.model"}) {
    const auto tokenizer = open_tokenizer(fixture_path(folder));
    const auto state = tokenizer->make_state();
    std::mt19937 random(7);
    for (int i = 0; i < 3000; ++i) {
      std::string text;
      for (auto length = random() % 40; length > 0; --length) {
        const auto [begin, end] = kRanges[random() % kRanges.size()];
        const auto c = static_cast<char32_t>(begin + random() % (end - begin));
        append_utf8(c >= 0xD800 && c < 0xE000 ? U' ' : c, text);
        text += random() % 4 == 0 ? " " : "";
      }
      std::vector<std::int32_t> ids;
      tokenizer->encode_ids(text, {}, *state, ids);
      ASSERT_EQ(ids, tokenizer->encode(text).ids) << quoted(text);
    }
  }
}

}  // namespace
}  // namespace firth
