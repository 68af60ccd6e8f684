#include "firth/embed/open_embedder.h"

#include <string>
#include <string_view>

#include "firth/core/error.h"
#include "firth/io/json.h"
#include "firth/io/model_folder.h"
#include "firth/io/pickle_refusal.h"
#include "firth/models/config.h"
#include "firth/models/cross_encoder.h"
#include "firth/models/modules_json.h"
#include "firth/models/open_sentence_transformer.h"
#include "firth/models/static_embedding.h"
#include "firth/models/word_embedder.h"
#include "firth/words/word_vectors.h"

namespace firth {
namespace {

// What is looked at to tell the kinds of models apart.
struct Folder {
  std::string path;
  std::string model_type;            // of config.json; "" = no such file or field
  std::vector<ModuleEntry> modules;  // of modules.json; empty = no such file
};

Folder look_at(const std::string& path) {
  Folder folder{.path = path, .model_type = "", .modules = {}};
  if (const auto config = find_model_file(path, "config.json")) {
    const JsonDocument document = JsonDocument::read(*config);
    folder.model_type = read_string(document.root(), "model_type").value_or("");
    // Models that model2vec made from vectors, not by distillation, state no type: only it writes
    // this field.
    if (folder.model_type.empty() && document.root().has("embedding_dtype"))
      folder.model_type = "model2vec";
  }
  if (find_model_file(path, "modules.json")) folder.modules = read_modules_json(path);
  return folder;
}

struct Way {
  std::string_view name;  // for messages
  bool (*fits)(const Folder& folder);
  std::unique_ptr<const Embedder> (*open)(const Folder& folder, const OpenOptions& options,
                                          ThreadPool* pool);
};

using Opened = std::unique_ptr<const Embedder>;

// The first way that fits is taken.
constexpr Way kWays[] = {
    {"a model2vec folder (config.json with model_type 'model2vec')",
     [](const Folder& folder) { return folder.model_type == "model2vec"; },
     [](const Folder& folder, const OpenOptions& options, ThreadPool*) -> Opened {
       return open_model2vec(folder.path, options);
     }},
    {"a sentence-transformers folder (modules.json)",
     [](const Folder& folder) { return !folder.modules.empty(); },
     [](const Folder& folder, const OpenOptions& options, ThreadPool* pool) -> Opened {
       switch (folder.modules.front().kind) {
         case ModuleKind::kTransformer:
           return open_sentence_transformer(folder.path, folder.modules, options, pool);
         case ModuleKind::kStaticEmbedding:
           return open_static_embedding(folder.path, folder.modules, options);
         default:
           fail(ErrorKind::kUnsupported, folder.path, "/modules.json: expected Transformer or ",
                "StaticEmbedding as the first module, found ", quoted(folder.modules.front().type));
       }
     }},
    {"a Hugging Face folder (config.json with model_type, tokenizer.json or vocab.txt, "
     "model.safetensors)",
     [](const Folder& folder) { return !folder.model_type.empty(); },
     [](const Folder& folder, const OpenOptions& options, ThreadPool* pool) -> Opened {
       return open_plain_encoder(folder.path, options, pool);
     }},
};

std::string known_ways() {
  std::string names =
      "a file of word vectors (word2vec's .bin and .vec, GloVe's text, fastText's .bin and .ftz)";
  for (const Way& way : kWays) names += "; " + std::string(way.name);
  return names;
}

// A single file holds words with their vectors.
std::unique_ptr<const Embedder> open_file(const std::string& path, const OpenOptions& options) {
  refuse_pickle(path, {});
  if (word_file_kind(path)) return open_word_embedder(path, options);
  const std::string_view hint =
      path.ends_with(".gguf") ? " (a GGUF file: not known yet; take the model's safetensors folder)"
                              : "";
  fail(ErrorKind::kUnsupported, path,
       ": expected a model's folder or a file of word vectors, found a file of another sort", hint,
       "; known: ", known_ways());
}

}  // namespace

std::unique_ptr<const Embedder> open_embedder(const std::filesystem::path& path,
                                              const OpenOptions& options, ThreadPool* pool) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status))
    fail(ErrorKind::kNotFound, path.string(), ": expected a model folder, found nothing there");
  if (!std::filesystem::is_directory(status)) return open_file(path.string(), options);
  const Folder folder = look_at(path.string());
  // Vectors of a cross-encoder's states look fine and mean little.
  if (!options.pooling && is_cross_encoder(folder.path)) {
    fail(ErrorKind::kUnsupported, folder.path, ": a cross-encoder, which scores pairs of texts ",
         "(firth rerank); to embed texts with its encoder all the same, state a pooling");
  }
  for (const Way& way : kWays) {
    if (way.fits(folder)) return way.open(folder, options, pool);
  }
  const std::vector<std::string> names = list_folder(folder.path);
  refuse_pickle_folder(folder.path, names);
  fail(ErrorKind::kUnsupported, folder.path, ": expected a model, found ", quoted_list(names),
       "; known: ", known_ways());
}

}  // namespace firth
