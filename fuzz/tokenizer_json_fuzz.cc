// Any bytes as tokenizer.json: an Error, or a tokenizer that survives texts and agrees with itself.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "firth/text/tokenizer_files.h"
#include "fuzz/refusal.h"

namespace {

void use(const firth::Tokenizer& tokenizer, std::string_view text) {
  const firth::Encoding encoding = tokenizer.encode(text);
  std::vector<std::int32_t> ids;
  tokenizer.encode_ids(text, {}, ids);
  if (ids != encoding.ids) {
    std::abort();
  }
  for (const std::int32_t id : ids) {
    if (id < 0 || static_cast<std::size_t>(id) >= tokenizer.vocab_size()) {
      std::abort();
    }
  }
  tokenizer.encode_pair(text, text, {.max_length = 9});
  tokenizer.decode(ids);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  firth::read_or_refuse([&] {
    const firth::JsonDocument document = firth::JsonDocument::parse(bytes, "tokenizer.json");
    const firth::Pipeline tokenizer(firth::read_tokenizer_json(document.root(), "tokenizer.json"));
    use(tokenizer, "The [CLS] unaffable caf\u00e9\u0301 \u65e5\u672c, [SEP]\n 1.5 \xFF\xE2\x82");
    use(tokenizer, bytes.substr(0, 512));
  });
  return 0;
}
