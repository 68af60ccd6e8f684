#include "firth/models/modules_json.h"

#include <array>
#include <string_view>
#include <utility>

#include "firth/core/error.h"
#include "firth/io/json.h"
#include "firth/io/model_folder.h"

namespace firth {
namespace {

constexpr auto kKinds = std::to_array<std::pair<std::string_view, ModuleKind>>({
    {"Transformer", ModuleKind::kTransformer},
    {"Pooling", ModuleKind::kPooling},
    {"Dense", ModuleKind::kDense},
    {"LayerNorm", ModuleKind::kLayerNorm},
    {"Normalize", ModuleKind::kNormalize},
    {"Dropout", ModuleKind::kDropout},
    {"StaticEmbedding", ModuleKind::kStaticEmbedding},
});

// "sentence_transformers.models.Pooling", or the longer paths that releases since 5.4 write.
ModuleKind kind_of(const Json& type) {
  const std::string_view path = type.as_string();
  if (!path.starts_with("sentence_transformers.")) {
    fail(ErrorKind::kUnsupported, type.where(), ": module ", quoted(path),
         " is code of the model's own; expected a module of sentence_transformers");
  }
  const std::string_view name = path.substr(path.rfind('.') + 1);
  std::string known;
  for (const auto& [known_name, kind] : kKinds) {
    if (known_name == name) return kind;
    known += (known.empty() ? "" : ", ") + std::string(known_name);
  }
  fail(ErrorKind::kUnsupported, type.where(), ": module ", quoted(path),
       " is not known; known: ", known);
}

}  // namespace

std::vector<ModuleEntry> read_modules_json(const std::string& folder) {
  const std::string path = model_file(folder, "modules.json");
  const JsonDocument document = JsonDocument::read(path);
  std::vector<ModuleEntry> entries;
  for (const Json& element : document.root().elements()) {
    const Json type = element.at("type");
    entries.push_back({.kind = kind_of(type),
                       .path = std::string(element.at("path").as_string()),
                       .type = std::string(type.as_string())});
  }
  if (entries.empty()) fail(ErrorKind::kCorrupt, path, ": expected a module, found none");
  return entries;
}

}  // namespace firth
