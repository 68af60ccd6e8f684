#include "firth/words/word_list.h"

#include <array>
#include <bit>

#include "firth/core/error.h"

namespace firth {
namespace {

constexpr std::uint32_t kFree = UINT32_MAX;

// The low bits of FNV-1a of short words are not evenly spread.
std::size_t slot_of(std::uint32_t hash, std::size_t mask) {
  return static_cast<std::size_t>((hash * 0x9E3779B97F4A7C15u) >> 32) & mask;
}

}  // namespace

std::uint32_t word_hash(std::string_view text) {
  std::uint32_t hash = 2166136261u;
  for (const char c : text) {
    hash ^= static_cast<std::uint32_t>(static_cast<std::int32_t>(static_cast<std::int8_t>(c)));
    hash *= 16777619u;
  }
  return hash;
}

WordList::WordList(std::vector<std::string_view> words, std::shared_ptr<const void> owner)
    : words_(std::move(words)), owner_(std::move(owner)) {
  if (words_.size() >= kFree / 2)
    fail(ErrorKind::kUnsupported, "words: expected less than 2^31, found ", words_.size());
  build();
}

// Slots lie all over memory: they are asked for a few words ahead, and of a slot that is taken the
// hash decides before the word's bytes are fetched.
void WordList::build() {
  constexpr std::size_t kAhead = 16;
  slots_.assign(std::bit_ceil(2 * words_.size() + 2), Slot{0, kFree});
  const std::size_t mask = slots_.size() - 1;
  std::array<std::uint32_t, kAhead> hashes{};
  for (std::size_t next = 0; next < words_.size() + kAhead; ++next) {
    if (next >= kAhead) insert(next - kAhead, hashes[next % kAhead], mask);
    if (next >= words_.size()) continue;
    hashes[next % kAhead] = word_hash(words_[next]);
    __builtin_prefetch(&slots_[slot_of(hashes[next % kAhead], mask)], 1);
  }
}

void WordList::insert(std::size_t word, std::uint32_t hash, std::size_t mask) {
  std::size_t at = slot_of(hash, mask);
  for (; slots_[at].word != kFree; at = (at + 1) & mask) {
    if (slots_[at].hash == hash && words_[slots_[at].word] == words_[word]) return;
  }
  slots_[at] = {hash, static_cast<std::uint32_t>(word)};
}

WordList WordList::copy_of(std::span<const std::string_view> words) {
  auto text = std::make_shared<std::string>();
  std::size_t size = 0;
  for (const std::string_view word : words) size += word.size();
  text->reserve(size);
  std::vector<std::string_view> views;
  views.reserve(words.size());
  for (const std::string_view word : words) {
    views.emplace_back(text->data() + text->size(), word.size());
    text->append(word);
  }
  return {std::move(views), std::move(text)};
}

std::optional<std::size_t> WordList::find(std::string_view word, std::uint32_t hash) const {
  if (slots_.empty()) return std::nullopt;
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = slot_of(hash, mask); slots_[at].word != kFree; at = (at + 1) & mask) {
    if (slots_[at].hash == hash && words_[slots_[at].word] == word) return slots_[at].word;
  }
  return std::nullopt;
}

}  // namespace firth
