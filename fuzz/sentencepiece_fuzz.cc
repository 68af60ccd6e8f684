// Any bytes as a SentencePiece model: an Error, or a tokenizer that survives texts and agrees with
// itself.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "firth/text/sentencepiece.h"
#include "fuzz/refusal.h"

namespace {

void use(const firth::Tokenizer& tokenizer, std::string_view text) {
  const firth::Encoding encoding = tokenizer.encode(text);
  std::vector<std::int32_t> ids;
  tokenizer.encode_ids(text, {}, ids);
  if (ids != encoding.ids) std::abort();
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (ids[i] < 0 || static_cast<std::size_t>(ids[i]) >= tokenizer.vocab_size()) std::abort();
    const auto span = encoding.offsets[i];
    if (span.begin > span.end || span.end > text.size()) std::abort();
  }
  tokenizer.decode(ids);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  firth::read_or_refuse([&] {
    const firth::Pipeline tokenizer(
        firth::make_sentencepiece(firth::SentencePieceModel::parse(bytes, "x.model")));
    use(tokenizer, "  The <s> quick caf\u00e9\u0301 \u65e5\u672c,\u2581 a a\n 1.5 \xFF\xE2\x82 ");
    use(tokenizer, bytes.substr(0, 256));
    use(tokenizer, bytes.substr(bytes.size() - std::min<std::size_t>(bytes.size(), 256)));
  });
  return 0;
}
