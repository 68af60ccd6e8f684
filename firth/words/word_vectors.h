// Vectors of words, whatever file they come from: a table of word2vec's or GloVe's, or a fastText
// model that also has vectors for words it never saw. Immutable, safe to share.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "firth/core/tensor.h"
#include "firth/core/thread_pool.h"
#include "firth/words/fasttext_model.h"
#include "firth/words/word_list.h"

namespace firth {

class WordVectors {
 public:
  virtual ~WordVectors() = default;
  WordVectors() = default;
  WordVectors(const WordVectors&) = delete;
  WordVectors& operator=(const WordVectors&) = delete;

  virtual std::size_t dimension() const = 0;
  virtual const WordList& words() const = 0;
  virtual void copy_row(std::size_t word, std::span<float> out) const = 0;  // out: (dimension)

  // Of a word that is not in the list too, where n-grams give one; false, and zeros, if nothing
  // does.
  virtual bool vector_of(std::string_view word, std::span<float> out) const;

  // Of a text: its words at spaces. word tables: the mean of the known words' vectors; fastText:
  // as its own program. Returns how many words have no vector.
  virtual std::size_t text_vector(std::string_view text, std::span<float> out) const;

  // "word2vec", "word2vec text", "fastText", …
  virtual std::string_view kind() const = 0;

  virtual const FastTextModel* fasttext() const { return nullptr; }

  // All rows. Errors as copy_row.
  Tensor to_f32(ThreadPool& pool) const;
};

// What a file begins with decides, not its name; text is told from word2vec's binary form by its
// second line. Errors: not_found, io, corrupt, unsupported.
std::shared_ptr<const WordVectors> open_word_vectors(const std::string& path);

// nullopt: no file of words, as far as the first bytes tell.
enum class WordFileKind { kWord2VecText, kWord2VecBinary, kFastText };
std::optional<WordFileKind> word_file_kind(const std::string& path);

// A table in memory.
std::shared_ptr<const WordVectors> word_table(WordList words, std::shared_ptr<const Tensor> rows);

}  // namespace firth
