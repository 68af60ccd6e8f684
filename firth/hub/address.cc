#include "firth/hub/address.h"

#include <algorithm>
#include <cctype>
#include <memory>

#include "firth/core/error.h"
#include "firth/hub/curl_library.h"

namespace firth {

namespace {

class Address {
 public:
  explicit Address(const std::string& text)
      : handle_(curl_library().url(), curl_library().url_cleanup) {
    set(text, text);
  }

  // Relative to what it is.
  void set(const std::string& text, const std::string& shown) {
    const CURLUcode code = curl_library().url_set(handle_.get(), CURLUPART_URL, text.c_str(), 0);
    if (code == CURLUE_OK && text.find('\0') == std::string::npos) return;
    fail(ErrorKind::kCorrupt, "expected an address that begins with http:// or https://, found ",
         quoted(shown));
  }

  std::string part(CURLUPart which, unsigned flags = 0) const {
    char* text = nullptr;
    if (curl_library().url_get(handle_.get(), which, &text, flags) != CURLUE_OK) return "";
    std::string copy(text);
    curl_library().free(text);
    return copy;
  }

 private:
  std::unique_ptr<CURLU, decltype(::curl_url_cleanup)*> handle_;
};

void require_http(const std::string& scheme, const std::string& address) {
  if (scheme == "http" || scheme == "https") return;
  fail(ErrorKind::kCorrupt, "expected an address that begins with http:// or https://, found ",
       quoted(address));
}

}  // namespace

std::string origin_of(const std::string& address) {
  const Address parsed(address);
  const std::string scheme = parsed.part(CURLUPART_SCHEME);
  require_http(scheme, address);
  std::string host = parsed.part(CURLUPART_HOST);
  std::ranges::transform(host, host.begin(), [](unsigned char c) { return std::tolower(c); });
  return scheme + "://" + host + ":" + parsed.part(CURLUPART_PORT, CURLU_DEFAULT_PORT);
}

std::string resolved_address(const std::string& base, const std::string& location) {
  Address address(base);
  address.set(location, location);
  require_http(address.part(CURLUPART_SCHEME), location);
  return address.part(CURLUPART_URL);
}

std::string percent_encoded(std::string_view text, std::string_view kept) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  constexpr std::string_view kUnreserved = "-._~";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain =
        byte < 0x80 && (std::isalnum(byte) != 0 || kUnreserved.find(c) != std::string_view::npos ||
                        kept.find(c) != std::string_view::npos);
    if (plain) {
      out += c;
    } else {
      out += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return out;
}

}  // namespace firth
