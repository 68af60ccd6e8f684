#include "firth/models/transformer_folder.h"

#include <algorithm>

#include "firth/core/error.h"
#include "firth/io/json.h"
#include "firth/io/model_folder.h"
#include "firth/models/config.h"

namespace firth {
namespace {

// tokenizer_config.json's model_max_length; 0 = none (transformers writes 1e30 for that).
std::size_t tokenizer_max_length(const std::string& folder) {
  const auto path = find_model_file(folder, "tokenizer_config.json");
  if (!path) return 0;
  const JsonDocument document = JsonDocument::read(*path);
  const auto value = document.root().find("model_max_length");
  if (!value || value->is_null()) return 0;
  const double length = value->as_double();
  if (length < 1) {
    fail(ErrorKind::kCorrupt, value->where(), ": expected at least 1, found ", value->describe());
  }
  constexpr double kNone = 1e15;
  return length > kNone ? 0 : static_cast<std::size_t>(length);
}

std::size_t smaller_limit(std::size_t a, std::size_t b) {
  if (a == 0 || b == 0) return std::max(a, b);
  return std::min(a, b);
}

}  // namespace

TransformerSettings read_transformer_settings(const std::string& folder) {
  TransformerSettings settings{.tokenizer_max_length = tokenizer_max_length(folder)};
  for (const std::string_view family :
       {"bert", "roberta", "distilbert", "camembert", "albert", "xlm-roberta", "xlnet"}) {
    const auto path = find_model_file(folder, "sentence_" + std::string(family) + "_config.json");
    if (!path) continue;
    const JsonDocument document = JsonDocument::read(*path);
    const Json config = document.root();
    const std::size_t length = read_count_or(config, "max_seq_length", 0);
    if (length != 0) settings.max_seq_length = length;
    settings.lower_case = read_bool_or(config, "do_lower_case", false);
    return settings;
  }
  return settings;
}

std::size_t choose_max_length(const std::string& name, const OpenOptions& options,
                              const TransformerSettings& settings, const EncoderShape& shape) {
  const std::size_t model_limit = shape.max_length;
  if (options.max_length != 0) {
    if (model_limit != 0 && options.max_length > model_limit) {
      fail(ErrorKind::kInvalidArgument, name, ": expected a maximum length of at most ",
           model_limit, ", the model's positions, found ", options.max_length);
    }
    return options.max_length;
  }
  const std::size_t unless_stated =
      smaller_limit(settings.tokenizer_max_length, shape.advised_length);
  return smaller_limit(settings.max_seq_length.value_or(unless_stated), model_limit);
}

std::string add_tokenizer_files(const std::string& folder, std::vector<std::string>& files) {
  std::optional<std::string> path = find_model_file(folder, "tokenizer.json");
  if (!path) path = find_model_file(folder, "vocab.txt");
  if (!path) {
    fail(ErrorKind::kNotFound, folder, ": expected tokenizer.json or vocab.txt, found ",
         quoted_list(list_folder(folder)));
  }
  files.push_back(*path);
  if (auto config = find_model_file(folder, "tokenizer_config.json"))
    files.push_back(std::move(*config));
  return *path;
}

}  // namespace firth
