#include "firth/hub/certificates.h"

#include <filesystem>

#include "firth/io/environment.h"

namespace firth {

std::string certificate_file() {
  for (const char* name : {"CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"}) {
    if (std::string path = environment_text(name); !path.empty()) return path;
  }
  constexpr const char* kUsual[] = {
      "/etc/ssl/certs/ca-certificates.crt",                 // Debian, Ubuntu, Arch
      "/etc/pki/tls/certs/ca-bundle.crt",                   // Fedora, Red Hat
      "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  // the same, newer
      "/etc/ssl/ca-bundle.pem",                             // SUSE
      "/etc/ssl/cert.pem",                                  // Alpine
      "/var/lib/ca-certificates/ca-bundle.pem",             // SUSE, newer
  };
  for (const char* path : kUsual) {
    std::error_code error;
    if (std::filesystem::is_regular_file(path, error)) return path;
  }
  return "";
}

std::string certificate_folder() {
  return environment_text("SSL_CERT_DIR");
}

}  // namespace firth
