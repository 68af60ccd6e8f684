#include "firth/words/word_numbers.h"

#include <algorithm>
#include <cstring>

#include "firth/core/error.h"

namespace firth {
namespace {

constexpr std::uint32_t kFree = UINT32_MAX;

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

}  // namespace

std::uint32_t WordNumbers::add(std::string_view word, std::uint64_t count) {
  if (slots_.size() < 2 * (entries_.size() + 1)) grow();
  const std::uint32_t hash = hash_of(word);
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = hash & mask;
  for (; slots_[at].number != kFree; at = (at + 1) & mask) {
    if (slots_[at].hash != hash || this->word(slots_[at].number) != word) continue;
    entries_[slots_[at].number].count += count;
    return slots_[at].number;
  }
  constexpr std::size_t kMost = INT32_MAX;  // numbers are kept as 32-bit ids
  if (entries_.size() == kMost || word.size() > UINT32_MAX) {
    fail(ErrorKind::kUnsupported, "corpus: expected at most ", kMost,
         " distinct words of less than 4 GiB, found more");
  }
  slots_[at] = {hash, static_cast<std::uint32_t>(entries_.size())};
  entries_.push_back({bytes_.size(), static_cast<std::uint32_t>(word.size()), hash, count});
  bytes_.insert(bytes_.end(), word.begin(), word.end());
  return slots_[at].number;
}

void WordNumbers::add(const WordNumbers& other) {
  for (std::size_t i = 0; i < other.size(); ++i) add(other.word(i), other.count(i));
}

void WordNumbers::grow() {
  slots_.assign(std::max<std::size_t>(1024, 2 * slots_.size()), Slot{});
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    std::size_t at = entries_[i].hash & mask;
    while (slots_[at].number != kFree) at = (at + 1) & mask;
    slots_[at] = {entries_[i].hash, static_cast<std::uint32_t>(i)};
  }
}

}  // namespace firth
