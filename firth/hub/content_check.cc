#include "firth/hub/content_check.h"

#include <openssl/evp.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <vector>

#include "firth/core/error.h"
#include "firth/hub/loaded_library.h"
#include "firth/io/file.h"

namespace firth {

namespace {

struct CryptoLibrary {
  decltype(::EVP_MD_CTX_new)* context_new;
  decltype(::EVP_MD_CTX_free)* context_free;
  decltype(::EVP_DigestInit_ex)* init;
  decltype(::EVP_DigestUpdate)* update;
  decltype(::EVP_DigestFinal_ex)* final;
  decltype(::EVP_sha1)* sha1;
  decltype(::EVP_sha256)* sha256;
};

CryptoLibrary load() {
  const LoadedLibrary library("libcrypto.so.3", "libssl3");
  CryptoLibrary crypto{};
  library.bind(crypto.context_new, "EVP_MD_CTX_new");
  library.bind(crypto.context_free, "EVP_MD_CTX_free");
  library.bind(crypto.init, "EVP_DigestInit_ex");
  library.bind(crypto.update, "EVP_DigestUpdate");
  library.bind(crypto.final, "EVP_DigestFinal_ex");
  library.bind(crypto.sha1, "EVP_sha1");
  library.bind(crypto.sha256, "EVP_sha256");
  return crypto;
}

const CryptoLibrary& crypto_library() {
  static const CryptoLibrary kCrypto = load();
  return kCrypto;
}

class Digest {
 public:
  explicit Digest(const EVP_MD* kind)
      : context_(crypto_library().context_new(), crypto_library().context_free) {
    require(context_ != nullptr && crypto_library().init(context_.get(), kind, nullptr) == 1);
  }

  void add(const void* bytes, std::size_t size) {
    require(crypto_library().update(context_.get(), bytes, size) == 1);
  }

  std::string hex() {
    constexpr std::string_view kHex = "0123456789abcdef";
    std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
    unsigned size = 0;
    require(crypto_library().final(context_.get(), bytes.data(), &size) == 1);
    std::string out;
    for (unsigned i = 0; i < size; ++i) out += {kHex[bytes[i] >> 4], kHex[bytes[i] & 15]};
    return out;
  }

 private:
  static void require(bool done) {
    if (!done) fail(ErrorKind::kInternal, "libcrypto: expected a hash, found that it gives none");
  }

  std::unique_ptr<EVP_MD_CTX, decltype(::EVP_MD_CTX_free)*> context_;
};

void add_file(const std::vector<Digest*>& digests, const std::string& path, const OpenedFile& file,
              const std::function<void()>& tick) {
  std::vector<char> block(std::size_t{1} << 20);
  for (;;) {
    const ssize_t got = ::read(file.fd.get(), block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail_errno(path, "read", errno);
    if (got == 0) return;
    for (Digest* digest : digests) digest->add(block.data(), static_cast<std::size_t>(got));
    tick();
  }
}

bool is_hexadecimal(std::string_view text, std::size_t digits) {
  return text.size() == digits && std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

}  // namespace

ContentCheck check_content(const std::string& path, std::string_view etag,
                           const std::function<void()>& tick) {
  const auto verdict = [](bool same) {
    return same ? ContentCheck::kMatches : ContentCheck::kDiffers;
  };
  const OpenedFile file = open_regular_file(path);
  if (is_hexadecimal(etag, 64)) {
    Digest sha256(crypto_library().sha256());
    add_file({&sha256}, path, file, tick);
    return verdict(sha256.hex() == etag);
  }
  if (!is_hexadecimal(etag, 40)) return ContentCheck::kCannotTell;
  const std::string head = "blob " + std::to_string(file.size);
  Digest git(crypto_library().sha1());
  Digest plain(crypto_library().sha1());
  git.add(head.c_str(), head.size() + 1);  // the NUL is part of it
  add_file({&git, &plain}, path, file, tick);
  return verdict(git.hex() == etag || plain.hex() == etag);
}

}  // namespace firth
