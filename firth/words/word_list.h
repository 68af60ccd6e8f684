// Words by number and numbers by word: an open table over views. Of a word that
// occurs twice the first counts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace firth {

// fastText's hash of a string: FNV-1a, whose bytes above 127 are taken as negative numbers.
std::uint32_t word_hash(std::string_view text);

class WordList {
 public:
  WordList() = default;

  // Views into what `owner` keeps alive.
  WordList(std::vector<std::string_view> words, std::shared_ptr<const void> owner);

  // A copy of the words.
  static WordList copy_of(std::span<const std::string_view> words);

  std::size_t size() const { return words_.size(); }

  std::string_view operator[](std::size_t i) const { return words_[i]; }

  std::span<const std::string_view> words() const { return words_; }

  std::optional<std::size_t> find(std::string_view word) const {
    return find(word, word_hash(word));
  }

  std::optional<std::size_t> find(std::string_view word, std::uint32_t hash) const;

 private:
  struct Slot {
    std::uint32_t hash;
    std::uint32_t word;  // UINT32_MAX = free
  };

  void build();
  void insert(std::size_t word, std::uint32_t hash, std::size_t mask);

  std::vector<std::string_view> words_;
  std::vector<Slot> slots_;  // a power of two, at most half of them taken
  std::shared_ptr<const void> owner_;
};

}  // namespace firth
