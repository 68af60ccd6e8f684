// firth/core/reranker.h and firth/embed/open_reranker.h.
#include <nanobind/stl/map.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <optional>
#include <string>

#include "arrays.h"
#include "bindings.h"
#include "computation.h"
#include "firth/core/error.h"
#include "firth/embed/open_reranker.h"
#include "model.h"
#include "texts.h"

namespace firth::python {
namespace {

constexpr std::size_t kBlockPairs = 16384;  // tokens of so many pairs are in memory at once

std::shared_ptr<OpenedReranker> open(const std::string& path, std::size_t max_length,
                                     const std::string& precision, std::size_t num_threads) {
  OpenOptions options;
  options.max_length = max_length;
  options.precision = parse_precision(precision);
  const auto pool = pool_of(num_threads);
  const auto opened = std::make_shared<std::unique_ptr<const Reranker>>();
  run_function([=] { *opened = open_reranker(path, options, pool.get()); });
  return std::make_shared<OpenedReranker>(std::move(*opened), pool);
}

class ScoreCall final : public Computation {
 public:
  ScoreCall(std::shared_ptr<const OpenedReranker> model, Texts queries, Texts documents,
            RerankOptions options)
      : model_(std::move(model)),
        queries_(std::move(queries)),
        documents_(std::move(documents)),
        options_(std::move(options)) {
    if (queries_.size() != documents_.size()) {
      fail(ErrorKind::kInvalidArgument, "documents: expected ", queries_.size(),
           ", one a query, found ", documents_.size());
    }
  }

  void run() override {
    const Workspaces::Lease workspace(model_->workspaces());
    const std::size_t size = queries_.size();
    scores = Tensor::zeros<float>({size, model_->engine().description().labels.size()});
    for (std::size_t begin = 0; begin < size; begin += kBlockPairs)
      score_block(begin, std::min(begin + kBlockPairs, size), *workspace);
  }

  Tensor scores;
  EmbedReport report;

 private:
  void score_block(std::size_t begin, std::size_t end, Workspace& workspace) {
    std::vector<TextPair> pairs;
    for (std::size_t i = begin; i < end; ++i)
      pairs.push_back({queries_.views()[i], documents_.views()[i]});
    at(begin);
    options_.progress = [this, begin](std::uint64_t done) { at(begin + done); };
    const PairScores block = model_->engine().score(pairs, options_, workspace);
    std::ranges::copy(block.values.view<float>().span(), scores.view<float>().row(begin).data());
    report.add(block.report);
  }

  std::shared_ptr<const OpenedReranker> model_;
  Texts queries_;
  Texts documents_;
  RerankOptions options_;
};

using ScoresAndReport = nb::typed<nb::tuple, FloatArray, EmbedReport>;

ScoresAndReport score(const std::shared_ptr<OpenedReranker>& model, nb::handle queries,
                      nb::handle documents, const std::optional<std::string>& prompt, bool logits,
                      const nb::object& progress) {
  const auto call = std::make_shared<ScoreCall>(
      model, Texts(queries, "queries"), Texts(documents, "documents"),
      RerankOptions{.prompt = prompt, .logits = logits, .progress = {}});
  run(call, {.progress = progress});
  return ScoresAndReport(
      nb::make_tuple(array_of(std::move(call->scores)), std::move(call->report)));
}

template <auto Field>
auto described() {
  return [](const OpenedReranker& model) { return model.engine().description().*Field; };
}

}  // namespace

void bind_reranker(nb::module_& module) {
  using nb::arg;
  nb::class_<OpenedReranker>(module, "Reranker", "An opened cross-encoder; see firth.CrossEncoder.")
      .def_prop_ro("name", described<&RerankerDescription::name>())
      .def_prop_ro("kind", described<&RerankerDescription::kind>())
      .def_prop_ro("max_length", described<&RerankerDescription::max_length>())
      .def_prop_ro("labels", described<&RerankerDescription::labels>())
      .def_prop_ro("prompt", described<&RerankerDescription::prompt>())
      .def_prop_ro("prompts", described<&RerankerDescription::prompts>())
      .def_prop_ro("licence", described<&RerankerDescription::licence>())
      .def("score", &score, arg("queries"), arg("documents"), arg("prompt").none(), arg("logits"),
           arg("progress").none());
  module.def("open_reranker", &open, arg("path"), arg("max_length"), arg("precision"),
             arg("num_threads"));
}

}  // namespace firth::python
