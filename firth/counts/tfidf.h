// TF-IDF (Spärck Jones 1972; the form is scikit-learn's TfidfTransformer):
//
//   tf'    = tf, or 1 + ln(tf) if sublinear_tf
//   idf(t) = ln(n / df(t)) + 1, or ln((1 + n) / (1 + df(t))) + 1 if smooth_idf
//   row    = tf' * idf, then divided by its l2 (or l1) norm
//
// n: documents, df(t): those that have the term. A row without terms stays zero. Without smoothing
// a term that no document has gets idf = +inf, as there; it can only be one of a given vocabulary.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "firth/core/sparse_matrix.h"
#include "firth/core/thread_pool.h"
#include "firth/counts/count_vectorizer.h"

namespace firth {

enum class RowNorm : std::uint8_t { kNone, kL1, kL2 };

std::string_view row_norm_name(RowNorm norm);
RowNorm parse_row_norm(std::string_view name);  // "none", "l1", "l2"

struct TfidfOptions {
  RowNorm norm = RowNorm::kL2;
  bool use_idf = true;
  bool smooth_idf = true;
  bool sublinear_tf = false;
};

// Divides each row by its norm; zero rows stay.
template <class T>
void normalize_rows(SparseMatrix<T>& matrix, RowNorm norm, ThreadPool& pool);

class TfidfTransformer {
 public:
  // What idf is computed from is kept, so that a saved one computes it to the last bit again.
  static TfidfTransformer fit(const TfidfOptions& options, std::uint64_t num_documents,
                              std::span<const std::uint64_t> document_frequencies);

  // Document frequencies are those of the matrix: entries that are not zero.
  template <class T>
  static TfidfTransformer fit(const TfidfOptions& options, const SparseView<T>& counts);

  const TfidfOptions& options() const { return options_; }

  std::span<const double> idf() const { return idf_; }  // empty without use_idf

  std::uint64_t num_documents() const { return num_documents_; }

  std::span<const std::uint64_t> document_frequencies() const { return document_frequencies_; }

  // Counts become weights in place. Errors: invalid_argument for another number of columns.
  template <class T>
  void apply(SparseMatrix<T>& counts, ThreadPool& pool) const;

 private:
  TfidfTransformer() = default;

  TfidfOptions options_;
  std::uint64_t num_documents_ = 0;
  std::vector<std::uint64_t> document_frequencies_;
  std::vector<double> idf_;
};

// Counts and weights in one: scikit-learn's TfidfVectorizer. Immutable.
class TfidfVectorizer {
 public:
  TfidfVectorizer(CountVectorizer counts, TfidfTransformer weights)
      : counts_(std::move(counts)), weights_(std::move(weights)) {}

  const CountVectorizer& counts() const { return counts_; }

  const TfidfTransformer& weights() const { return weights_; }

  template <class T>
  SparseMatrix<T> transform(std::span<const std::string_view> texts, ThreadPool& pool) const {
    SparseMatrix<T> matrix = counts_.transform<T>(texts, pool);
    weights_.apply(matrix, pool);
    return matrix;
  }

 private:
  CountVectorizer counts_;
  TfidfTransformer weights_;
};

// Learned from texts in memory, with the texts' own vectors.
template <class T>
struct FittedTfidf {
  TfidfVectorizer vectorizer;
  SparseMatrix<T> matrix;
};

template <class T>
FittedTfidf<T> fit_tfidf(const CountOptions& counts, const TfidfOptions& weights,
                         std::span<const std::string_view> texts, ThreadPool& pool);

}  // namespace firth
