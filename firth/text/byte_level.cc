// Spelling, cutting and joining bytes.
#include "firth/text/byte_level.h"

#include <utility>

namespace firth {
namespace {

constexpr char32_t kFirstStandIn = 0x100;
constexpr std::size_t kNumCharacters = 0x100 + 68;

constexpr bool prints(std::size_t byte) {
  return (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
}

struct ByteAlphabet {
  std::array<char32_t, 256> characters{};
  std::array<std::int16_t, kNumCharacters> bytes{};  // -1 = none
};

constexpr ByteAlphabet make_alphabet() {
  ByteAlphabet alphabet;
  alphabet.bytes.fill(-1);
  char32_t next = kFirstStandIn;
  for (std::size_t byte = 0; byte < 256; ++byte) {
    const char32_t c = prints(byte) ? static_cast<char32_t>(byte) : next++;
    alphabet.characters[byte] = c;
    alphabet.bytes[c] = static_cast<std::int16_t>(byte);
  }
  return alphabet;
}

constexpr ByteAlphabet kAlphabet = make_alphabet();

bool flag_or(const Json& spec, std::string_view name, bool otherwise) {
  const std::optional<Json> field = spec.find(name);
  return field ? field->as_bool() : otherwise;
}

// Appends the spelling of bytes [begin, end), each with the place of its byte.
void append_spelling(const NormalizedText& from, std::size_t begin, std::size_t end,
                     PreTokenizedText& out) {
  const std::size_t start = out.text.size();
  const std::string& text = from.text();
  for (std::size_t i = begin; i < end; ++i) {
    char spelling[4];
    const std::size_t n = encode_utf8(byte_character(static_cast<std::uint8_t>(text[i])), spelling);
    out.text.append(std::string_view(spelling, n), from, i);
  }
  if (start < out.text.size()) out.pieces.push_back({start, out.text.size(), std::nullopt});
}

}  // namespace

char32_t byte_character(std::uint8_t byte) {
  return kAlphabet.characters[byte];
}

std::optional<std::uint8_t> character_byte(char32_t c) {
  if (c >= kNumCharacters || kAlphabet.bytes[c] < 0) return std::nullopt;
  return static_cast<std::uint8_t>(kAlphabet.bytes[c]);
}

std::optional<std::string> spelled_bytes(std::string_view spelling) {
  std::string bytes;
  bytes.reserve(spelling.size());
  for (const char* p = spelling.data(); p != spelling.data() + spelling.size();) {
    const std::optional<std::uint8_t> byte = character_byte(decode_utf8(p));
    if (!byte) return std::nullopt;
    bytes.push_back(static_cast<char>(*byte));
  }
  return bytes;
}

std::string spell_bytes(std::string_view bytes) {
  std::string spelling;
  for (const char byte : bytes)
    append_utf8(byte_character(static_cast<std::uint8_t>(byte)), spelling);
  return spelling;
}

ByteLevelOptions read_byte_level_options(const Json& spec) {
  return {.add_prefix_space = spec.at("add_prefix_space").as_bool(),
          .trim_offsets = spec.at("trim_offsets").as_bool(),
          .use_regex = flag_or(spec, "use_regex", true)};
}

void ByteLevelPreTokenizer::pre_tokenize(PreTokenizedText& text) const {
  if (options_.add_prefix_space) {
    rewrite_pieces(text, [](const NormalizedText& from, const Piece& piece, PreTokenizedText& out) {
      const std::size_t begin = out.text.size();
      if (from.text()[piece.begin] != ' ') out.text.append(" ", from, piece.begin);
      out.text.append(from, piece.begin, piece.end);
      out.pieces.push_back({begin, out.text.size(), std::nullopt});
    });
  }
  if (options_.use_regex) {
    split_pieces(text, SplitBehavior::kIsolated,
                 [](std::string_view piece, std::vector<PatternPart>& parts) {
                   TextPattern(kGpt2Pattern).find_parts(piece, parts);
                 });
  }
  rewrite_pieces(text, [](const NormalizedText& from, const Piece& piece, PreTokenizedText& out) {
    append_spelling(from, piece.begin, piece.end, out);
  });
}

void SplitPreTokenizer::pre_tokenize(PreTokenizedText& text) const {
  split_pieces(text, behavior_, [this](std::string_view piece, std::vector<PatternPart>& parts) {
    pattern_.find_parts(piece, parts);
    if (invert_) {
      for (PatternPart& part : parts) part.is_match = !part.is_match;
    }
  });
}

std::optional<ByteWords> byte_words_of(const PreTokenizer* pre_tokenizer) {
  if (const auto* alone = dynamic_cast<const ByteLevelPreTokenizer*>(pre_tokenizer)) {
    if (!alone->options().use_regex) return std::nullopt;
    return ByteWords{kGpt2Pattern, alone->options().add_prefix_space};
  }
  const auto* sequence = dynamic_cast<const PreTokenizerSequence*>(pre_tokenizer);
  if (sequence == nullptr || sequence->parts().size() != 2) return std::nullopt;
  const auto* split = dynamic_cast<const SplitPreTokenizer*>(sequence->parts()[0].get());
  const auto* bytes = dynamic_cast<const ByteLevelPreTokenizer*>(sequence->parts()[1].get());
  if (split == nullptr || bytes == nullptr || !split->isolates_matches() ||
      !split->pattern().words() || bytes->options().use_regex ||
      bytes->options().add_prefix_space) {
    return std::nullopt;
  }
  return ByteWords{*split->pattern().words(), false};
}

bool SplitPreTokenizer::isolates_matches() const {
  return behavior_ == SplitBehavior::kIsolated || (behavior_ == SplitBehavior::kRemoved && invert_);
}

void ByteLevelDecoder::decode(std::vector<std::string>& tokens) const {
  std::string bytes;
  for (const std::string& token : tokens) {
    const std::optional<std::string> spelled = spelled_bytes(token);
    bytes += spelled ? *spelled : token;
  }
  if (!is_valid_utf8(bytes)) bytes = replace_invalid_utf8(bytes);
  tokens.clear();
  tokens.push_back(std::move(bytes));
}

void BpeDecoder::decode(std::vector<std::string>& tokens) const {
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    replace_all(tokens[i], suffix_, i + 1 < tokens.size() ? " " : "");
  }
}

}  // namespace firth
