// A corpus as the trainers of word vectors want it: words numbered by falling count, and the
// sentences as these numbers, in a mapped file that has no name, so that a corpus never has to fit
// into memory. Texts are read once: each thread numbers the words it meets in its own way, and the
// numbers are replaced when all counts are known. The result does not depend on the threads.
//
// Memory: about 60 bytes and its length for each distinct word and thread; disk: 4 bytes a word.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "firth/core/thread_pool.h"
#include "firth/words/word_list.h"

namespace firth {

struct CorpusOptions {
  std::string separator = {};  // between words; "" = blanks, tabs and line breaks
  std::size_t min_count = 5;   // words that occur less often are left out
  std::size_t max_vocab = 0;   // only that many of the most frequent words; 0 = all
  bool end_words = false;      // each sentence ends in the word "</s>", as fastText has it
  std::vector<std::string> stop_words = {};  // left out
  // If not empty, these words, in this order, and no others.
  std::vector<std::string> vocabulary = {};
  std::string spool_folder =
      {};  // where the nameless file lies; "" = the system's for temporary files
};

inline constexpr std::int32_t kSentenceBreak = -1;

class TokenSpool;  // the nameless file

struct Corpus {
  WordList words;
  std::vector<std::uint64_t> counts;  // of each word
  std::uint64_t num_tokens = 0;       // words of the vocabulary in the texts
  std::uint64_t num_read = 0;         // words in the texts
  std::uint64_t num_distinct = 0;
  std::uint64_t num_sentences = 0;
  std::span<const std::int32_t> ids;  // kSentenceBreak after each sentence
  std::shared_ptr<const TokenSpool> spool;
};

class CorpusBuilder {
 public:
  CorpusBuilder(const CorpusOptions& options, ThreadPool& pool);
  ~CorpusBuilder();
  CorpusBuilder(const CorpusBuilder&) = delete;
  CorpusBuilder& operator=(const CorpusBuilder&) = delete;

  // A text is a sentence; line breaks inside it, with a separator of its own too, end sentences.
  // Texts are UTF-8; what is not becomes U+FFFD.
  void add(std::span<const std::string_view> texts);

  // Errors: invalid_argument if no word is left (says how many there were).
  Corpus finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace firth
