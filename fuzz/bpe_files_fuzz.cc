// merges.txt and .tiktoken ranks: what is accepted must tokenize, and give ids inside its
// vocabulary. The first byte says which of the two it is.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "firth/text/bpe.h"
#include "firth/text/bpe_files.h"
#include "fuzz/refusal.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  firth::read_or_refuse([&] {
    if (data[0] % 2 == 0) {
      const firth::Pipeline tokenizer(firth::read_tiktoken(text, "cl100k.tiktoken"));
      for (const std::int32_t id : tokenizer.encode("the cat, caf\u00e9", {}).ids) {
        if (id < 0 || static_cast<std::size_t>(id) >= tokenizer.vocab_size()) std::abort();
      }
      return;
    }
    auto vocabulary =
        firth::Vocabulary::from_list({"a", "b", "c", "ab", "abc", "bc", "aa", "aaaa"});
    firth::MergeTable merges = firth::read_merges_txt(text, vocabulary, "merges.txt");
    const firth::Bpe model(std::move(vocabulary), std::move(merges), {});
    std::vector<firth::ModelToken> tokens;
    model.tokenize("abcabcaaaaaaaaabbc", tokens);
    std::size_t end = 0;
    for (const firth::ModelToken& token : tokens) {
      if (token.begin != end) std::abort();
      end = token.end;
    }
    if (end != 18) std::abort();
  });
  return 0;
}
