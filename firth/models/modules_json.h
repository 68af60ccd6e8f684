// modules.json: the chain of modules that sentence-transformers runs. Only names of that library's
// own classes are known, in the spelling of any of its releases; nothing in a folder is executed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace firth {

enum class ModuleKind : std::uint8_t {
  kTransformer,
  kPooling,
  kDense,
  kLayerNorm,
  kNormalize,
  kDropout,  // does nothing outside of training
  kStaticEmbedding,
};

struct ModuleEntry {
  ModuleKind kind;
  std::string path;  // relative to the model's folder; "" = the folder itself
  std::string type;  // as it stands in the file
};

// In the order in which they run; at least one. Errors: corrupt; unsupported for a module that
// firth does not know, by its name.
std::vector<ModuleEntry> read_modules_json(const std::string& folder);

}  // namespace firth
