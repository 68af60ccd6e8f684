// SentencePiece files beside the program's own results, and files as they should not be.
#include "firth/text/sentencepiece.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "firth/core/error.h"
#include "firth/io/file.h"
#include "firth/io/test_folder.h"
#include "firth/text/fixtures_test.h"

namespace firth {
namespace {

std::string path_of(const std::string& name) {
  return std::string(FIRTH_SOURCE_DIR) + "/tests/fixtures/sentencepiece/" + name;
}

class SentencePieceFile : public testing::TestWithParam<const char*> {};

TEST_P(SentencePieceFile, GivesWhatTheProgramGives) {
  const std::string name = GetParam();
  const auto tokenizer = open_tokenizer(path_of(name + ".model"));
  const auto state = tokenizer->make_state();
  for_each_case_in(path_of(name + ".jsonl.gz"), [&](const Json& item) {
    const std::string_view text = item.at("text").as_string();
    SCOPED_TRACE(quoted(text));
    const Encoding got = tokenizer->encode(text);
    const auto ids = item.at("ids").elements();
    ASSERT_EQ(got.ids.size(), ids.size());
    // The bytes of a character all have its place here; sentencepiece gives it to the last one.
    const bool bytes = name.ends_with("bytes");
    for (std::size_t i = 0; i < ids.size(); ++i) {
      EXPECT_EQ(got.ids[i], ids[i].as_int());
      EXPECT_EQ(got.tokens[i], item.at("tokens").at(i).as_string());
      const Json place = item.at("offsets").at(i);
      if (!bytes) {
        EXPECT_EQ(got.offsets[i].begin, place.at(std::size_t{0}).as_uint());
        EXPECT_EQ(got.offsets[i].end, place.at(std::size_t{1}).as_uint());
      }
    }
    std::vector<std::int32_t> fast;
    tokenizer->encode_ids(text, {}, *state, fast);
    EXPECT_EQ(fast, got.ids);
    EXPECT_EQ(tokenizer->decode(got.ids, false), item.at("decoded").as_string());
  });
}

INSTANTIATE_TEST_SUITE_P(SentencePiece, SentencePieceFile,
                         testing::Values("unigram", "unigram-bytes", "unigram-suffix", "bpe",
                                         "bpe-bytes", "char", "word"),
                         [](const auto& param) {
                           std::string name = param.param;
                           std::erase(name, '-');
                           return name;
                         });

// A field of a message: its tag, and its value as protobuf writes it.
std::string field(int number, std::string_view bytes) {
  std::string out;
  out += static_cast<char>(number << 3 | 2);
  out += static_cast<char>(bytes.size());
  return out += bytes;
}

std::string piece(std::string_view text, char type) {
  return field(1, field(1, text) + '\x15' + std::string(4, '\0') + '\x18' + type);
}

void expect_refused(const std::string& bytes, ErrorKind kind, std::string_view message) {
  try {
    make_sentencepiece(SentencePieceModel::parse(bytes, "x.model"));
    ADD_FAILURE() << message << ": no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), kind) << error.what();
    EXPECT_NE(std::string(error.what()).find(message), std::string::npos) << error.what();
    EXPECT_EQ(std::string(error.what()).find("x.model"), 0u) << error.what();
  }
}

TEST(SentencePieceModel, RefusesWhatItIsNot) {
  const std::string unk = piece("<unk>", 2);
  const std::string good = unk + piece("a", 1);
  EXPECT_EQ(SentencePieceModel::parse(good, "x.model").pieces.size(), 2u);
  expect_refused("", ErrorKind::kCorrupt, "one unknown piece, found 0");
  expect_refused(piece("a", 1), ErrorKind::kCorrupt, "one unknown piece, found 0");
  expect_refused(unk + piece("<u>", 2), ErrorKind::kCorrupt, "one unknown piece, found 2");
  expect_refused(good + piece("a", 4), ErrorKind::kCorrupt, "'a' occurs twice");
  expect_refused(good + piece("", 1), ErrorKind::kCorrupt, "not empty");
  expect_refused(good + piece("\xFF", 1), ErrorKind::kCorrupt, "not UTF-8");
  expect_refused(good + piece("b", 7), ErrorKind::kUnsupported, "a type from 1 to 6, found 7");
  expect_refused(good + piece("<0x41>", 6), ErrorKind::kCorrupt, "without byte_fallback");
  expect_refused(good + field(2, "\x98\x02\x01"), ErrorKind::kCorrupt, "256 byte pieces");
  expect_refused(good + field(2, "\x18\x09"), ErrorKind::kUnsupported, "model type 9");
  expect_refused(good + field(3, field(2, "abc")), ErrorKind::kCorrupt, "charsmap");
  expect_refused(good + field(3, field(2, "\xFF\xFF\xFF\xFF....")), ErrorKind::kCorrupt,
                 "charsmap");
  expect_refused(good + "\x0A\x7F", ErrorKind::kCorrupt, "beyond its message");
  expect_refused(good + std::string("\x0A\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01", 11),
                 ErrorKind::kCorrupt, "beyond its message");
  expect_refused(good + std::string(12, '\xFF'), ErrorKind::kCorrupt, "more than ten bytes");
  expect_refused(good + "\x0B", ErrorKind::kCorrupt, "wire type 3");
  expect_refused(good + "\x08\x01", ErrorKind::kCorrupt, "wire type 2, found 0");
  expect_refused(good + field(1, field(1, "b") + "\x15\x01"), ErrorKind::kCorrupt, "beyond");
  expect_refused(good + field(1, field(1, "b") + std::string("\x15\0\0\xC0\x7F", 5)),
                 ErrorKind::kCorrupt, "finite score");
}

// As transformers 5.23 tokenizes with the same file and class.
TEST(SentencePieceFolder, FollowsTheTokenizersClass) {
  struct Case {
    std::string model;
    std::string config;
    std::vector<std::int32_t> ids;
  };

  const Case cases[] = {
      {"unigram",
       R"({"tokenizer_class": "XLMRobertaTokenizerFast", "mask_token": {"content": "<mask>",
           "lstrip": true, "normalized": false, "rstrip": false, "single_word": false}})",
       {0, 108, 601, 210, 9, 2, 60, 51, 2}},
      {"unigram",
       R"({"tokenizer_class": "CamembertTokenizer"})",
       {5, 111, 604, 213, 12, 6, 63, 54, 6}},
      {"unigram",
       R"({"tokenizer_class": "T5Tokenizer"})",
       {107, 3, 2, 18, 22, 5, 41, 2, 209, 8, 2, 59, 50, 2}},
      {"bpe-bytes",
       R"({"tokenizer_class": "LlamaTokenizer", "add_bos_token": true})",
       {1, 687, 409, 687, 63, 699, 284, 712, 65, 289, 270, 2, 687, 263, 270}},
      // No class: as the program sentencepiece.
      {"unigram", "{}", {107, 3, 0, 18, 22, 5, 41, 0, 209, 8, 0, 5, 0, 59, 50}},
  };
  const TestFolder folder;
  for (const Case& c : cases) {
    folder.write("tokenizer.model", read_file(path_of(c.model + ".model")));
    folder.write("tokenizer_config.json", c.config);
    std::vector<std::int32_t> ids;
    open_tokenizer(folder.path())->encode_ids("  The <mask> cat</s>  sat", {}, ids);
    EXPECT_EQ(ids, c.ids) << c.config;
  }
  folder.write("tokenizer_config.json", R"({"tokenizer_class": "PegasusTokenizer"})");
  EXPECT_THROW(open_tokenizer(folder.path()), Error);
}

TEST(SentencePieceModel, IsReadOrRefusedWhenCutAnywhere) {
  const std::string whole = read_file(path_of("bpe.model"));
  for (std::size_t length = 0; length < whole.size(); length += 1 + length / 64) {
    try {
      make_sentencepiece(SentencePieceModel::parse(whole.substr(0, length), "x.model"));
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kCorrupt) << error.what();
    }
  }
}

}  // namespace
}  // namespace firth
