// Test collections for retrieval: documents, queries, and people's judgements of which document
// answers which query.
//
//   BEIR (Thakur et al. 2021, arXiv:2104.08663): a folder with
//     corpus.jsonl          {"_id", "title" (may be missing), "text"}
//     queries.jsonl         {"_id", "text"}; or queries-SPLIT.jsonl
//     qrels/SPLIT.tsv       query-id, corpus-id, score, after a header row; or qrels-SPLIT.tsv;
//                           trec_eval's form (query, iteration, document, grade) is read as well
//   Cranfield (Cleverdon 1967, as distributed by the University of Glasgow): cran.all.1400,
//     cran.qry, cranqrel. cranqrel numbers queries by their order in cran.qry, not by the number
//     after .I; its grades run backwards (1 = a complete answer … 4 = of minimum interest), so a
//     judged document counts as relevant or not: 1 to 4 are relevant, -1 (and 5) are not.
//
// Every file may end in .gz or .zst. A document's text is its title, a space and its body, as BEIR
// joins them.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace firth {

struct Judgement {
  static constexpr std::size_t kNoDocument = static_cast<std::size_t>(-1);

  std::size_t document = 0;  // or kNoDocument: judged, but not in the collection
  int grade = 0;             // above 0: relevant
};

struct RetrievalData {
  std::string name;  // the folder's
  std::vector<std::string> document_ids;
  std::vector<std::string> documents;
  std::vector<std::string> query_ids;  // only queries that were judged
  std::vector<std::string> queries;
  std::vector<std::vector<Judgement>> judgements;  // a query
};

// Whichever of the two lies in the folder. Errors: not_found lists the files that are expected;
// corrupt names file and line; not_found for a split that is not there.
RetrievalData read_retrieval(const std::string& folder, const std::string& split = "test");

}  // namespace firth
