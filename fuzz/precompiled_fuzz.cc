// Any bytes as a precompiled character map: an Error, or a normalizer that keeps texts valid and
// spells them alike with and without places.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "firth/text/precompiled.h"
#include "fuzz/refusal.h"

namespace {

void use(const firth::Precompiled& normalizer, std::string_view bytes) {
  const std::string text = firth::replace_invalid_utf8(bytes);
  firth::NormalizedText with_places(text);
  firth::NormalizedText without(text, 0, firth::Places::kNone);
  normalizer.normalize(with_places);
  normalizer.normalize(without);
  if (with_places.text() != without.text() || !firth::is_valid_utf8(without.text())) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  firth::read_or_refuse([&] {
    const firth::Precompiled normalizer(firth::CharsMap(bytes, "charsmap"));
    use(normalizer,
        "A\uFF21\r\n e\u0301\u0323 \u1100\u1161\u11A8 \u00A9\u200D\u00A9 \u0915\u094D\u0915");
    use(normalizer, bytes.substr(0, 256));
    use(normalizer, bytes.substr(size - std::min<std::size_t>(size, 256)));
  });
  return 0;
}
