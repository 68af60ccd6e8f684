// BM25 (Robertson & Zaragoza 2009, "The Probabilistic Relevance Framework: BM25 and Beyond") in the
// eight forms that people compute: five of bm25s (after Kamphuis et al. 2020, "Which BM25 Do You
// Mean?") and three of rank-bm25. The score of a document for a query is the sum over the query's
// words, repeated ones as often as they stand there, of idf(t) * tfc(t, d). With N documents, df of
// them with the term, L = 1 - b + b * length / mean length:
//
//   method      idf                                     tfc
//   robertson   ln(max(1, (N - df + .5)/(df + .5)))     tf / (k1 L + tf)
//   lucene      ln(1 + (N - df + .5)/(df + .5))         tf / (k1 L + tf)
//   atire       ln(N / df)                              tf (k1 + 1) / (tf + k1 L)
//   bm25l       ln((N + 1)/(df + .5))                   (k1 + 1)(tf/L + delta) / (k1 + tf/L +
//   delta) bm25+       ln((N + 1)/df)                          tf (k1 + 1) / (tf + k1 L) + delta
//   rank-okapi  ln((N - df + .5)/(df + .5)), negative ones epsilon * mean idf; tfc of atire
//   rank-bm25l  ln((N + 1)/(df + .5))                   tf times that of bm25l
//   rank-bm25+  ln((N + 1)/df)                          that of bm25+
//
// bm25l, bm25+ and rank-bm25+ give a document without the term idf * tfc(0) > 0: the same for every
// such document, so only what is above it lies in the sparse matrix.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "firth/core/sparse_matrix.h"

namespace firth {

enum class Bm25Method : std::uint8_t {
  kRobertson,
  kLucene,
  kAtire,
  kBm25L,
  kBm25Plus,
  kRankOkapi,
  kRankBm25L,
  kRankBm25Plus,
};

std::string_view bm25_method_name(Bm25Method method);
Bm25Method parse_bm25_method(std::string_view name);  // the names of the table

struct Bm25Options {
  Bm25Method method = Bm25Method::kLucene;
  double k1 = 1.5;        // how soon further occurrences stop to count
  double b = 0.75;        // how much long documents are held back: 0 not at all, 1 fully
  double delta = 0.5;     // of bm25l and bm25+; rank-bm25's own default for its bm25+ is 1
  double epsilon = 0.25;  // of rank-okapi
};

struct Bm25Weights {
  SparseMatrix<float> above;   // (documents, columns): score of a term beyond `absent`
  std::vector<double> absent;  // (columns): score of a term that the document lacks
};

// Weights of counted documents: (documents, columns), where lengths are the sums of the rows; a
// vocabulary that leaves words out makes documents shorter. Errors: invalid_argument for k1 < 0 or
// b outside 0 to 1 or what is not finite.
Bm25Weights bm25_weights(const SparseView<double>& counts, const Bm25Options& options);

// Scores of all documents for a query's columns, in f64.
std::vector<double> bm25_scores(const Bm25Weights& weights, const std::vector<std::int32_t>& query);

}  // namespace firth
