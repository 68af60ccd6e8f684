#include "firth/counts/hashing_vectorizer.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "firth/core/error.h"

namespace firth {
namespace {

constexpr std::size_t kTextsAPiece = 64;  // of the parallel loop

std::uint32_t scramble(std::uint32_t block) {
  return std::rotl(block * 0xCC9E2D51u, 15) * 0x1B873593u;
}

using Entry = std::pair<std::int32_t, double>;  // column and value

// f(term) for each term of a sequence, as it is spelled.
template <class F>
void for_each_term(std::span<const std::string_view> symbols, const TermOptions& options,
                   std::string& term, F&& f) {
  const std::string_view joint = options.analyzer == Analyzer::kWord ? " " : "";
  const bool keep_short = options.analyzer == Analyzer::kCharWb;
  const std::size_t shortest = keep_short ? std::min(options.min_n, symbols.size()) : options.min_n;
  for (std::size_t n = shortest; n <= std::min(options.max_n, symbols.size()); ++n) {
    for (std::size_t i = 0; n > 0 && i + n <= symbols.size(); ++i) {
      term.assign(symbols[i]);
      for (std::size_t j = 1; j < n; ++j) term.append(joint).append(symbols[i + j]);
      f(std::string_view(term));
    }
  }
}

Entry entry_of(std::string_view term, const HashingOptions& options) {
  const auto hash = static_cast<std::int32_t>(murmur_hash3(term));
  const std::uint64_t size = hash < 0 ? -static_cast<std::int64_t>(hash) : hash;
  const double sign = options.alternate_sign && hash < 0 ? -1 : 1;
  return {static_cast<std::int32_t>(size % options.n_features), sign};
}

// Equal columns become one.
void add_up(std::vector<Entry>& row, bool binary) {
  std::ranges::sort(row, {}, &Entry::first);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (kept > 0 && row[kept - 1].first == row[i].first) {
      row[kept - 1].second += row[i].second;
    } else {
      row[kept++] = row[i];
    }
  }
  row.resize(kept);
  if (binary) std::ranges::for_each(row, [](Entry& entry) { entry.second = 1; });
}

}  // namespace

std::uint32_t murmur_hash3(std::string_view bytes, std::uint32_t seed) {
  std::uint32_t hash = seed;
  std::size_t i = 0;
  for (; i + 4 <= bytes.size(); i += 4) {
    std::uint32_t block;
    std::memcpy(&block, bytes.data() + i, sizeof block);
    hash = std::rotl(hash ^ scramble(block), 13) * 5 + 0xE6546B64u;
  }
  std::uint32_t tail = 0;
  for (std::size_t j = bytes.size(); j > i; --j)
    tail = tail << 8 | static_cast<unsigned char>(bytes[j - 1]);
  hash ^= scramble(tail) ^ static_cast<std::uint32_t>(bytes.size());
  hash = (hash ^ hash >> 16) * 0x85EBCA6Bu;
  hash = (hash ^ hash >> 13) * 0xC2B2AE35u;
  return hash ^ hash >> 16;
}

HashingVectorizer::HashingVectorizer(const HashingOptions& options)
    : options_(options), symbols_(options.terms) {
  if (options.n_features < 1 || options.n_features > INT32_MAX) {
    fail(ErrorKind::kInvalidArgument, "n_features: expected 1 to 2^31 - 1, found ",
         options.n_features);
  }
}

template <class T>
SparseMatrix<T> HashingVectorizer::transform(std::span<const std::string_view> texts,
                                             ThreadPool& pool) const {
  std::vector<std::vector<Entry>> rows(texts.size());
  std::vector<Symbols::Scratch> scratches(pool.num_threads());
  pool.parallel_for(
      texts.size(), kTextsAPiece, [&](std::size_t begin, std::size_t end, std::size_t w) {
        std::string term;
        for (std::size_t i = begin; i < end; ++i) {
          symbols_.find(texts[i], scratches[w]);
          std::size_t first = 0;
          for (const std::size_t last : scratches[w].ends) {
            for_each_term(
                std::span(scratches[w].symbols).subspan(first, last - first), options_.terms, term,
                [&](std::string_view spelled) { rows[i].push_back(entry_of(spelled, options_)); });
            first = last;
          }
          add_up(rows[i], options_.binary);
        }
      });
  SparseMatrix<T> matrix;
  matrix.num_cols = options_.n_features;
  for (const auto& row : rows) {
    for (const auto& [column, value] : row) {
      matrix.indices.push_back(column);
      matrix.values.push_back(static_cast<T>(value));
    }
    matrix.close_row();
  }
  normalize_rows(matrix, options_.norm, pool);
  return matrix;
}

template SparseMatrix<float> HashingVectorizer::transform(std::span<const std::string_view>,
                                                          ThreadPool&) const;
template SparseMatrix<double> HashingVectorizer::transform(std::span<const std::string_view>,
                                                           ThreadPool&) const;

}  // namespace firth
