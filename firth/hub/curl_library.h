// The functions of libcurl that firth calls, loaded with the first download. Only http.cc and
// address.cc see them.
#pragma once

#define CURL_DISABLE_TYPECHECK  // its macros take the place of the functions
#include <curl/curl.h>

namespace firth {

struct CurlLibrary {
  decltype(::curl_easy_init)* easy_init;
  decltype(::curl_easy_cleanup)* easy_cleanup;
  decltype(::curl_easy_reset)* easy_reset;
  decltype(::curl_easy_setopt)* easy_setopt;
  decltype(::curl_easy_perform)* easy_perform;
  decltype(::curl_easy_getinfo)* easy_getinfo;
  decltype(::curl_easy_strerror)* easy_strerror;
  decltype(::curl_slist_append)* slist_append;
  decltype(::curl_slist_free_all)* slist_free_all;
  decltype(::curl_url)* url;
  decltype(::curl_url_cleanup)* url_cleanup;
  decltype(::curl_url_set)* url_set;
  decltype(::curl_url_get)* url_get;
  decltype(::curl_free)* free;
};

// Errors: not_found where libcurl is not installed.
const CurlLibrary& curl_library();

}  // namespace firth
