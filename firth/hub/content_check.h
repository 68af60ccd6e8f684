// Whether a file is what the hub says it is. The hub names content by its ETag:
//   64 hexadecimal digits   SHA-256 of the content: files of LFS, weights above all
//   40 hexadecimal digits   git's blob id, SHA-1 of "blob SIZE\0" and the content: small files.
//                           Some mirrors (Artifactory) give the SHA-1 of the content alone, which
//                           tells as much and is taken as well
//   anything else           says nothing about the content
// The hashes are computed by OpenSSL's libcrypto, loaded with libcurl, which uses it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace firth {

enum class ContentCheck : std::uint8_t { kMatches, kDiffers, kCannotTell };

// `tick` is called now and then and may throw. Errors: io.
ContentCheck check_content(const std::string& path, std::string_view etag,
                           const std::function<void()>& tick);

}  // namespace firth
