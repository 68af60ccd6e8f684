// The table of words.
#include "firth/text/word_counts.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "firth/core/error.h"

namespace firth {
namespace {

std::uint64_t load(const char* p, std::size_t length) {
  std::uint64_t value = 0;
  std::memcpy(&value, p, length);
  return value;
}

std::uint32_t hash_of(std::string_view word) {
  constexpr std::uint64_t kFactor = 0x9E3779B97F4A7C15u;
  std::uint64_t hash = word.size() * kFactor;
  while (word.size() > 8) {
    hash = (hash ^ load(word.data(), 8)) * kFactor;
    hash ^= hash >> 32;
    word.remove_prefix(8);
  }
  hash = (hash ^ load(word.data(), word.size())) * kFactor;
  return static_cast<std::uint32_t>(hash >> 32);
}

// The first eight bytes as a number that orders as they do.
std::uint64_t sort_key(std::string_view word) {
  return std::endian::native == std::endian::little
             ? __builtin_bswap64(load(word.data(), std::min<std::size_t>(word.size(), 8)))
             : load(word.data(), std::min<std::size_t>(word.size(), 8));
}

}  // namespace

void WordCounts::add(std::string_view word, std::uint64_t count) {
  if (slots_.size() < 2 * (entries_.size() + 1)) grow();
  const std::uint32_t hash = hash_of(word);
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = hash & mask;
  for (; slots_[at].index != kFree; at = (at + 1) & mask) {
    if (slots_[at].hash != hash) continue;
    Entry& entry = entries_[slots_[at].index];
    if (entry.length == word.size() &&
        std::memcmp(bytes_.data() + entry.begin, word.data(), word.size()) == 0) {
      entry.count += count;
      return;
    }
  }
  if (entries_.size() == kFree) {
    fail(ErrorKind::kUnsupported, "word counts: expected at most ", kFree,
         " distinct words, found more");
  }
  slots_[at] = {hash, static_cast<std::uint32_t>(entries_.size())};
  entries_.push_back({bytes_.size(), static_cast<std::uint32_t>(word.size()), hash, count});
  bytes_.insert(bytes_.end(), word.begin(), word.end());
}

void WordCounts::add(const WordCounts& other) {
  for (std::size_t i = 0; i < other.size(); ++i) add(other[i].word, other[i].count);
}

void WordCounts::grow() {
  slots_.assign(std::max<std::size_t>(1024, 2 * slots_.size()), Slot{});
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    std::size_t at = entries_[i].hash & mask;
    while (slots_[at].index != kFree) at = (at + 1) & mask;
    slots_[at] = {entries_[i].hash, static_cast<std::uint32_t>(i)};
  }
}

std::vector<WordCount> WordCounts::sorted() const {
  struct Keyed {
    std::uint64_t key;
    WordCount item;
  };

  std::vector<Keyed> keyed(size());
  for (std::size_t i = 0; i < size(); ++i) {
    const WordCount item = (*this)[i];
    keyed[i] = {sort_key(item.word), item};
  }
  std::ranges::sort(keyed, [](const Keyed& a, const Keyed& b) {
    return a.key != b.key ? a.key < b.key : a.item.word < b.item.word;
  });
  std::vector<WordCount> words(size());
  std::ranges::transform(keyed, words.begin(), &Keyed::item);
  return words;
}

void WordCounts::clear() {
  bytes_.clear();
  entries_.clear();
  slots_.clear();
}

}  // namespace firth
