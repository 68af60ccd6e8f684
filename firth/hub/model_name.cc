#include "firth/hub/model_name.h"

#include <algorithm>

#include "firth/core/error.h"

namespace firth {

namespace {

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// The rules of huggingface_hub's validate_repo_id, part by part.
bool is_repository_part(std::string_view part) {
  const auto good = [](char c) {
    return is_letter_or_digit(c) || c == '-' || c == '_' || c == '.';
  };
  return !part.empty() && std::ranges::all_of(part, good) && part.front() != '.' &&
         part.front() != '-' && part.back() != '.' && part.back() != '-';
}

bool is_repository(std::string_view text) {
  constexpr std::size_t kMostCharacters = 96;
  if (text.size() > kMostCharacters || text.find("--") != std::string_view::npos ||
      text.find("..") != std::string_view::npos || text.ends_with(".git")) {
    return false;
  }
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return is_repository_part(text);
  return is_repository_part(text.substr(0, slash)) && is_repository_part(text.substr(slash + 1));
}

// A subset of what git allows; each part becomes the name of a file below refs/.
bool is_revision(std::string_view text) {
  const auto good = [](char c) {
    return is_letter_or_digit(c) || std::string_view("-_.+=/").find(c) != std::string_view::npos;
  };
  if (text.empty() || text.size() > 128 || !std::ranges::all_of(text, good)) return false;
  return is_harmless_path(text) && !text.starts_with('.') &&
         text.find("/.") == std::string_view::npos;
}

}  // namespace

bool is_plain_word(std::string_view text) {
  const auto good = [](char c) { return is_letter_or_digit(c) || c == '-' || c == '_'; };
  return !text.empty() && text.size() <= 128 && std::ranges::all_of(text, good);
}

bool is_harmless_path(std::string_view path) {
  constexpr std::size_t kMostBytes = 1024;
  constexpr std::size_t kMostBytesOfPart = 255;
  const auto bad = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  if (path.size() > kMostBytes || path.find('\\') != std::string_view::npos ||
      std::ranges::any_of(path, bad)) {
    return false;
  }
  for (std::string_view rest = path;;) {
    const std::size_t slash = rest.find('/');
    const std::string_view part = rest.substr(0, slash);
    if (part.empty() || part == "." || part == ".." || part.size() > kMostBytesOfPart) return false;
    if (slash == std::string_view::npos) return true;
    rest.remove_prefix(slash + 1);
  }
}

std::optional<ModelName> try_parse_model_name(std::string_view text) {
  const std::size_t at = text.find('@');
  const std::string_view repository = text.substr(0, at);
  if (!is_repository(repository)) return std::nullopt;
  if (at == std::string_view::npos) return ModelName{std::string(repository)};
  const std::string_view revision = text.substr(at + 1);
  if (!is_revision(revision)) return std::nullopt;
  return ModelName{std::string(repository), std::string(revision)};
}

ModelName parse_model_name(std::string_view text) {
  if (std::optional<ModelName> name = try_parse_model_name(text)) return *name;
  fail(ErrorKind::kInvalidArgument,
       "expected the name of a model such as sentence-transformers/all-MiniLM-L6-v2, with "
       "@REVISION after it or without, found ",
       quoted(text));
}

}  // namespace firth
