// A tokenizer.json: what is accepted must tokenize, and give ids inside its vocabulary.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "firth/io/json.h"
#include "firth/text/pipeline.h"
#include "firth/text/tokenizer_files.h"
#include "fuzz/refusal.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  firth::read_or_refuse([&] {
    const auto document = firth::JsonDocument::parse(text, "input");
    const firth::Pipeline tokenizer(firth::read_tokenizer_json(document.root(), "input"));
    const auto encoding =
        tokenizer.encode("The caf\u00e9's \u4e2d\u6587 [MASK]\U0001F600 \xff end.", {});
    for (const std::int32_t id : encoding.ids) {
      if (id < 0 || static_cast<std::size_t>(id) >= tokenizer.vocab_size()) std::abort();
    }
    tokenizer.decode(encoding.ids, false);
  });
  return 0;
}
