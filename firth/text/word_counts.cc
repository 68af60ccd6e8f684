// The table of words.
#include "firth/text/word_counts.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace firth {
namespace {

constexpr std::uint64_t kLengthMask = ~WordKey::kLongMark;

// The first eight bytes as a number that orders as they do.
std::uint64_t sort_key(std::string_view word) {
  std::uint64_t bytes = 0;
  std::memcpy(&bytes, word.data(), std::min<std::size_t>(word.size(), 8));
  return __builtin_bswap64(bytes);
}

}  // namespace

void WordCounts::add(const WordKey& key, std::uint64_t count) {
  const std::string_view word = key.word();
  const std::uint64_t high =
      key.is_short() ? key.high() : WordKey::kLongMark | (word.size() & kLengthMask);
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = first_slot(key.hash());
  for (; slots_[at].high != 0; at = (at + 1) & mask) {
    Slot& slot = slots_[at];
    if (slot.low != key.low() || slot.high != high) continue;
    if (key.is_short() || std::memcmp(bytes_.data() + slot.begin, word.data(), word.size()) == 0) {
      slot.count += count;
      return;
    }
  }
  slots_[at] = {key.low(), high, count, bytes_.size()};
  if (!key.is_short()) bytes_.insert(bytes_.end(), word.begin(), word.end());
  if (3 * ++num_words_ > 2 * slots_.size()) grow();
}

void WordCounts::add(const WordCounts& other) {
  for (const Slot& slot : other.slots_) {
    if (slot.high != 0) add(other.word_of(slot), slot.count);
  }
}

std::string_view WordCounts::word_of(const Slot& slot) const {
  if (slot.high < WordKey::kLongMark) {
    return {reinterpret_cast<const char*>(&slot.low), slot.high >> 56};
  }
  return {bytes_.data() + slot.begin, slot.high & kLengthMask};
}

void WordCounts::grow() {
  const std::vector<Slot> old = std::exchange(slots_, std::vector<Slot>(2 * slots_.size()));
  const std::size_t mask = slots_.size() - 1;
  for (const Slot& slot : old) {
    if (slot.high == 0) continue;
    std::size_t at = first_slot(WordKey::hash_of(slot.low, slot.high));
    while (slots_[at].high != 0) at = (at + 1) & mask;
    slots_[at] = slot;
  }
}

std::vector<WordCount> WordCounts::words() const {
  std::vector<WordCount> words;
  words.reserve(num_words_);
  for (const Slot& slot : slots_) {
    if (slot.high != 0) words.push_back({word_of(slot), slot.count});
  }
  return words;
}

std::vector<WordCount> WordCounts::sorted() const {
  struct Keyed {
    std::uint64_t key;
    WordCount item;
  };

  std::vector<Keyed> keyed;
  keyed.reserve(num_words_);
  for (const WordCount& item : words()) keyed.push_back({sort_key(item.word), item});
  std::ranges::sort(keyed, [](const Keyed& a, const Keyed& b) {
    return a.key != b.key ? a.key < b.key : a.item.word < b.item.word;
  });
  std::vector<WordCount> sorted(keyed.size());
  std::ranges::transform(keyed, sorted.begin(), &Keyed::item);
  return sorted;
}

void WordCounts::clear() {
  *this = WordCounts();
}

}  // namespace firth
