// Where the authorities lie that vouch for a hub's certificate.
#pragma once

#include <string>

namespace firth {

// $CURL_CA_BUNDLE, $REQUESTS_CA_BUNDLE or $SSL_CERT_FILE, else the first of the usual places of
// Linux systems; "" if there is none, and libcurl has its own way. A libcurl that came along from
// another system would look in that system's place only.
std::string certificate_file();

// $SSL_CERT_DIR or "".
std::string certificate_folder();

}  // namespace firth
