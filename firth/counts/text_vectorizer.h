// TextVectorizer: any of the ways to make a sparse vector of a text, as one value that is saved to
// and opened from a folder:
//
//   firth.json           format_version, kind ("count", "tfidf", "hashing") and the options
//   vocabulary.json      the terms, a JSON list in the order of the columns ("count", "tfidf")
//   model.safetensors    document_frequencies, i64 (columns) ("tfidf")
//
// docs/formats.md states the fields. A folder of a newer format_version is refused.
#pragma once

#include <string>
#include <variant>

#include "firth/counts/hashing_vectorizer.h"
#include "firth/counts/tfidf.h"

namespace firth {

class TextVectorizer {
 public:
  explicit TextVectorizer(CountVectorizer counts) : way_(std::move(counts)) {}

  explicit TextVectorizer(TfidfVectorizer tfidf) : way_(std::move(tfidf)) {}

  explicit TextVectorizer(HashingVectorizer hashing) : way_(std::move(hashing)) {}

  std::string_view kind() const;  // "count", "tfidf", "hashing"
  std::size_t num_columns() const;

  // The terms of the columns; null for hashing.
  const CountVectorizer* counts() const;

  template <class T>
  SparseMatrix<T> transform(std::span<const std::string_view> texts, ThreadPool& pool) const {
    return std::visit([&](const auto& way) { return way.template transform<T>(texts, pool); },
                      way_);
  }

  // Makes the folder if need be; firth.json comes last. Errors: io, not_found.
  void save(const std::string& folder) const;

  // Errors: not_found, io, corrupt; unsupported for a newer version or another kind.
  static TextVectorizer open(const std::string& folder);

 private:
  std::variant<CountVectorizer, TfidfVectorizer, HashingVectorizer> way_;
};

// Whether a folder's firth.json says that it is one of these.
bool is_text_vectorizer(const std::string& folder);

}  // namespace firth
