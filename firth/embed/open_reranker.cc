#include "firth/embed/open_reranker.h"

#include <string>
#include <vector>

#include "firth/core/error.h"
#include "firth/io/model_folder.h"
#include "firth/models/cross_encoder.h"
#include "firth/models/modules_json.h"

namespace firth {

std::unique_ptr<const Reranker> open_reranker(const std::filesystem::path& path,
                                              const OpenOptions& options, ThreadPool* pool) {
  const std::string folder = path.string();
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status))
    fail(ErrorKind::kNotFound, folder, ": expected a model folder, found nothing there");
  if (!std::filesystem::is_directory(status))
    fail(ErrorKind::kUnsupported, folder, ": expected a model's folder, found a file");
  if (!find_model_file(folder, "modules.json"))
    return open_cross_encoder(folder, folder, options, pool);
  // sentence-transformers saves a cross-encoder as the one module of a chain.
  const std::vector<ModuleEntry> modules = read_modules_json(folder);
  if (modules.size() > 1) {
    fail(ErrorKind::kUnsupported, folder, "/modules.json: expected a cross-encoder, which is one ",
         "Transformer, found ", modules.size(), " modules; the second is ",
         quoted(modules[1].type));
  }
  return open_cross_encoder(folder, model_subfolder(folder, modules.front().path), options, pool);
}

}  // namespace firth
