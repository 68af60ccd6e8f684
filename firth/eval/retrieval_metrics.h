// Metrics of a ranked list, as trec_eval computes them and BEIR and MTEB report them.
//
//   DCG@k    = sum over ranks i = 1…k of gain_i / log2(i + 1)
//   nDCG@k   = DCG@k / DCG@k of the ideal order
//   recall@k = relevant documents among the first k / all relevant documents
//   RR@k     = 1 / rank of the first relevant document, 0 if it is not among the first k
//   AP@k     = mean over all relevant documents of the precision at their rank (0 if not in k)
//
// The gain is the grade itself (linear), not 2^grade - 1. A document is relevant if its grade is
// above 0; a grade below 0 counts as 0. RR@k is BEIR's cut at k; trec_eval does not cut.
#pragma once

#include <cstddef>
#include <span>

namespace firth {

// The grades that one query's judgements give: of the documents found, in the order of the ranking
// (0 for a document that nobody judged), and of all judged documents, found or not, in any order.
struct RankedGrades {
  std::span<const int> ranking;
  std::span<const int> judged;
};

// Each in [0, 1]; 0 for a query that has no relevant document.
double ndcg_at(const RankedGrades& grades, std::size_t k);
double recall_at(const RankedGrades& grades, std::size_t k);
double reciprocal_rank_at(const RankedGrades& grades, std::size_t k);
double average_precision_at(const RankedGrades& grades, std::size_t k);

}  // namespace firth
