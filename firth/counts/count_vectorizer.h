// Bag of words: documents as counts of their terms (scikit-learn's CountVectorizer, whose numbers
// and columns these are: terms in the order of their code points).
//
// A CountVectorizer knows its terms and is immutable. A TermCounter learns them: it is given texts
// block by block, keeps what distinct terms there are, how often and in how many documents each
// occurs, and if asked the counts of each document. Counts are whole numbers and columns are
// sorted, so nothing depends on the number of threads.
//
// Memory of a TermCounter: about 60 bytes a distinct term and thread (n-grams that are pruned later
// among them), and, if documents are kept, 8 bytes for each term of each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "firth/core/sparse_matrix.h"
#include "firth/core/thread_pool.h"
#include "firth/counts/count_options.h"

namespace firth {

class CountVectorizer {
 public:
  // terms: the columns, in this order. Errors: invalid_argument for none, one that occurs twice, or
  // options that are none.
  CountVectorizer(const CountOptions& options, std::vector<std::string> terms);
  ~CountVectorizer();
  CountVectorizer(CountVectorizer&&) noexcept;
  CountVectorizer& operator=(CountVectorizer&&) noexcept;

  const CountOptions& options() const;
  const std::vector<std::string>& terms() const;  // of the columns

  std::size_t num_columns() const { return terms().size(); }

  std::optional<std::int32_t> find(std::string_view term) const;  // its column

  // (texts, columns): how often each term occurs. T is float or double.
  template <class T>
  SparseMatrix<T> transform(std::span<const std::string_view> texts, ThreadPool& pool) const;

 private:
  struct State;
  std::unique_ptr<const State> state_;
};

// What was learned of the terms: a number for each column.
struct TermStatistics {
  std::uint64_t num_documents = 0;
  std::vector<std::uint64_t> document_frequencies;  // documents that have the term
  std::vector<std::uint64_t> counts;                // times that it occurs (documents if binary)
};

class TermCounter {
 public:
  // With keep_documents take_matrix() gives the counts of all texts, which then need not be read
  // a second time. With a vocabulary no terms are learned: these are the columns, in this order.
  struct Options {
    CountOptions counts = {};
    bool keep_documents = false;
    std::vector<std::string> vocabulary = {};
  };

  TermCounter(const Options& options, ThreadPool& pool);
  ~TermCounter();
  TermCounter(const TermCounter&) = delete;
  TermCounter& operator=(const TermCounter&) = delete;

  void add(std::span<const std::string_view> texts);

  // Chooses the terms. At most once, nothing is added after. Errors: invalid_argument if no term is
  // left, saying why.
  CountVectorizer finish();

  const TermStatistics& statistics() const;  // after finish()

  // (texts, columns), after finish(), at most once.
  template <class T>
  SparseMatrix<T> take_matrix();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace firth
