// Any JSON document: every value is visited, and asked for as what it is and as what it is not.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "firth/io/json.h"
#include "fuzz/refusal.h"

namespace {

void visit(const firth::Json& value) {
  firth::read_or_refuse([&] { value.as_string(); });
  firth::read_or_refuse([&] { value.as_int(); });
  firth::read_or_refuse([&] { value.as_uint(100); });
  firth::read_or_refuse([&] { value.as_double(); });
  if (value.is_array()) {
    for (const auto& element : value.elements()) visit(element);
  } else if (value.is_object()) {
    for (const auto& [name, field] : value.fields()) {
      const std::string_view key = name;  // clang 14 does not capture a structured binding
      firth::read_or_refuse([&] { value.at(key); });
      visit(field);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  // Looking a key up reads the object from its start: the walk takes the square of the size.
  if (size > 4096) return 0;
  firth::read_or_refuse([&] { visit(firth::JsonDocument::parse(text, "input").root()); });
  return 0;
}
