// Addresses, parsed by libcurl, so that what is compared is what will be connected to.
#pragma once

#include <string>
#include <string_view>

namespace firth {

// Scheme, host in lower case, and port: "https://huggingface.co:443". Who has the token of one
// origin is told it by no other. Errors: corrupt for what is no http address.
std::string origin_of(const std::string& address);

// Where a Location header leads from an address. Errors: corrupt.
std::string resolved_address(const std::string& base, const std::string& location);

// All but letters, digits and "-._~" as %XX; `kept` stays too.
std::string percent_encoded(std::string_view text, std::string_view kept = "");

}  // namespace firth
