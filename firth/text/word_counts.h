// How often each distinct word occurs: what every trainer of a tokenizer learns from. A hash table
// with half a cache line a word, in which words of up to 15 bytes lie themselves; the bytes of
// longer ones lie one after another in a buffer beside it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "firth/text/word_key.h"

namespace firth {

struct WordCount {
  std::string_view word;
  std::uint64_t count = 0;
};

class WordCounts {
 public:
  WordCounts() : slots_(kFirstSlots) {}

  // Words must not be empty.
  void add(const WordKey& key, std::uint64_t count = 1);

  void add(std::string_view word, std::uint64_t count = 1) { add(WordKey(word), count); }

  void add(const WordCounts& other);

  // Has the word's place brought near.
  void prefetch(const WordKey& key) const { __builtin_prefetch(&slots_[first_slot(key.hash())]); }

  std::size_t size() const { return num_words_; }

  // Bytes of memory.
  std::size_t memory() const { return slots_.size() * sizeof(Slot) + bytes_.capacity(); }

  // In no order that means anything. Views are valid until the next add().
  std::vector<WordCount> words() const;

  // In the order of their bytes, which tells nothing of the order of the texts.
  std::vector<WordCount> sorted() const;

  void clear();

 private:
  struct alignas(32) Slot {
    std::uint64_t low = 0;   // as in the word's key
    std::uint64_t high = 0;  // 0 = free; of a long word the mark and its length
    std::uint64_t count = 0;
    std::uint64_t begin = 0;  // of a long word's bytes
  };

  static constexpr std::size_t kFirstSlots = 256;

  std::size_t first_slot(std::uint64_t hash) const { return hash & (slots_.size() - 1); }

  std::string_view word_of(const Slot& slot) const;
  void grow();

  std::vector<Slot> slots_;  // a power of two, at most two thirds of them taken
  std::vector<char> bytes_;
  std::size_t num_words_ = 0;
};

}  // namespace firth
