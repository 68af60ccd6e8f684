#include "firth/hub/hub_settings.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <string_view>

#include "firth/core/error.h"
#include "firth/io/environment.h"
#include "firth/io/file.h"
#include "firth/io/model_folder.h"

namespace firth {

namespace {

std::string first_set(const char* name, const char* older_name) {
  std::string value = environment_text(name);
  return value.empty() ? environment_text(older_name) : value;
}

// The token without blanks around it. It becomes a line of a request, so it must be one word.
std::string clean_token(std::string_view token, std::string_view where) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const std::size_t begin = token.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return "";
  token = token.substr(begin, token.find_last_not_of(kBlanks) - begin + 1);
  const bool word =
      token.size() < 4096 && std::ranges::all_of(token, [](char c) { return c > ' ' && c < 0x7F; });
  if (!word) {
    fail(ErrorKind::kInvalidArgument, where,
         ": expected a token of one word, found blanks or control characters in it");
  }
  return std::string(token);
}

std::string token_from_environment() {
  if (environment_flag("HF_HUB_DISABLE_IMPLICIT_TOKEN")) return "";
  std::string token = clean_token(first_set("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"), "HF_TOKEN");
  if (!token.empty()) return token;
  std::string path = environment_path("HF_TOKEN_PATH");
  if (path.empty()) path = hub_home_folder() + "/token";
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return "";
  return clean_token(read_file(path, 1 << 16), path);
}

std::string endpoint_from_environment() {
  std::string endpoint = environment_text("HF_ENDPOINT");
  while (endpoint.ends_with('/')) endpoint.pop_back();
  if (endpoint.empty()) return HubSettings{}.endpoint;
  if (!endpoint.starts_with("https://") && !endpoint.starts_with("http://")) {
    fail(ErrorKind::kInvalidArgument,
         "HF_ENDPOINT: expected an address that begins with https:// or http://, found ",
         quoted(endpoint));
  }
  return endpoint;
}

long stall_seconds_from_environment() {
  const std::string text = environment_text("HF_HUB_DOWNLOAD_TIMEOUT");
  if (text.empty()) return HubSettings{}.stall_seconds;
  long seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size() || seconds < 1 || seconds > 86400) {
    fail(ErrorKind::kInvalidArgument,
         "HF_HUB_DOWNLOAD_TIMEOUT: expected whole seconds from 1 to 86400, found ", quoted(text));
  }
  return seconds;
}

}  // namespace

HubSettings hub_settings_from_environment() {
  HubSettings settings;
  settings.endpoint = endpoint_from_environment();
  settings.token = token_from_environment();
  settings.offline = environment_flag("HF_HUB_OFFLINE") || environment_flag("TRANSFORMERS_OFFLINE");
  settings.cache_folder = hub_cache_folder();
  settings.use_links = !environment_flag("HF_HUB_DISABLE_SYMLINKS");
  settings.stall_seconds = stall_seconds_from_environment();
  return settings;
}

}  // namespace firth
