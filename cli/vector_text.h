// Vectors as a person types them: "23,32,14" or "[0.1, -2e-3]".
#pragma once

#include <string_view>
#include <vector>

namespace firth::cli {

// True if the text is meant as a vector: only signs that numbers are made of, a comma among them.
bool looks_like_vector(std::string_view text);

// Errors: invalid_argument, naming `where` and the component that is no finite number.
std::vector<double> parse_vector(std::string_view text, std::string_view where);

}  // namespace firth::cli
