// Oniguruma knows the Unicode version that it was built with, the reference's regular expressions
// another one. So \p{L}, \p{Lu}, \p{N} and the like are spelled out, as classes of the characters
// that char_category.h has in them, before an expression is handed to the library.
#pragma once

#include <string>
#include <string_view>

namespace firth {

// The expression with \p{…}, \P{…} and \p{^…} of the categories L, Lu, Ll, Lt, Lm, Lo, M, N, P and
// S replaced. Other properties stay; and so does all where case is not looked at, for there a class
// means more than a property does.
std::string spell_out_categories(std::string_view expression);

}  // namespace firth
