// Counts the words that a tokenizer's normalizer and pre-tokenizer make of texts, on all threads.
// Texts may come without end: what is kept are the distinct words.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "firth/core/thread_pool.h"
#include "firth/text/normalizer.h"
#include "firth/text/pre_tokenizer.h"
#include "firth/text/word_counts.h"

namespace firth {

class WordCounter {
 public:
  // Both may be null; they and the pool must outlive the counter.
  WordCounter(const Normalizer* normalizer, const PreTokenizer* pre_tokenizer, ThreadPool& pool);
  ~WordCounter();

  // Texts need not be valid UTF-8: each ill-formed sequence is read as U+FFFD.
  void add(std::span<const std::string_view> texts);

  // What was counted; the counter begins anew.
  WordCounts take();

 private:
  void add_text(std::string_view text, WordCounts& counts) const;

  const Normalizer* normalizer_;
  const PreTokenizer* pre_tokenizer_;
  ThreadPool& pool_;
  std::vector<WordCounts> counts_;  // by thread
};

}  // namespace firth
