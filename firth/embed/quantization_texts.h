// The texts that int8 weights are fitted to and judged by where a person gives none of their own:
// questions, sentences of many fields, reviews, headings, messages, other languages, code. Written
// for this purpose.
#pragma once

#include <span>
#include <string_view>

namespace firth {

std::span<const std::string_view> quantization_texts();

}  // namespace firth
