// The kinds of firth::Error as Python's own exceptions, with the engine's one-line texts.
#pragma once

#include <nanobind/nanobind.h>

#include <string_view>

namespace firth::python {

namespace nb = nanobind;

// bytes that ought to be UTF-8; what is not becomes U+FFFD.
nb::str to_str(std::string_view text);

// TypeError with this text.
[[noreturn]] void fail_type(std::string_view message);

void register_errors();

}  // namespace firth::python
