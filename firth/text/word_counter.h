// Counts the words that a tokenizer's normalizer and pre-tokenizer make of texts, on all threads.
// Texts may come without end: what is kept are the distinct words.
//
// Most texts need not go through the parts: where words do not depend on what lies beyond a space,
// the stretches between spaces are counted as they stand, and each distinct one goes through the
// parts once; and words that a scanner of ours cuts are counted as they stand, and spelled as bytes
// once. The counts are the same.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "firth/core/thread_pool.h"
#include "firth/text/byte_level.h"
#include "firth/text/normalizer.h"
#include "firth/text/pre_tokenizer.h"
#include "firth/text/word_counts.h"

namespace firth {

class WordCounter {
 public:
  // Both may be null; they and the pool must outlive the counter.
  WordCounter(const Normalizer* normalizer, const PreTokenizer* pre_tokenizer, ThreadPool& pool);

  // Texts need not be valid UTF-8: each ill-formed sequence is read as U+FFFD.
  void add(std::span<const std::string_view> texts);

  // What was counted; the counter begins anew.
  WordCounts take();

 private:
  // What a thread has counted.
  struct Tally {
    WordCounts stretches;  // that are not words yet
    WordCounts words;
  };

  // Stretches of the same count, as one text.
  struct Batch {
    std::string text;
    std::uint64_t count;
  };

  void add_text(std::string_view text, Tally& tally) const;
  void add_stretches(std::string_view text, Tally& tally) const;
  void add_byte_words(std::string_view text, WordCounts& stretches) const;
  void add_words(std::string_view text, std::uint64_t count, WordCounts& words) const;

  bool is_full(const WordCounts& stretches) const;
  std::vector<Batch> make_batches(const WordCounts& stretches) const;
  void make_words(Tally& tally) const;
  void make_words_on_all_threads();
  void spell_bytes_of(Tally& tally) const;

  const Normalizer* normalizer_;
  const PreTokenizer* pre_tokenizer_;
  ThreadPool& pool_;
  SpaceRole space_role_ = SpaceRole::kUnknown;
  std::optional<ByteWords> byte_words_;
  std::vector<Tally> tallies_;  // by thread
};

}  // namespace firth
