// firth/eval/sts.h, retrieval.h, word_similarity.h and analogies.h.
#include <nanobind/stl/optional.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <optional>
#include <string>

#include "arrays.h"
#include "bindings.h"
#include "computation.h"
#include "firth/core/error.h"
#include "firth/eval/analogies.h"
#include "firth/eval/retrieval.h"
#include "firth/eval/retrieval_data.h"
#include "firth/eval/sts.h"
#include "firth/eval/word_similarity.h"
#include "model.h"
#include "texts.h"

namespace firth::python {
namespace {

class EvalCall : public Computation {
 public:
  explicit EvalCall(std::shared_ptr<const Model> model) : model_(std::move(model)) {}

 protected:
  // Noting how far the embedding is.
  EmbedOptions observed(EmbedOptions options) {
    options.progress = [this](std::uint64_t done) { at(done); };
    return options;
  }

  std::shared_ptr<const Model> model_;
};

class StsCall final : public EvalCall {
 public:
  StsCall(std::shared_ptr<const Model> model, std::vector<StsPair> pairs, EmbedOptions options)
      : EvalCall(std::move(model)), pairs_(std::move(pairs)), options_(std::move(options)) {}

  void run() override {
    const Workspaces::Lease workspace(model_->workspaces());
    result = evaluate_sts(model_->engine(), pairs_, observed(options_), *workspace);
  }

  StsResult result;

 private:
  std::vector<StsPair> pairs_;
  EmbedOptions options_;
};

class RetrievalCall final : public EvalCall {
 public:
  RetrievalCall(std::shared_ptr<const Model> model, RetrievalData data, RetrievalOptions options)
      : EvalCall(std::move(model)), data_(std::move(data)), options_(std::move(options)) {}

  void run() override {
    const Workspaces::Lease workspace(model_->workspaces());
    options_.embed = observed(options_.embed);
    result = evaluate_retrieval(model_->engine(), data_, options_, *workspace);
  }

  RetrievalResult result;

 private:
  RetrievalData data_;
  RetrievalOptions options_;
};

EmbedOptions embed_options(const std::optional<std::string>& prompt, std::size_t dim,
                           std::optional<bool> normalize) {
  EmbedOptions options;
  options.prompt = prompt;
  options.dim = dim;
  options.normalize = normalize;
  return options;
}

std::vector<StsPair> read_pairs(const std::string& path) {
  const auto pairs = std::make_shared<std::vector<StsPair>>();
  run_function([=] { *pairs = read_sts(path); });
  return std::move(*pairs);
}

std::vector<StsPair> make_pairs(nb::handle first, nb::handle second,
                                const std::vector<double>& scores) {
  const Texts a(first);
  const Texts b(second);
  if (a.size() != b.size() || a.size() != scores.size()) {
    fail(ErrorKind::kInvalidArgument, "pairs: expected as many first as second texts and scores, ",
         "found ", a.size(), ", ", b.size(), " and ", scores.size());
  }
  std::vector<StsPair> pairs;
  for (std::size_t i = 0; i < a.size(); ++i)
    pairs.push_back({std::string(a.views()[i]), std::string(b.views()[i]), scores[i]});
  return pairs;
}

using Figures = nb::typed<nb::dict, nb::str, nb::any>;

Figures sts(const std::shared_ptr<Model>& model, std::vector<StsPair> pairs,
            const std::optional<std::string>& prompt, std::size_t dim,
            std::optional<bool> normalize, const nb::object& progress) {
  const auto call =
      std::make_shared<StsCall>(model, std::move(pairs), embed_options(prompt, dim, normalize));
  run(call, {.progress = progress});
  Figures result;
  for (const StsCorrelation& correlation : call->result.correlations) {
    const std::string name(similarity_name(correlation.similarity));
    result[("spearman_" + name).c_str()] = correlation.spearman;
    result[("pearson_" + name).c_str()] = correlation.pearson;
  }
  result["num_pairs"] = call->result.num_pairs;
  result["seconds"] = call->result.seconds;
  return result;
}

Figures sts_of_file(const std::shared_ptr<Model>& model, const std::string& path,
                    const std::optional<std::string>& prompt, std::size_t dim,
                    std::optional<bool> normalize, const nb::object& progress) {
  return sts(model, read_pairs(path), prompt, dim, normalize, progress);
}

Figures sts_of_pairs(const std::shared_ptr<Model>& model, nb::handle first, nb::handle second,
                     const std::vector<double>& scores, const std::optional<std::string>& prompt,
                     std::size_t dim, std::optional<bool> normalize, const nb::object& progress) {
  return sts(model, make_pairs(first, second, scores), prompt, dim, normalize, progress);
}

Figures retrieval(const std::shared_ptr<Model>& model, const std::string& folder,
                  const std::string& split, const std::vector<std::size_t>& cutoffs,
                  const std::optional<std::string>& query_prompt,
                  const std::optional<std::string>& document_prompt, bool skip_same_id,
                  std::size_t dim, std::optional<bool> normalize, const nb::object& progress) {
  const auto data = std::make_shared<RetrievalData>();
  run_function([=] { *data = read_retrieval(folder, split); });
  RetrievalOptions options;
  options.cutoffs = cutoffs;
  options.query_prompt = query_prompt;
  options.document_prompt = document_prompt;
  options.skip_same_id = skip_same_id;
  options.embed = embed_options(std::nullopt, dim, normalize);
  const auto call = std::make_shared<RetrievalCall>(model, std::move(*data), std::move(options));
  run(call, {.progress = progress});
  Figures result;
  for (const MetricsAt& at : call->result.at) {
    const std::string k = std::to_string(at.k);
    result[("ndcg@" + k).c_str()] = at.ndcg;
    result[("recall@" + k).c_str()] = at.recall;
    result[("mrr@" + k).c_str()] = at.mrr;
  }
  result["map"] = call->result.mean_average_precision;
  result["num_documents"] = call->result.num_documents;
  result["num_queries"] = call->result.num_queries;
  result["document_seconds"] = call->result.document_seconds;
  result["query_seconds"] = call->result.query_seconds;
  result["search_seconds"] = call->result.search_seconds;
  return result;
}

// What several files are asked of one table of words.
struct WordQuestions {
  std::vector<std::string> words;
  WordTableOptions options;
  std::vector<std::string> similarity;
  std::vector<std::string> analogies;
  std::vector<WordSimilarityResult> of_pairs;
  std::vector<AnalogyResult> of_analogies;
};

void answer(WordQuestions& questions, View<const float> rows, ThreadPool& pool) {
  std::vector<std::vector<WordPair>> pairs;
  std::vector<std::vector<AnalogySection>> sections;
  for (const std::string& path : questions.similarity) pairs.push_back(read_word_pairs(path));
  for (const std::string& path : questions.analogies) sections.push_back(read_analogies(path));
  const WordTable table(questions.words, rows, questions.options);
  for (const auto& each : pairs)
    questions.of_pairs.push_back(evaluate_word_similarity(table, each));
  for (const auto& each : sections)
    questions.of_analogies.push_back(evaluate_analogies(table, each, pool));
}

Figures figures_of(const WordSimilarityResult& result) {
  Figures figures;
  figures["pairs"] = result.num_pairs;
  figures["known"] = result.num_found;
  figures["spearman"] = result.spearman;
  figures["pearson"] = result.pearson;
  return figures;
}

Figures figures_of(const AnalogyCount& count) {
  Figures figures;
  figures["questions"] = count.num_questions;
  figures["known"] = count.num_found;
  figures["right_3cosadd"] = count.num_right_add;
  figures["right_3cosmul"] = count.num_right_mul;
  return figures;
}

Figures figures_of(const AnalogyResult& result) {
  Figures figures = figures_of(result.all);
  Figures sections;
  for (const AnalogySectionResult& section : result.sections)
    sections[section.name.c_str()] = figures_of(section.count);
  figures["sections"] = sections;
  return figures;
}

Figures words(const MatrixIn& rows, nb::handle keys, const std::vector<std::string>& similarity,
              const std::vector<std::string>& analogies, std::size_t restrict_vocab,
              bool case_insensitive) {
  const auto questions = std::make_shared<WordQuestions>();
  const Texts texts(keys);
  questions->words.assign(texts.views().begin(), texts.views().end());
  questions->options = {restrict_vocab, case_insensitive};
  questions->similarity = similarity;
  questions->analogies = analogies;
  const std::shared_ptr<ThreadPool> pool = shared_pool();
  run_function([=] { answer(*questions, view_of(rows), *pool); });
  Figures of_pairs;
  Figures of_analogies;
  for (std::size_t i = 0; i < similarity.size(); ++i)
    of_pairs[similarity[i].c_str()] = figures_of(questions->of_pairs[i]);
  for (std::size_t i = 0; i < analogies.size(); ++i)
    of_analogies[analogies[i].c_str()] = figures_of(questions->of_analogies[i]);
  Figures all;
  all["similarity"] = of_pairs;
  all["analogies"] = of_analogies;
  return all;
}

}  // namespace

void bind_eval(nb::module_& module) {
  using nb::arg;
  module.def("evaluate_sts_file", &sts_of_file, arg("embedder"), arg("path"), arg("prompt").none(),
             arg("dim"), arg("normalize").none(), arg("progress").none());
  module.def("evaluate_sts_pairs", &sts_of_pairs, arg("embedder"), arg("first"), arg("second"),
             arg("scores"), arg("prompt").none(), arg("dim"), arg("normalize").none(),
             arg("progress").none());
  module.def("evaluate_retrieval", &retrieval, arg("embedder"), arg("folder"), arg("split"),
             arg("cutoffs"), arg("query_prompt").none(), arg("document_prompt").none(),
             arg("skip_same_id"), arg("dim"), arg("normalize").none(), arg("progress").none());
  module.def("evaluate_words", &words, arg("rows").noconvert(), arg("keys"), arg("similarity"),
             arg("analogies"), arg("restrict_vocab"), arg("case_insensitive"));
}

}  // namespace firth::python
