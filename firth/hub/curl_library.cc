#include "firth/hub/curl_library.h"

#include "firth/core/error.h"
#include "firth/hub/loaded_library.h"

namespace firth {

namespace {

CurlLibrary load() {
  const LoadedLibrary library("libcurl.so.4", "libcurl4");
  decltype(::curl_global_init)* global_init = nullptr;
  library.bind(global_init, "curl_global_init");
  if (global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
    fail(ErrorKind::kInternal, "libcurl: expected it to start, found that it does not");
  }
  CurlLibrary curl{};
  library.bind(curl.easy_init, "curl_easy_init");
  library.bind(curl.easy_cleanup, "curl_easy_cleanup");
  library.bind(curl.easy_reset, "curl_easy_reset");
  library.bind(curl.easy_setopt, "curl_easy_setopt");
  library.bind(curl.easy_perform, "curl_easy_perform");
  library.bind(curl.easy_getinfo, "curl_easy_getinfo");
  library.bind(curl.easy_strerror, "curl_easy_strerror");
  library.bind(curl.slist_append, "curl_slist_append");
  library.bind(curl.slist_free_all, "curl_slist_free_all");
  library.bind(curl.url, "curl_url");
  library.bind(curl.url_cleanup, "curl_url_cleanup");
  library.bind(curl.url_set, "curl_url_set");
  library.bind(curl.url_get, "curl_url_get");
  library.bind(curl.free, "curl_free");
  return curl;
}

}  // namespace

const CurlLibrary& curl_library() {
  static const CurlLibrary kCurl = load();
  return kCurl;
}

}  // namespace firth
