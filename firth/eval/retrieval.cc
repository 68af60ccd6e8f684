#include "firth/eval/retrieval.h"

#include <algorithm>
#include <chrono>
#include <initializer_list>
#include <string_view>
#include <unordered_map>

#include "firth/eval/embed_texts.h"
#include "firth/eval/retrieval_metrics.h"
#include "firth/search/exact_index.h"

namespace firth {
namespace {

class Stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

std::optional<std::string> choose_prompt(const std::optional<std::string>& asked,
                                         const EmbedderDescription& description,
                                         std::initializer_list<const char*> names) {
  if (asked) return asked;
  for (const char* name : names) {
    if (const auto prompt = description.prompts.find(name); prompt != description.prompts.end()) {
      return prompt->second;
    }
  }
  return std::nullopt;
}

Tensor embed_all(const Embedder& embedder, const std::vector<std::string>& texts,
                 EmbedOptions options, const std::optional<std::string>& prompt,
                 Workspace& workspace, EmbedReport& report) {
  options.prompt = prompt;
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  return embed_texts(embedder, views, options, workspace, report);
}

// The grades of one query's judgements: by document, and all of them.
struct Grades {
  explicit Grades(const std::vector<Judgement>& judgements) {
    for (const Judgement& j : judgements) {
      judged.push_back(j.grade);
      if (j.document != Judgement::kNoDocument) of_document[j.document] = j.grade;
    }
  }

  std::unordered_map<std::size_t, int> of_document;
  std::vector<int> judged;
};

std::vector<int> grade_ranking(const std::vector<Hit>& hits, const Grades& grades,
                               const RetrievalData& data, std::size_t query,
                               const RetrievalOptions& options) {
  std::vector<int> ranking;
  for (const Hit& hit : hits) {
    if (options.skip_same_id && data.document_ids[hit.row] == data.query_ids[query]) continue;
    if (ranking.size() == options.depth) break;
    const auto grade = grades.of_document.find(hit.row);
    ranking.push_back(grade == grades.of_document.end() ? 0 : grade->second);
  }
  return ranking;
}

void add_metrics(const RankedGrades& grades, std::size_t depth, RetrievalResult& result) {
  for (MetricsAt& at : result.at) {
    at.ndcg += ndcg_at(grades, at.k);
    at.recall += recall_at(grades, at.k);
    at.mrr += reciprocal_rank_at(grades, at.k);
  }
  result.mean_average_precision += average_precision_at(grades, depth);
}

void divide_metrics(double n, RetrievalResult& result) {
  for (MetricsAt& at : result.at) {
    at.ndcg /= n;
    at.recall /= n;
    at.mrr /= n;
  }
  result.mean_average_precision /= n;
}

}  // namespace

RetrievalResult evaluate_retrieval(const Embedder& embedder, const RetrievalData& data,
                                   const RetrievalOptions& options, Workspace& workspace) {
  const EmbedderDescription& description = embedder.description();
  RetrievalResult result;
  result.num_documents = data.documents.size();
  result.num_queries = data.queries.size();
  for (const std::size_t k : options.cutoffs) result.at.push_back({.k = k});

  const Stopwatch document_watch;
  const Tensor documents = embed_all(
      embedder, data.documents, options.embed,
      choose_prompt(options.document_prompt, description, {"document", "passage", "corpus"}),
      workspace, result.document_report);
  result.document_seconds = document_watch.seconds();

  const Stopwatch query_watch;
  const Tensor queries = embed_all(embedder, data.queries, options.embed,
                                   choose_prompt(options.query_prompt, description, {"query"}),
                                   workspace, result.query_report);
  result.query_seconds = query_watch.seconds();

  const Stopwatch search_watch;
  const ExactIndex index(documents.view<float>(), {.similarity = description.similarity},
                         workspace.pool());
  const auto hits = index.search(queries.view<float>(),
                                 options.depth + (options.skip_same_id ? 1 : 0), workspace.pool());
  result.search_seconds = search_watch.seconds();

  for (std::size_t i = 0; i < hits.size(); ++i) {
    const Grades grades(data.judgements[i]);
    const std::vector<int> ranking = grade_ranking(hits[i], grades, data, i, options);
    add_metrics({.ranking = ranking, .judged = grades.judged}, options.depth, result);
  }
  divide_metrics(static_cast<double>(std::max<std::size_t>(hits.size(), 1)), result);
  return result;
}

}  // namespace firth
