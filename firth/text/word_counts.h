// How often each distinct word occurs: what every trainer of a tokenizer learns from. A hash table
// whose words lie one after another in one buffer, about 40 bytes a word beside the word itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace firth {

struct WordCount {
  std::string_view word;
  std::uint64_t count = 0;
};

class WordCounts {
 public:
  void add(std::string_view word, std::uint64_t count = 1);
  void add(const WordCounts& other);

  std::size_t size() const { return entries_.size(); }

  std::size_t num_bytes() const { return bytes_.size(); }  // of the words

  WordCount operator[](std::size_t i) const {  // in the order of their first occurrence
    const Entry& entry = entries_[i];
    return {{bytes_.data() + entry.begin, entry.length}, entry.count};
  }

  // In the order of their bytes, which no longer tells how the texts were cut into parts. The views
  // are valid until the next add().
  std::vector<WordCount> sorted() const;

  void clear();

 private:
  struct Entry {
    std::uint64_t begin = 0;
    std::uint32_t length = 0;
    std::uint32_t hash = 0;
    std::uint64_t count = 0;
  };

  struct Slot {
    std::uint32_t hash = 0;
    std::uint32_t index = kFree;
  };

  static constexpr std::uint32_t kFree = UINT32_MAX;

  void grow();

  std::vector<char> bytes_;
  std::vector<Entry> entries_;
  std::vector<Slot> slots_;  // a power of two, at most half of them taken
};

}  // namespace firth
