// A cache from words to token ids, for one thread. Each word has two places in one table, side by
// side in a cache line, and the older of its occupants makes way for a new one. Words of up to 15
// bytes and three tokens lie in the table itself; the bytes and ids of others in two arenas beside
// it. The table begins small, for callers that make a state for one short text, and grows up to a
// bound; when an arena is full, all is forgotten. At most 16 MB; longer words are not remembered.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "firth/text/word_key.h"

namespace firth {

class WordCache {
 public:
  static constexpr std::size_t kMaxLong = 512;

  using Key = WordKey;

  WordCache() : places_(kFirstPlaces) {}

  // Has the word's place brought near.
  void prefetch(const Key& key) const { __builtin_prefetch(&place_of(key.hash())); }

  // The ids of a word that is remembered, until the next one is; empty for others.
  std::span<const std::int32_t> find(const Key& key) const {
    const auto& [newer, older] = place_of(key.hash()).entries;
    if (is(newer, key)) return ids_of(newer);
    if (is(older, key)) return ids_of(older);
    return {};
  }

  // Appends the word's ids to `ids` if the word is remembered.
  bool append(const Key& key, std::vector<std::int32_t>& ids) const {
    const std::span<const std::int32_t> found = find(key);
    ids.insert(ids.end(), found.begin(), found.end());
    return !found.empty();
  }

  void remember(const Key& key, std::span<const std::int32_t> ids) {
    if (ids.empty() || key.word().size() > kMaxLong) return;
    if (ids_.size() + ids.size() > kMostIds || bytes_.size() + key.word().size() > kMostBytes) {
      forget();
    }
    if (++num_stored_ > places_.size() && places_.size() < kMostPlaces) grow();
    auto& [newer, older] = place_of(key.hash()).entries;
    older = newer;
    fill(newer, key, ids);
  }

 private:
  static constexpr std::size_t kInlineIds = 3;
  static constexpr std::size_t kFirstPlaces = 64;
  static constexpr std::size_t kMostPlaces = 131072;  // 8 MB
  static constexpr std::size_t kMostIds = std::size_t{1} << 20;
  static constexpr std::size_t kMostBytes = std::size_t{1} << 22;

  struct Entry {
    std::uint64_t low = 0;   // the first bytes, or of a long word the hash
    std::uint64_t high = 0;  // more bytes and the length; 0 = free
    std::uint32_t num_ids = 0;
    std::array<std::int32_t, kInlineIds> ids{};  // or the first of them is their place in ids_
  };

  struct alignas(64) Place {
    std::array<Entry, 2> entries;
  };

  static_assert(sizeof(Place) == 64);

  // Of a long word: its length and where its bytes lie.
  static std::uint64_t long_high(std::size_t length, std::size_t at) {
    return WordKey::kLongMark | std::uint64_t{length} << 32 | at;
  }

  bool is(const Entry& entry, const Key& key) const {
    if (entry.low != key.low()) return false;
    if (key.is_short()) return entry.high == key.high();
    const std::size_t at = entry.high & UINT32_MAX;
    return entry.high == long_high(key.word().size(), at) &&
           std::memcmp(bytes_.data() + at, key.word().data(), key.word().size()) == 0;
  }

  std::span<const std::int32_t> ids_of(const Entry& entry) const {
    return {entry.num_ids <= kInlineIds ? entry.ids.data() : ids_.data() + entry.ids[0],
            entry.num_ids};
  }

  void fill(Entry& entry, const Key& key, std::span<const std::int32_t> ids) {
    entry.low = key.low();
    entry.high = key.high();
    if (!key.is_short()) {
      entry.high = long_high(key.word().size(), bytes_.size());
      bytes_.insert(bytes_.end(), key.word().begin(), key.word().end());
    }
    entry.num_ids = static_cast<std::uint32_t>(ids.size());
    if (ids.size() <= kInlineIds) {
      std::copy(ids.begin(), ids.end(), entry.ids.begin());
    } else {
      entry.ids[0] = static_cast<std::int32_t>(ids_.size());
      ids_.insert(ids_.end(), ids.begin(), ids.end());
    }
  }

  void forget() {
    places_.assign(places_.size(), Place{});
    ids_.clear();
    bytes_.clear();
    num_stored_ = 0;
  }

  // Four times as large, with what was there.
  void grow() {
    const std::vector<Place> old = std::exchange(places_, std::vector<Place>(4 * places_.size()));
    for (const Place& place : old) {
      for (const Entry& entry : {place.entries[1], place.entries[0]}) {
        if (entry.high == 0) continue;
        auto& [newer, older] = place_of(WordKey::hash_of(entry.low, entry.high)).entries;
        older = newer;
        newer = entry;
      }
    }
  }

  Place& place_of(std::uint64_t hash) { return places_[hash & (places_.size() - 1)]; }

  const Place& place_of(std::uint64_t hash) const { return places_[hash & (places_.size() - 1)]; }

  std::vector<Place> places_;  // a power of two
  std::vector<std::int32_t> ids_;
  std::vector<char> bytes_;
  std::size_t num_stored_ = 0;  // since all was forgotten
};

}  // namespace firth
