// Numbers words in the order in which they first occur, and counts them: what one thread makes of
// its share of a corpus. Words lie one after another in one buffer, about 40 bytes a word beside
// the word itself. (text/word_counts.h counts faster, but its words have no numbers.)
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace firth {

class WordNumbers {
 public:
  // Returns the word's number.
  std::uint32_t add(std::string_view word, std::uint64_t count = 1);
  void add(const WordNumbers& other);

  std::size_t size() const { return entries_.size(); }

  // Valid until the next add().
  std::string_view word(std::size_t i) const {
    return {bytes_.data() + entries_[i].begin, entries_[i].length};
  }

  std::uint64_t count(std::size_t i) const { return entries_[i].count; }

 private:
  struct Entry {
    std::uint64_t begin = 0;
    std::uint32_t length = 0;
    std::uint32_t hash = 0;
    std::uint64_t count = 0;
  };

  struct Slot {
    std::uint32_t hash = 0;
    std::uint32_t number = UINT32_MAX;  // free
  };

  void grow();

  std::vector<char> bytes_;
  std::vector<Entry> entries_;
  std::vector<Slot> slots_;  // a power of two, at most half of them taken
};

}  // namespace firth
