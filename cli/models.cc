// `firth models`: the models on this machine that firth finds by name, their sizes, and whether it
// can open them.
#include <filesystem>
#include <memory>

#include "cli/model_lookup.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "firth/core/error.h"
#include "firth/embed/open_embedder.h"
#include "firth/embed/open_reranker.h"
#include "firth/io/json_writer.h"
#include "firth/models/cross_encoder.h"

namespace firth::cli {
namespace {

constexpr std::string_view kNotes =
    "To remove a model delete its folder; one of the hub cache, the folder models--ORG--NAME that "
    "its path leads through (that frees all its revisions).\n"
    "Opened are: sentence-transformers folders (Transformer, Pooling, Dense, LayerNorm, Normalize, "
    "StaticEmbedding), plain Hugging Face folders of encoders (BERT, RoBERTa, MPNet, ModernBERT, "
    "Qwen3 and more), cross-encoders, and model2vec folders, all with safetensors weights.";

struct ModelsArgs {
  bool json = false;
};

void for_each_field(ModelsArgs& args, OptionTable& visit) {
  visit.group("Output");
  visit("--json", &args.json, "", "print a JSON object a line for each model");
}

// Its description, or why it cannot be opened.
struct Opened {
  std::unique_ptr<const Embedder> embedder;
  std::unique_ptr<const Reranker> reranker;
  std::string refusal;
};

Opened try_open(const std::string& path) {
  try {
    if (is_cross_encoder(path)) return {nullptr, open_reranker(path), ""};
    return {open_embedder(path), nullptr, ""};
  } catch (const Error& error) {
    return {nullptr, nullptr, error.what()};
  }
}

// Of the files in a folder and below it, links followed; 0 for what cannot be read.
std::uint64_t folder_bytes(const std::string& path) {
  namespace fs = std::filesystem;
  std::uint64_t bytes = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator it(path, error), end; !error && it != end;
       it.increment(error)) {
    std::error_code ignored;
    if (!it->is_regular_file(ignored)) continue;
    const std::uint64_t size = it->file_size(ignored);
    if (!ignored) bytes += size;
  }
  return bytes;
}

void print_json(const FoundModel& model, const Opened& opened) {
  JsonWriter json;
  json.begin_object().field("name", model.name).field("path", model.path);
  json.field("place", model.place).field("bytes", folder_bytes(model.path));
  if (opened.embedder) {
    const EmbedderDescription& description = opened.embedder->description();
    json.field("kind", description.kind).field("dimension", description.dimension);
    json.field("max_length", description.max_length).field("licence", description.licence);
  } else if (opened.reranker) {
    const RerankerDescription& description = opened.reranker->description();
    json.field("kind", "cross-encoder").field("max_length", description.max_length);
    json.field("licence", description.licence);
  } else {
    json.field("refused", opened.refusal);
  }
  print(json.end_object().newline().take());
}

void print_text(const FoundModel& model, const Opened& opened) {
  print(model.name, "\n    ", model.path, "\n    ", size_text(folder_bytes(model.path)), ", ");
  if (opened.reranker) {
    const RerankerDescription& description = opened.reranker->description();
    print("cross-encoder (firth rerank)");
    if (description.max_length > 0) print(", ", description.max_length, " tokens");
    if (!description.licence.empty()) print(", licence ", description.licence);
    print("\n");
    return;
  }
  if (!opened.embedder) {
    print("cannot be opened: ", opened.refusal, "\n");
    return;
  }
  const EmbedderDescription& description = opened.embedder->description();
  print(description.kind, ", ", description.dimension, " dimensions");
  if (description.max_length > 0) print(", ", description.max_length, " tokens");
  if (!description.licence.empty()) print(", licence ", description.licence);
  print("\n");
}

class ModelsCommand final : public Command {
 public:
  CommandInfo info() const override {
    return {
        .name = "models",
        .summary = "Lists the models on this machine that firth finds by name.",
        .examples = {{{"firth models", "names, folders, dimensions"},
                      {"FIRTH_MODELS=/data/models firth models", "also those of another folder"},
                      {"firth models --json", "a JSON object a line"}}},
        .notes = kNotes};
  }

  void for_each_option(OptionTable& visit) override { for_each_field(args_, visit); }

  int run(const CommonArgs& common) override {
    static_cast<void>(common);
    const std::vector<FoundModel> models = find_models();
    for (const FoundModel& model : models) {
      const Opened opened = try_open(model.path);
      args_.json ? print_json(model, opened) : print_text(model, opened);
    }
    if (models.empty()) {
      say("no model in " + model_places() +
          "; get one: firth pull sentence-transformers/all-MiniLM-L6-v2");
    }
    return 0;
  }

 private:
  ModelsArgs args_;
};

}  // namespace

std::unique_ptr<Command> make_models() {
  return std::make_unique<ModelsCommand>();
}

}  // namespace firth::cli
