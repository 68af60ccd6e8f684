// Retrieval: every query against every document by exact search, graded by people's judgements, as
// BEIR and MTEB do (retrieval_metrics.h; retrieval_data.h reads the collections).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "firth/core/embedder.h"
#include "firth/core/workspace.h"
#include "firth/eval/retrieval_data.h"

namespace firth {

struct RetrievalOptions {
  std::vector<std::size_t> cutoffs = {1, 3, 5, 10, 100};  // the k of the metrics
  std::size_t depth = 1000;  // documents ranked a query; the mean average precision looks this deep
  // Text before each query or document. nullopt: the model's prompt named "query" or, for
  // documents, the first it has of "document", "passage" and "corpus", else its default prompt (as
  // sentence-transformers' encode_query and encode_document).
  std::optional<std::string> query_prompt = {};
  std::optional<std::string> document_prompt = {};
  bool skip_same_id = false;  // a document with the query's id is not ranked (BEIR's default; it
                              // matters where queries are documents, as in ArguAna and Quora)
  EmbedOptions embed = {};    // its prompt is not looked at
};

struct MetricsAt {
  std::size_t k = 0;
  double ndcg = 0;  // all in [0, 1], the mean over queries
  double recall = 0;
  double mrr = 0;
};

struct RetrievalResult {
  std::vector<MetricsAt> at;          // a cutoff
  double mean_average_precision = 0;  // at options.depth
  std::size_t num_documents = 0;
  std::size_t num_queries = 0;
  EmbedReport document_report;
  EmbedReport query_report;
  double document_seconds = 0;  // of embedding
  double query_seconds = 0;
  double search_seconds = 0;
};

// Documents are compared by the model's own similarity; manhattan is unsupported. Documents of
// equal score rank in the order of the collection (trec_eval: by falling id).
RetrievalResult evaluate_retrieval(const Embedder& embedder, const RetrievalData& data,
                                   const RetrievalOptions& options, Workspace& workspace);

}  // namespace firth
