// The hashing trick (Weinberger et al. 2009, arXiv:0902.2206): a term's column is its hash modulo
// the number of columns, so that nothing is learned and any text can be read at once. As
// scikit-learn's HashingVectorizer: the hash is MurmurHash3 (x86, 32 bits, seed 0) of the term's
// UTF-8 taken as a signed number; the column is its absolute value, modulo n_features, and with
// alternate_sign its sign decides whether the count is added or subtracted, so that terms that
// share a column cancel on average.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "firth/core/sparse_matrix.h"
#include "firth/core/thread_pool.h"
#include "firth/counts/count_options.h"
#include "firth/counts/symbols.h"
#include "firth/counts/tfidf.h"

namespace firth {

// MurmurHash3_x86_32 (Appleby, public domain).
std::uint32_t murmur_hash3(std::string_view bytes, std::uint32_t seed = 0);

struct HashingOptions {
  TermOptions terms = {};
  std::size_t n_features = std::size_t{1} << 20;  // columns
  bool alternate_sign = true;
  bool binary = false;  // every column that is not zero becomes 1
  RowNorm norm = RowNorm::kL2;
};

class HashingVectorizer {
 public:
  // Errors: invalid_argument for no columns or more than 2^31 - 1.
  explicit HashingVectorizer(const HashingOptions& options);

  const HashingOptions& options() const { return options_; }

  // (texts, n_features). Columns whose terms cancel out are kept as zeros, as there.
  template <class T>
  SparseMatrix<T> transform(std::span<const std::string_view> texts, ThreadPool& pool) const;

 private:
  HashingOptions options_;
  Symbols symbols_;
};

}  // namespace firth
