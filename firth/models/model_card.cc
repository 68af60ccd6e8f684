#include "firth/models/model_card.h"

#include <filesystem>
#include <string_view>

#include "firth/core/error.h"
#include "firth/io/file.h"
#include "firth/io/json.h"
#include "firth/io/model_folder.h"
#include "firth/models/config.h"

namespace firth {
namespace {

constexpr std::uint64_t kLargestCard = 16 << 20;

Similarity read_similarity(const Json& config) {
  const auto value = config.find("similarity_fn_name");
  if (!value || value->is_null()) return Similarity::kCosine;
  const std::string_view name = value->as_string();
  if (name == "cosine") return Similarity::kCosine;
  if (name == "dot") return Similarity::kDot;
  if (name == "euclidean") return Similarity::kEuclidean;
  if (name == "manhattan") return Similarity::kManhattan;
  fail(ErrorKind::kUnsupported, value->where(), ": similarity ", quoted(name),
       " is not known; known: cosine, dot, euclidean, manhattan");
}

void read_prompts(const Json& config, EmbedderDescription& description) {
  if (const auto prompts = config.find("prompts"); prompts && !prompts->is_null()) {
    for (const auto& [name, text] : prompts->fields()) {
      if (!text.is_null()) description.prompts[std::string(name)] = text.as_string();
    }
  }
  description.default_prompt_name = read_string(config, "default_prompt_name").value_or("");
  if (!description.default_prompt_name.empty() &&
      !description.prompts.contains(description.default_prompt_name)) {
    fail(ErrorKind::kCorrupt, config.at("default_prompt_name").where(),
         ": expected the name of a prompt, found ", quoted(description.default_prompt_name));
  }
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\"'";
  const std::size_t begin = text.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlank) + 1 - begin);
}

std::string_view next_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

}  // namespace

std::optional<std::size_t> read_model_card(const std::string& folder,
                                           EmbedderDescription& description) {
  description.name = short_name(folder);
  description.licence = read_licence(folder);
  const auto path = find_model_file(folder, "config_sentence_transformers.json");
  if (!path) return std::nullopt;
  const JsonDocument document = JsonDocument::read(*path);
  const Json config = document.root();
  read_prompts(config, description);
  description.similarity = read_similarity(config);
  const std::size_t truncate_dim = read_count_or(config, "truncate_dim", 0);
  return truncate_dim == 0 ? std::nullopt : std::optional(truncate_dim);
}

std::string read_licence(const std::string& folder) {
  const auto path = find_model_file(folder, "README.md");
  if (!path) return "";
  const std::string card = read_file(*path, kLargestCard);
  std::string_view rest = card;
  if (trimmed(next_line(rest)) != "---") return "";
  while (!rest.empty()) {
    std::string_view line = next_line(rest);
    if (trimmed(line) == "---") return "";
    constexpr std::string_view kKey = "license:";
    if (!line.starts_with(kKey)) continue;
    line.remove_prefix(kKey.size());
    if (trimmed(line).empty()) line = next_line(rest);  // a list: its first entry
    line = trimmed(line);
    if (line.starts_with("- ")) line.remove_prefix(2);
    return std::string(trimmed(line));
  }
  return "";
}

std::string short_name(const std::string& path) {
  const std::filesystem::path normal = std::filesystem::absolute(path).lexically_normal();
  const std::filesystem::path last =
      normal.has_filename() ? normal.filename() : normal.parent_path().filename();
  return last.empty() ? path : last.string();
}

}  // namespace firth
