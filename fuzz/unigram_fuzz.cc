// Any bytes as text for Unigram tokenizers: the fast path gives the ids of the one that follows
// every character, offsets stay inside the text, and decoding takes what comes.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "firth/text/tokenizer.h"

namespace {

void check(const firth::Tokenizer& tokenizer, firth::Tokenizer::State& state,
           std::string_view text) {
  std::vector<std::int32_t> ids;
  tokenizer.encode_ids(text, {}, state, ids);
  const firth::Encoding encoding = tokenizer.encode(text);
  if (ids != encoding.ids || encoding.offsets.size() != ids.size()) std::abort();
  for (const auto& span : encoding.offsets) {
    if (span.begin > span.end || span.end > text.size()) std::abort();
  }
  tokenizer.decode(ids);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto kRoberta =
      firth::open_tokenizer(FIRTH_SOURCE_DIR "/tests/fixtures/tokenizers/xlmr-small");
  static const auto kBytes =
      firth::open_tokenizer(FIRTH_SOURCE_DIR "/tests/fixtures/tokenizers/unigram-bytes");
  static const auto kRobertaState = kRoberta->make_state();
  static const auto kBytesState = kBytes->make_state();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check(*kRoberta, *kRobertaState, text);
  check(*kBytes, *kBytesState, text);
  return 0;
}
