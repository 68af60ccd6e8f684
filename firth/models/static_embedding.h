// Static embeddings: a text's vector is the mean of its tokens' rows in a table. It reads
//   - StaticEmbedding modules of sentence-transformers: every token counts, unknown ones too,
//   - model2vec folders: unknown tokens are left out, rows may be shared between tokens (`mapping`)
//     and weighted (`weights`), the text is cut before it is tokenized.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "firth/core/embedder.h"
#include "firth/core/thread_pool.h"
#include "firth/models/modules_json.h"
#include "firth/models/open_options.h"

namespace firth {

// A folder with modules.json whose first module is a StaticEmbedding.
std::unique_ptr<const Embedder> open_static_embedding(const std::string& folder,
                                                      const std::vector<ModuleEntry>& modules,
                                                      const OpenOptions& options);

// A folder whose config.json says model_type "model2vec".
std::unique_ptr<const Embedder> open_model2vec(const std::string& folder,
                                               const OpenOptions& options);

}  // namespace firth
