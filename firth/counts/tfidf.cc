#include "firth/counts/tfidf.h"

#include <cmath>
#include <utility>

#include "firth/core/error.h"

namespace firth {
namespace {

constexpr std::size_t kRowsAPiece = 256;  // of the parallel loops

double norm_of(std::span<const double> row, RowNorm norm) {
  double sum = 0;
  for (const double value : row) sum += norm == RowNorm::kL1 ? std::abs(value) : value * value;
  return norm == RowNorm::kL1 ? sum : std::sqrt(sum);
}

// f(row as doubles, columns) changes each row.
template <class T, class F>
void change_rows(SparseMatrix<T>& matrix, ThreadPool& pool, F&& f) {
  pool.parallel_for(matrix.rows(), kRowsAPiece,
                    [&](std::size_t begin, std::size_t end, std::size_t) {
                      std::vector<double> row;
                      for (std::size_t i = begin; i < end; ++i) {
                        const auto values = matrix.row_values(i);
                        row.assign(values.begin(), values.end());
                        f(std::span<double>(row), std::as_const(matrix).row_indices(i));
                        for (std::size_t j = 0; j < row.size(); ++j)
                          values[j] = static_cast<T>(row[j]);
                      }
                    });
}

void divide_by_norm(std::span<double> row, RowNorm norm) {
  if (norm == RowNorm::kNone) return;
  const double length = norm_of(row, norm);
  if (length == 0) return;
  for (double& value : row) value /= length;
}

}  // namespace

std::string_view row_norm_name(RowNorm norm) {
  return norm == RowNorm::kNone ? "none" : norm == RowNorm::kL1 ? "l1" : "l2";
}

RowNorm parse_row_norm(std::string_view name) {
  for (const RowNorm norm : {RowNorm::kNone, RowNorm::kL1, RowNorm::kL2}) {
    if (row_norm_name(norm) == name) return norm;
  }
  fail(ErrorKind::kInvalidArgument, "norm: expected none, l1 or l2, found ", quoted(name));
}

template <class T>
void normalize_rows(SparseMatrix<T>& matrix, RowNorm norm, ThreadPool& pool) {
  if (norm == RowNorm::kNone) return;
  change_rows(matrix, pool, [&](std::span<double> row, std::span<const std::int32_t>) {
    divide_by_norm(row, norm);
  });
}

template void normalize_rows(SparseMatrix<float>&, RowNorm, ThreadPool&);
template void normalize_rows(SparseMatrix<double>&, RowNorm, ThreadPool&);

TfidfTransformer TfidfTransformer::fit(const TfidfOptions& options, std::uint64_t num_documents,
                                       std::span<const std::uint64_t> document_frequencies) {
  TfidfTransformer fitted;
  fitted.options_ = options;
  fitted.num_documents_ = num_documents;
  fitted.document_frequencies_.assign(document_frequencies.begin(), document_frequencies.end());
  if (options.use_idf) {
    const double smooth = options.smooth_idf ? 1 : 0;
    const double n = static_cast<double>(num_documents) + smooth;
    fitted.idf_.reserve(document_frequencies.size());
    for (const std::uint64_t df : document_frequencies)
      fitted.idf_.push_back(std::log(n / (static_cast<double>(df) + smooth)) + 1);
  }
  return fitted;
}

template <class T>
TfidfTransformer TfidfTransformer::fit(const TfidfOptions& options, const SparseView<T>& counts) {
  std::vector<std::uint64_t> document_frequencies(counts.cols());
  for (std::size_t i = 0; i < counts.num_nonzeros(); ++i) {
    if (counts.values[i] != 0) ++document_frequencies[static_cast<std::size_t>(counts.indices[i])];
  }
  return fit(options, counts.rows(), document_frequencies);
}

template TfidfTransformer TfidfTransformer::fit(const TfidfOptions&, const SparseView<float>&);
template TfidfTransformer TfidfTransformer::fit(const TfidfOptions&, const SparseView<double>&);

template <class T>
void TfidfTransformer::apply(SparseMatrix<T>& counts, ThreadPool& pool) const {
  if (options_.use_idf && counts.cols() != idf_.size()) {
    fail(ErrorKind::kInvalidArgument, "counts: expected ", idf_.size(), " columns, found ",
         counts.cols());
  }
  change_rows(counts, pool, [&](std::span<double> row, std::span<const std::int32_t> columns) {
    for (std::size_t j = 0; j < row.size(); ++j) {
      if (options_.sublinear_tf) row[j] = std::log(row[j]) + 1;
      if (options_.use_idf) row[j] *= idf_[static_cast<std::size_t>(columns[j])];
    }
    divide_by_norm(row, options_.norm);
  });
}

template void TfidfTransformer::apply(SparseMatrix<float>&, ThreadPool&) const;
template void TfidfTransformer::apply(SparseMatrix<double>&, ThreadPool&) const;

template <class T>
FittedTfidf<T> fit_tfidf(const CountOptions& counts, const TfidfOptions& weights,
                         std::span<const std::string_view> texts, ThreadPool& pool) {
  TermCounter counter({.counts = counts, .keep_documents = true}, pool);
  counter.add(texts);
  CountVectorizer vectorizer = counter.finish();
  const TermStatistics& statistics = counter.statistics();
  TfidfTransformer transformer =
      TfidfTransformer::fit(weights, statistics.num_documents, statistics.document_frequencies);
  SparseMatrix<T> matrix = counter.take_matrix<T>();
  transformer.apply(matrix, pool);
  return {{std::move(vectorizer), std::move(transformer)}, std::move(matrix)};
}

template FittedTfidf<float> fit_tfidf(const CountOptions&, const TfidfOptions&,
                                      std::span<const std::string_view>, ThreadPool&);
template FittedTfidf<double> fit_tfidf(const CountOptions&, const TfidfOptions&,
                                       std::span<const std::string_view>, ThreadPool&);

}  // namespace firth
