// Any bytes as text: the one-pass encoder must give the ids of the parts in turn, under every
// setting of the normalizer (chosen by the first byte).
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <vector>

#include "firth/core/error.h"
#include "firth/text/tokenizer_files.h"

namespace {

constexpr std::string_view kVocabulary =
    "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\nc\nd\ne\ni\nn\nt\ns\nthe\nab\nabc\n##a\n##b\n##c\n##"
    "ab\n"
    "##abc\n##e\n##i\n##n\n##t\n##s\nin\n##ing\n.\n,\n!\n-\n[\n]\n#\n1\n2\n##1\n##2\n日\n本\né\n##"
    "é\nΣ\nσ\n"
    "##σ\nя\n##я\nᄀ\nᅡ\n##ᅡ\nı\n##̇\n😀\n##😀\nabcdefghijklmnop\nabcdefghijklmnopq\n";

std::unique_ptr<const firth::Pipeline> make_tokenizer(unsigned settings) {
  firth::BertTokenizerConfig config;
  config.added_tokens = {config.unk, config.sep, config.pad, config.cls, config.mask};
  firth::TokenizerParts parts = firth::read_vocab_txt(kVocabulary, config, "vocab.txt");
  firth::BertNormalizerOptions options{.clean_text = (settings & 1) == 0,
                                       .handle_chinese_chars = (settings & 2) == 0,
                                       .strip_accents = std::nullopt,
                                       .lowercase = (settings & 4) == 0};
  if ((settings & 8) != 0) {
    options.strip_accents = (settings & 16) != 0;
  }
  parts.normalizer = std::make_unique<firth::BertNormalizer>(options);
  return std::make_unique<firth::Pipeline>(std::move(parts));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static std::array<std::unique_ptr<const firth::Pipeline>, 32> tokenizers;
  if (size == 0) {
    return 0;
  }
  auto& tokenizer = tokenizers[data[0] % tokenizers.size()];
  if (!tokenizer) {
    tokenizer = make_tokenizer(data[0] % tokenizers.size());
  }
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const firth::EncodeOptions options{.max_length = data[0] / 32u == 0 ? 0u : 2u + data[0] / 32u};
  const firth::Encoding encoding = tokenizer->encode(text, options);
  std::vector<std::int32_t> ids;
  const firth::EncodeStats stats = tokenizer->encode_ids(text, options, ids);
  if (ids != encoding.ids || stats.full_length < ids.size()) {
    std::abort();
  }
  tokenizer->decode(ids, true);
  return 0;
}
