// firth/core/embedder.h and firth/embed/open_embedder.h.
#include <nanobind/stl/map.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <filesystem>
#include <optional>
#include <string>

#include "arrays.h"
#include "bindings.h"
#include "computation.h"
#include "embed_call.h"
#include "errors.h"
#include "firth/core/error.h"
#include "firth/embed/open_embedder.h"
#include "firth/hub/find_model.h"
#include "firth/io/model_folder.h"
#include "firth/io/near_names.h"
#include "model.h"
#include "texts.h"

namespace firth::python {
namespace {

LongPolicy parse_long_policy(const std::string& name) {
  if (name == "truncate") return LongPolicy::kTruncate;
  if (name == "error") return LongPolicy::kError;
  if (name == "chunk") return LongPolicy::kChunkMean;
  if (name == "chunk-each") return LongPolicy::kChunkEach;
  fail(ErrorKind::kInvalidArgument,
       "long: expected 'truncate', 'error', 'chunk' or 'chunk-each', found ", quoted(name));
}

// What embed() gives besides the vectors.
struct EmbedResult {
  FloatArray vectors;
  std::optional<Int64Array> row_offsets;  // of long_policy "chunk-each"
  EmbedReport report;
  std::uint64_t num_empty = 0;
  std::uint64_t first_empty = 0;
};

// Tokens of several texts with their vectors: everything token after token, text i being
// [offsets[i], offsets[i + 1]).
struct TokenResult {
  Int64Array offsets;  // (n + 1)
  Int32Array ids;      // (total)
  UInt32Array spans;   // (total, 2): code points
  std::vector<std::string> pieces;
  std::vector<FloatArray> layers;  // (total, hidden_size) each
  EmbedReport report;
};

// What is written as a path is none of the names.
bool is_path(std::string_view given) {
  return given.empty() || given.starts_with('.') || given.starts_with('/') || given.ends_with('/');
}

// The folder of a model that is given by its path or name. sentence-transformers' own models go by
// their names with and without the organization.
std::string folder_of(const std::string& given) {
  constexpr std::string_view kOrganization = "sentence-transformers/";
  std::error_code error;
  if (is_path(given) || std::filesystem::exists(given, error)) return given;
  if (const auto model = find_model(given)) return model->path;
  if (given.starts_with(kOrganization)) {
    if (const auto model = find_model(given.substr(kOrganization.size()))) return model->path;
  }
  std::vector<std::string> names;
  for (const FoundModel& model : find_models()) names.push_back(model.name);
  const std::vector<std::string> near = near_names(names, given);
  fail(ErrorKind::kNotFound, quoted(given), ": expected a folder or the name of a model, which is ",
       "looked for in ", model_places(), ", found neither",
       near.empty() ? "" : "; near: " + quoted_list(near), "; 'firth pull ", given,
       "' downloads it from a hub");
}

// Full names, and what is left of them without the organization.
std::vector<std::pair<std::string, std::string>> named_models() {
  std::vector<std::pair<std::string, std::string>> models;
  for (const FoundModel& model : find_models()) {
    models.emplace_back(model.name, model.path);
    if (!model.is_other_revision)
      models.emplace_back(model.name.substr(model.name.rfind('/') + 1), model.path);
  }
  return models;
}

std::shared_ptr<Model> open(const std::string& path, const std::optional<std::string>& pooling,
                            std::size_t max_length, const std::string& precision,
                            std::size_t num_threads) {
  OpenOptions options;
  options.pooling = pooling;
  options.max_length = max_length;
  options.precision = parse_precision(precision);
  const auto pool = pool_of(num_threads);
  const auto opened = std::make_shared<std::unique_ptr<const Embedder>>();
  run_function([=] { *opened = open_embedder(path, options, pool.get()); });
  return std::make_shared<Model>(std::move(*opened), pool);
}

EmbedResult embed(const std::shared_ptr<Model>& model, nb::handle texts,
                  const std::optional<std::string>& prompt, std::size_t dim,
                  std::optional<bool> normalize, const std::vector<int>& layers,
                  const std::string& long_policy, std::size_t chunk_overlap,
                  const nb::object& progress) {
  EmbedOptions options;
  options.prompt = prompt;
  options.dim = dim;
  options.normalize = normalize;
  options.layers = layers;
  options.long_policy = parse_long_policy(long_policy);
  options.chunk_overlap = chunk_overlap;
  const auto call = std::make_shared<EmbedCall>(model, Texts(texts), std::move(options));
  run(call, {.small = call->is_small(), .progress = progress});
  Vectors vectors = call->take_vectors();
  EmbedResult result;
  if (!vectors.row_offsets.empty()) result.row_offsets = array_of(std::move(vectors.row_offsets));
  result.vectors = array_of(std::move(vectors.values));
  result.report = std::move(vectors.report);
  result.num_empty = call->num_empty();
  result.first_empty = call->first_empty();
  return result;
}

class TokensCall final : public Computation {
 public:
  TokensCall(std::shared_ptr<const Model> model, Texts texts, TokenOptions options)
      : model_(std::move(model)), texts_(std::move(texts)), options_(std::move(options)) {}

  void run() override {
    const Workspaces::Lease workspace(model_->workspaces());
    result = model_->engine().embed_tokens(texts_.views(), options_, *workspace);
  }

  TokenVectors result;

 private:
  std::shared_ptr<const Model> model_;
  Texts texts_;
  TokenOptions options_;
};

TokenResult embed_tokens(const std::shared_ptr<Model>& model, nb::handle texts,
                         const std::optional<std::string>& prompt, const std::vector<int>& layers) {
  TokenOptions options;
  options.prompt = prompt;
  options.layers = layers;
  const auto call = std::make_shared<TokensCall>(model, Texts(texts), std::move(options));
  run(call);
  TokenVectors& vectors = call->result;
  TokenResult result;
  std::vector<std::uint32_t> places;
  places.reserve(2 * vectors.spans.size());
  for (const TokenSpan span : vectors.spans) {
    places.push_back(span.begin);
    places.push_back(span.end);
  }
  std::uint32_t* data = places.data();
  result.spans = array_of(data, {vectors.spans.size(), 2}, std::move(places));
  result.offsets = array_of(std::move(vectors.tokens.offsets));
  result.ids = array_of(std::move(vectors.tokens.ids));
  result.pieces = std::move(vectors.pieces);
  for (Tensor& layer : vectors.layers) result.layers.push_back(array_of(std::move(layer)));
  result.report = std::move(vectors.report);
  return result;
}

std::string identity_of(const std::shared_ptr<Model>& model) {
  const auto identity = std::make_shared<std::string>();
  run_function([=] { *identity = model->engine().identity(); });
  return *identity;
}

void bind_results(nb::module_& module) {
  nb::class_<EmbedReport>(module, "EmbedReport", "What the engine counted during a call.")
      .def_ro("num_items", &EmbedReport::num_items)
      .def_ro("num_tokens", &EmbedReport::num_tokens)
      .def_ro("num_truncated", &EmbedReport::num_truncated)
      .def_ro("num_unknown", &EmbedReport::num_unknown)
      .def_ro("unknown_scripts", &EmbedReport::unknown_scripts);
  nb::class_<EmbedResult>(module, "EmbedResult", "Vectors and what there is to say about them.")
      .def_ro("vectors", &EmbedResult::vectors)
      .def_ro("row_offsets", &EmbedResult::row_offsets)
      .def_ro("report", &EmbedResult::report)
      .def_ro("num_empty", &EmbedResult::num_empty)
      .def_ro("first_empty", &EmbedResult::first_empty);
  nb::class_<TokenResult>(module, "TokenResult", "Tokens of several texts, one after another.")
      .def_ro("offsets", &TokenResult::offsets)
      .def_ro("ids", &TokenResult::ids)
      .def_ro("spans", &TokenResult::spans)
      .def_ro("pieces", &TokenResult::pieces)
      .def_ro("layers", &TokenResult::layers)
      .def_ro("report", &TokenResult::report);
}

template <auto Field>
auto described() {
  return [](const Model& model) { return model.engine().description().*Field; };
}

}  // namespace

PrecisionChoice parse_precision(const std::string& name) {
  if (const auto choice = precision_choice(name)) return *choice;
  fail(ErrorKind::kInvalidArgument, "precision: expected 'auto', 'f32', 'bf16' or 'int8', found ",
       quoted(name));
}

void bind_embedder(nb::module_& module) {
  using nb::arg;
  bind_results(module);
  nb::class_<Model>(module, "Embedder", "An opened model; see firth.Embedder.")
      .def_prop_ro("name", described<&EmbedderDescription::name>())
      .def_prop_ro("kind", described<&EmbedderDescription::kind>())
      .def_prop_ro("dimension", described<&EmbedderDescription::dimension>())
      .def_prop_ro("max_length", described<&EmbedderDescription::max_length>())
      .def_prop_ro("num_layers", described<&EmbedderDescription::num_layers>())
      .def_prop_ro("normalized", described<&EmbedderDescription::normalized>())
      .def_prop_ro("prompts", described<&EmbedderDescription::prompts>())
      .def_prop_ro("default_prompt_name", described<&EmbedderDescription::default_prompt_name>())
      .def_prop_ro("licence", described<&EmbedderDescription::licence>())
      .def_prop_ro("pooling", described<&EmbedderDescription::pooling>())
      .def_prop_ro("similarity",
                   [](const Model& model) {
                     return std::string(similarity_name(model.engine().description().similarity));
                   })
      .def_prop_ro("num_threads", [](const Model& model) { return model.pool().num_threads(); })
      .def("identity", &identity_of)
      .def("embed", &embed, arg("texts"), arg("prompt").none(), arg("dim"), arg("normalize").none(),
           arg("layers"), arg("long_policy"), arg("chunk_overlap"), arg("progress").none())
      .def("embed_tokens", &embed_tokens, arg("texts"), arg("prompt").none(), arg("layers"));
  module.def("find_model", &folder_of, arg("path_or_name"));
  module.def("find_models", &named_models);
  module.def("open_embedder", &open, arg("path"), arg("pooling").none(), arg("max_length"),
             arg("precision"), arg("num_threads"));
}

}  // namespace firth::python
