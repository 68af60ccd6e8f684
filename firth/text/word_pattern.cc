// The spellings, and the scanners for callers without a loop of their own.
#include "firth/text/word_pattern.h"

#include <array>

#include "firth/text/word_scanner.h"

namespace firth {
namespace {

struct Spelling {
  std::string_view expression;
  WordPattern pattern;
};

constexpr std::array<Spelling, 8> kSpellings = {{
    // GPT-2, RoBERTa; then as tiktoken spells it.
    {R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)", kGpt2Pattern},
    {R"('(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s)",
     kGpt2Pattern},
    // GPT-4, Llama 3, Phi 4, GLM 4.
    {R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
     kCl100kPattern},
    {R"('(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s)",
     kTiktokenCl100kPattern},
    // Qwen 2, 2.5, 3.
    {R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
     kQwen2Pattern},
    {R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
     kQwenMarksPattern},
    // GPT-4o, gpt-oss, Llama 4.
    {R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
     kO200kPattern},
    // Mistral Nemo and later.
    {R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
     kTekkenPattern},
}};

constexpr std::array<std::uint8_t, 128> make_ascii_categories() {
  std::array<std::uint8_t, 128> table{};
  for (std::size_t c = 0; c < table.size(); ++c) {
    const auto byte = static_cast<char>(c);
    CharCategory category = CharCategory::kPunctuation;
    if (c < 0x20 || c == 0x7F) {
      category = c >= '\t' && c <= '\r' ? CharCategory::kSpace : CharCategory::kOther;
    } else if (byte == ' ') {
      category = CharCategory::kSpace;
    } else if (byte >= 'A' && byte <= 'Z') {
      category = CharCategory::kUpper;
    } else if (byte >= 'a' && byte <= 'z') {
      category = CharCategory::kLower;
    } else if (byte >= '0' && byte <= '9') {
      category = CharCategory::kNumber;
    } else if (std::string_view("$+<=>^`|~").find(byte) != std::string_view::npos) {
      category = CharCategory::kSymbol;
    }
    table[c] = static_cast<std::uint8_t>(category);
  }
  return table;
}

}  // namespace

constexpr std::array<std::uint8_t, 128> internal::kAsciiCategories = make_ascii_categories();

std::optional<WordPattern> find_word_pattern(std::string_view expression) {
  for (const Spelling& spelling : kSpellings) {
    if (spelling.expression == expression) return spelling.pattern;
  }
  return std::nullopt;
}

std::size_t word_length(const WordPattern& pattern, std::string_view text, std::size_t begin) {
  const char* const p = text.data() + begin;
  return with_word_pattern(pattern, [&](auto tag) {
    const WordScanner<decltype(tag)::pattern()> scanner(text.data() + text.size());
    return static_cast<std::size_t>(scanner.next(p) - p);
  });
}

}  // namespace firth
