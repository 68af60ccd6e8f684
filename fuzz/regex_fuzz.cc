// A regular expression and, behind a line break, a text: the parts that it finds must cover the
// text.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "firth/text/regex.h"
#include "firth/text/unicode.h"
#include "fuzz/refusal.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string input =
      firth::replace_invalid_utf8({reinterpret_cast<const char*>(data), size});
  const std::size_t line = std::min(input.find('\n'), input.size());
  const std::string_view text = std::string_view(input).substr(std::min(line + 1, input.size()));
  firth::read_or_refuse([&] {
    const firth::Regex regex(std::string_view(input).substr(0, line), "input");
    std::vector<firth::PatternPart> parts;
    regex.find_parts(text, parts);
    std::size_t end = 0;
    for (const firth::PatternPart& part : parts) {
      if (part.begin != end || part.end < part.begin) std::abort();
      end = part.end;
    }
    if (end != text.size()) std::abort();
  });
  return 0;
}
