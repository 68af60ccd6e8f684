// Files as they should not be, and vocab.txt with its settings.
#include "firth/text/tokenizer_files.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "firth/core/error.h"
#include "firth/text/fixtures_test.h"

namespace firth {
namespace {

// A small tokenizer with one field replaced: `from` and `to` are pieces of its text.
std::string small_json(std::string_view from = "", std::string_view to = "") {
  std::string text = R"({
    "version": "1.0",
    "truncation": null,
    "padding": null,
    "added_tokens": [{"id": 1, "content": "[CLS]", "single_word": false, "lstrip": false,
                      "rstrip": false, "normalized": false, "special": true}],
    "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
                   "strip_accents": null, "lowercase": true},
    "pre_tokenizer": {"type": "BertPreTokenizer"},
    "post_processor": {"type": "TemplateProcessing",
      "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}},
                 {"Sequence": {"id": "A", "type_id": 0}}],
      "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
      "special_tokens": {"[CLS]": {"id": "[CLS]", "ids": [1], "tokens": ["[CLS]"]}}},
    "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": true},
    "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
              "max_input_chars_per_word": 100,
              "vocab": {"[UNK]": 0, "[CLS]": 1, "un": 2, "##able": 3, "a": 4}}})";
  if (!from.empty()) {
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    text.replace(at, from.size(), to);
  }
  return text;
}

std::unique_ptr<const Tokenizer> from_json(const std::string& text) {
  const JsonDocument document = JsonDocument::parse(text, "tokenizer.json");
  return std::make_unique<Pipeline>(read_tokenizer_json(document.root(), "tokenizer.json"));
}

std::vector<std::int32_t> ids_of(const Tokenizer& tokenizer, std::string_view text) {
  return tokenizer.encode(text).ids;
}

TEST(TokenizerJson, OpensASmallOne) {
  const auto tokenizer = from_json(small_json());
  EXPECT_EQ(ids_of(*tokenizer, "Unable \xFF [CLS]a"), (std::vector<std::int32_t>{1, 2, 3, 1, 4}));
  EXPECT_EQ(tokenizer->vocab_size(), 5u);
  EXPECT_EQ(tokenizer->unknown_id(), 0);
  EXPECT_EQ(tokenizer->token_to_id("##able"), 3);
  EXPECT_EQ(tokenizer->id_to_token(5), std::nullopt);
  EXPECT_EQ(tokenizer->id_to_token(-1), std::nullopt);
  EXPECT_EQ(tokenizer->decode(std::vector<std::int32_t>{1, 2, 3, -7, 99}), "unable");
}

TEST(TokenizerJson, SaysWhereAFileIsWrong) {
  struct Case {
    const char* from;
    const char* to;
    ErrorKind kind;
    const char* message;  // a part of it
  };

  const std::vector<Case> cases = {
      {R"("1.0")", R"("2.0")", ErrorKind::kUnsupported, "version"},
      {R"("1.0")", "1", ErrorKind::kCorrupt, "version"},
      {R"("truncation": null)", R"("truncation": 5)", ErrorKind::kCorrupt, "truncation"},
      {R"("truncation": null)", R"("truncation": {"max_length": 0, "strategy": "LongestFirst"})",
       ErrorKind::kCorrupt, "max_length"},
      {R"("truncation": null)", R"("truncation": {"max_length": 9, "strategy": "Longest"})",
       ErrorKind::kCorrupt, "strategy"},
      {R"("padding": null)", R"("padding": "yes")", ErrorKind::kCorrupt, "padding"},
      {R"("id": 1, "content")", R"("id": -1, "content")", ErrorKind::kCorrupt,
       "added_tokens[0].id"},
      {R"("content": "[CLS]", )", "", ErrorKind::kNotFound, "content"},
      {R"("lstrip": false)", R"("lstrip": "no")", ErrorKind::kCorrupt, "lstrip"},
      {R"("BertNormalizer")", R"("Germ")", ErrorKind::kUnsupported, "'Germ'"},
      {R"("BertNormalizer")", "7", ErrorKind::kCorrupt, "normalizer"},
      {R"("clean_text": true)", R"("clean_text": 1)", ErrorKind::kCorrupt, "clean_text"},
      {R"({"type": "BertPreTokenizer"})", R"({"type": "Sorcery"})", ErrorKind::kUnsupported,
       "pre_tokenizer"},
      {R"({"type": "BertPreTokenizer"})", R"([])", ErrorKind::kCorrupt, "pre_tokenizer"},
      {R"("TemplateProcessing")", R"("Sorcery")", ErrorKind::kUnsupported, "post_processor"},
      {R"("id": "A")", R"("id": "C")", ErrorKind::kCorrupt, "'C'"},
      {R"("id": "A")", R"("id": "B")", ErrorKind::kCorrupt, "text B"},
      {R"({"id": "[CLS]", "type_id": 0})", R"({"id": "[SEP]", "type_id": 0})", ErrorKind::kCorrupt,
       "'[SEP]'"},
      {R"("ids": [1])", R"("ids": [1, 2])", ErrorKind::kCorrupt, "as many ids as tokens"},
      {R"("ids": [1])", R"("ids": [77])", ErrorKind::kCorrupt, "77"},
      {R"({"type": "WordPiece", "prefix")", R"({"type": "Morse", "prefix")",
       ErrorKind::kUnsupported, "decoder"},
      {R"({"type": "WordPiece", "unk)", R"({"type": "Sorcery", "unk)", ErrorKind::kUnsupported,
       "'Sorcery'"},
      {R"({"type": "WordPiece", "unk)", R"({"type": "BPE", "unk)", ErrorKind::kNotFound, "merges"},
      {R"("##able": 3)", R"("##able": -3)", ErrorKind::kCorrupt, "vocab"},
      {R"("##able": 3)", R"("##able": 4294967296)", ErrorKind::kCorrupt, "vocab"},
      {R"("##able": 3)", R"("##able": 3.5)", ErrorKind::kCorrupt, "vocab"},
      {R"("##able": 3)", R"("##able": 2)", ErrorKind::kCorrupt, "same id 2"},
      {R"("##able": 3)", R"("un": 3)", ErrorKind::kCorrupt, "occurs twice"},
      {R"("vocab": {)", R"("vocabulary": {)", ErrorKind::kNotFound, "vocab"},
      {R"("max_input_chars_per_word": 100)", R"("max_input_chars_per_word": -1)",
       ErrorKind::kCorrupt, "max_input_chars_per_word"},
      {R"("model": {)", R"("models": {)", ErrorKind::kNotFound, "model"},
  };
  for (const Case& c : cases) {
    try {
      from_json(small_json(c.from, c.to));
      ADD_FAILURE() << c.from << " -> " << c.to << ": no error";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), c.kind) << error.what();
      EXPECT_NE(std::string(error.what()).find(c.message), std::string::npos) << error.what();
      EXPECT_EQ(std::string(error.what()).find("tokenizer.json"), 0u) << error.what();
    }
  }
}

TEST(TokenizerJson, IsRefusedWhenCutAnywhere) {
  const std::string whole = small_json();
  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_THROW(from_json(whole.substr(0, length)), Error) << length;
  }
}

TEST(TokenizerJson, AllowsHolesInTheVocabulary) {
  const auto tokenizer = from_json(small_json(R"("##able": 3)", R"("##able": 9)"));
  EXPECT_EQ(tokenizer->vocab_size(), 10u);
  EXPECT_EQ(tokenizer->id_to_token(3), std::nullopt);
  EXPECT_EQ(ids_of(*tokenizer, "unable"), (std::vector<std::int32_t>{1, 2, 9}));
}

TEST(TokenizerJson, FailsOnAnUnknownWordOnlyWhenItMeetsOne) {
  const auto tokenizer = from_json(small_json(R"("unk_token": "[UNK]")", R"("unk_token": "<u>")"));
  EXPECT_EQ(ids_of(*tokenizer, "unable"), (std::vector<std::int32_t>{1, 2, 3}));
  EXPECT_THROW(ids_of(*tokenizer, "zebra"), Error);
  std::vector<std::int32_t> ids;
  EXPECT_THROW(tokenizer->encode_ids("zebra", {}, ids), Error);
}

class VocabTxt : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(testing::TempDir()) /
              ("vocab_txt_" + std::to_string(::getpid()) + "_" +
               testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::create_directories(folder_);
  }

  void TearDown() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& name, std::string_view text) {
    std::ofstream(folder_ / name, std::ios::binary) << text;
  }

  std::filesystem::path folder_;
};

constexpr const char* kLines =
    "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nhello\n##s\nwörld\nworld\nHello\n日本\n日\n本\nworld\n";

TEST_F(VocabTxt, IsReadWithoutSettings) {
  write("vocab.txt", kLines);
  const auto tokenizer = open_tokenizer(folder_);
  EXPECT_EQ(ids_of(*tokenizer, "Hellos WÖRLD 日本 [MASK]"),
            (std::vector<std::int32_t>{2, 5, 6, 13, 11, 12, 4, 3}));
  EXPECT_EQ(tokenizer->encode_pair("hello", "world").type_ids,
            (std::vector<std::int32_t>{0, 0, 0, 1, 1}));
  EXPECT_EQ(ids_of(*open_tokenizer(folder_ / "vocab.txt"), "hello"),
            (std::vector<std::int32_t>{2, 5, 3}));
}

TEST_F(VocabTxt, ObeysTokenizerConfig) {
  write("vocab.txt", kLines);
  write("tokenizer_config.json",
        R"({"do_lower_case": false, "tokenize_chinese_chars": false, "mask_token": "<mask>"})");
  write("added_tokens.json", R"({"new": 15, "<mask>": 14})");
  const auto tokenizer = open_tokenizer(folder_);
  EXPECT_EQ(ids_of(*tokenizer, "Hello wörld 日本 <mask>new"),
            (std::vector<std::int32_t>{2, 9, 7, 10, 13, 14, 3}));
}

TEST_F(VocabTxt, MustHoldTheSpecialTokens) {
  write("vocab.txt", "[UNK]\nhello\n");
  try {
    open_tokenizer(folder_);
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("'[CLS]'"), std::string::npos) << error.what();
  }
  write("vocab.txt", "[UNK]\n\xFF\n");
  EXPECT_THROW(open_tokenizer(folder_), Error);
  write("vocab.txt", "");
  EXPECT_THROW(open_tokenizer(folder_), Error);
}

TEST_F(VocabTxt, FolderWithoutTokenizerNamesWhatItHolds) {
  write("readme.md", "");
  try {
    open_tokenizer(folder_);
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kNotFound);
    EXPECT_NE(std::string(error.what()).find("readme.md"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace firth
