// A vocab.txt: what is accepted must tokenize, and give ids inside its vocabulary.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "firth/text/pipeline.h"
#include "firth/text/tokenizer_files.h"
#include "fuzz/refusal.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  firth::read_or_refuse([&] {
    const firth::Pipeline tokenizer(firth::read_vocab_txt(text, {}, "input"));
    for (const std::int32_t id : tokenizer.encode("the cat [MASK] sat\u00e9", {}).ids) {
      if (id < 0 || static_cast<std::size_t>(id) >= tokenizer.vocab_size()) std::abort();
    }
  });
  return 0;
}
