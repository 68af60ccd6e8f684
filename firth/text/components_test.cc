// Single parts against the reference: on its texts, and on every code point.
#include <gtest/gtest.h>

#include <cstdlib>

#include "firth/core/error.h"
#include "firth/text/decoder.h"
#include "firth/text/fixtures_test.h"
#include "firth/text/normalizer.h"
#include "firth/text/pre_tokenizer.h"

namespace firth {
namespace {

std::string normalize(const Normalizer& normalizer, std::string_view text) {
  NormalizedText normalized(text);
  normalizer.normalize(normalized);
  return normalized.text();
}

PreTokenizedText pre_tokenize(const PreTokenizer& pre_tokenizer, std::string_view text) {
  PreTokenizedText result{NormalizedText(text), {}};
  if (!text.empty()) {
    result.pieces.push_back({0, text.size(), std::nullopt});
  }
  pre_tokenizer.pre_tokenize(result);
  return result;
}

std::string_view piece_text(const PreTokenizedText& text, const Piece& piece) {
  return std::string_view(text.text.text()).substr(piece.begin, piece.end - piece.begin);
}

void check_normalizer(const Json& item) {
  const auto normalizer = make_normalizer(item.at("spec"));
  for (const Json& pair : item.at("cases").elements()) {
    const std::string_view text = pair.at(std::size_t{0}).as_string();
    EXPECT_EQ(normalize(*normalizer, text), pair.at(std::size_t{1}).as_string()) << quoted(text);
  }
}

void check_pre_tokenizer(const Json& item) {
  const auto pre_tokenizer = make_pre_tokenizer(item.at("spec"));
  for (const Json& pair : item.at("cases").elements()) {
    const std::string_view text = pair.at(std::size_t{0}).as_string();
    const PreTokenizedText result = pre_tokenize(*pre_tokenizer, text);
    const auto expected = pair.at(std::size_t{1}).elements();
    ASSERT_EQ(result.pieces.size(), expected.size()) << quoted(text);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      const Piece& piece = result.pieces[i];
      EXPECT_EQ(piece_text(result, piece), expected[i].at(std::size_t{0}).as_string());
      const Json span = expected[i].at(std::size_t{1});
      EXPECT_EQ(result.text.original(piece.begin, piece.end),
                (TokenSpan{static_cast<std::uint32_t>(span.at(std::size_t{0}).as_uint()),
                           static_cast<std::uint32_t>(span.at(std::size_t{1}).as_uint())}));
    }
  }
}

void check_decoder(const Json& item) {
  const auto decoder = make_decoder(item.at("spec"));
  for (const Json& pair : item.at("cases").elements()) {
    std::vector<std::string> tokens;
    for (const Json& token : pair.at(std::size_t{0}).elements()) {
      tokens.emplace_back(token.as_string());
    }
    decoder->decode(tokens);
    std::string text;
    for (const std::string& token : tokens) {
      text += token;
    }
    EXPECT_EQ(text, pair.at(std::size_t{1}).as_string());
  }
}

int check_components(const std::string& path) {
  int num_checked = 0;
  for_each_case_in(path, [&](const Json& item) {
    const std::string_view kind = item.at("kind").as_string();
    SCOPED_TRACE(path + ", spec " + std::to_string(++num_checked) + ", a " +
                 std::string(item.at("spec").at("type").as_string()));
    kind == "normalizer"      ? check_normalizer(item)
    : kind == "pre_tokenizer" ? check_pre_tokenizer(item)
                              : check_decoder(item);
  });
  return num_checked;
}

TEST(Components, GiveWhatTheReferenceGives) {
  EXPECT_EQ(check_components(fixture_path("components.jsonl.gz")), 13 + 12 + 7);
}

// Cases that tests/peers/component_cases.py has made.
TEST(Components, GiveWhatTheReferenceGivesForRandomSpecs) {
  const char* const path = std::getenv("FIRTH_COMPONENT_CASES");
  if (path == nullptr) {
    GTEST_SKIP() << "FIRTH_COMPONENT_CASES names no file";
  }
  check_components(path);
}

class Fnv1a {
 public:
  void add(std::string_view bytes) {
    for (const char byte : bytes) {
      value_ = (value_ ^ static_cast<unsigned char>(byte)) * 0x100000001B3u;
    }
  }

  std::string hex() const {
    char digits[17];
    std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(value_));
    return digits;
  }

 private:
  std::uint64_t value_ = 0xCBF29CE484222325u;
};

// The planes that Unicode fills, tags, and a private one; the rest of the fixture is alike.
bool is_block_of_interest(char32_t begin) {
  return begin < 0x20000 || begin == 0x2F000 || begin == 0xE0000 || begin == 0x10F000;
}

// Block by block as scripts/make_code_point_fixture.py does.
template <class Result>
void expect_hashes(const Json& expected, Result&& result_of) {
  constexpr char32_t kBlock = 4096;
  for (char32_t begin = 0; begin < 0x110000; begin += kBlock) {
    if (!is_block_of_interest(begin)) {
      continue;
    }
    Fnv1a hash;
    for (char32_t c = begin; c < begin + kBlock; ++c) {
      if (c >= 0xD800 && c < 0xE000) {
        continue;
      }
      std::string alone;
      append_utf8(c, alone);
      for (const std::string& text : {alone, "A" + alone + "\u0301\u0323" + alone + "b"}) {
        hash.add(result_of(text));
        hash.add("\n");
      }
    }
    EXPECT_EQ(hash.hex(), expected.at(begin / kBlock).as_string())
        << "code points from " << std::uint32_t{begin};
  }
}

TEST(Components, TreatEveryCodePointAsTheReferenceDoes) {
  const JsonDocument document = JsonDocument::read(fixture_path("code_points.json"));
  for (const Json& entry : document.root().elements()) {
    const Json spec = entry.at("spec");
    SCOPED_TRACE(spec.at("type").as_string());
    if (entry.at("kind").as_string() == "normalizer") {
      const auto part = make_normalizer(spec);
      expect_hashes(entry.at("hashes"),
                    [&](const std::string& text) { return normalize(*part, text); });
    } else {
      const auto part = make_pre_tokenizer(spec);
      expect_hashes(entry.at("hashes"), [&](const std::string& text) {
        const PreTokenizedText result = pre_tokenize(*part, text);
        std::string joined;
        for (const Piece& piece : result.pieces) {
          joined += &piece == result.pieces.data() ? "" : "\x1f";
          joined += piece_text(result, piece);
        }
        return joined;
      });
    }
  }
}

}  // namespace
}  // namespace firth
