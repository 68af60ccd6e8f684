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

namespace firth {

class WordCache {
 public:
  static constexpr std::size_t kMaxShort = 15;  // bytes of a word
  static constexpr std::size_t kMaxLong = 512;

  WordCache() : places_(kFirstPlaces) {}

  // A word and its place. `readable` says how many bytes may be read from word.data() on.
  class Key {
   public:
    Key() = default;

    Key(std::string_view word, std::size_t readable) : word_(word) {
      if (word.size() <= kMaxShort) {
        read_short(readable);
      } else {
        hash_long();
      }
    }

    std::string_view word() const { return word_; }

   private:
    friend class WordCache;

    static std::uint64_t load(const char* p) {
      std::uint64_t value;
      std::memcpy(&value, p, sizeof value);
      return value;
    }

    void read_short(std::size_t readable) {
      if (readable >= 16) {
        low_ = load(word_.data());
        high_ = load(word_.data() + 8);
      } else {
        char bytes[16] = {};
        std::memcpy(bytes, word_.data(), word_.size());
        low_ = load(bytes);
        high_ = load(bytes + 8);
      }
      const std::size_t n = word_.size();
      if (n < 8) {
        low_ &= (std::uint64_t{1} << (8 * n)) - 1;
        high_ = 0;
      } else {
        high_ &= (std::uint64_t{1} << (8 * (n - 8))) - 1;
      }
      high_ |= std::uint64_t{n} << 56;
      hash_ = short_hash(low_, high_);
    }

    void hash_long() {
      const char* p = word_.data();
      const std::size_t n = word_.size();
      std::uint64_t hash = n;
      for (std::size_t i = 0; i + 8 <= n; i += 8) hash = mix((hash ^ load(p + i)) * kFactor);
      hash_ = mix((hash ^ load(p + n - 8)) * kFactor);
    }

    static constexpr std::uint64_t kFactor = 0xBF58476D1CE4E5B9u;

    std::string_view word_;
    std::uint64_t low_ = 0;
    std::uint64_t high_ = 0;
    std::uint64_t hash_ = 0;
  };

  // Has the word's place brought near.
  void prefetch(const Key& key) const { __builtin_prefetch(&place_of(key.hash_)); }

  // The ids of a word that is remembered, until the next one is; empty for others.
  std::span<const std::int32_t> find(const Key& key) const {
    const auto& [newer, older] = place_of(key.hash_).entries;
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
    if (ids.empty() || key.word_.size() > kMaxLong) return;
    if (ids_.size() + ids.size() > kMostIds || bytes_.size() + key.word_.size() > kMostBytes) {
      forget();
    }
    if (++num_stored_ > places_.size() && places_.size() < kMostPlaces) grow();
    auto& [newer, older] = place_of(key.hash_).entries;
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

  // Of a long word: its length (never 1 to 15 in the upper byte) and where its bytes lie.
  static constexpr std::uint64_t kLongMark = std::uint64_t{0xFF} << 56;

  static std::uint64_t long_high(std::size_t length, std::size_t at) {
    return kLongMark | std::uint64_t{length} << 32 | at;
  }

  bool is(const Entry& entry, const Key& key) const {
    if (key.word_.size() <= kMaxShort) return entry.low == key.low_ && entry.high == key.high_;
    const std::size_t at = entry.high & UINT32_MAX;
    return entry.low == key.hash_ && entry.high == long_high(key.word_.size(), at) &&
           std::memcmp(bytes_.data() + at, key.word_.data(), key.word_.size()) == 0;
  }

  std::span<const std::int32_t> ids_of(const Entry& entry) const {
    return {entry.num_ids <= kInlineIds ? entry.ids.data() : ids_.data() + entry.ids[0],
            entry.num_ids};
  }

  void fill(Entry& entry, const Key& key, std::span<const std::int32_t> ids) {
    entry.low = key.low_;
    entry.high = key.high_;
    if (key.word_.size() > kMaxShort) {
      entry.low = key.hash_;
      entry.high = long_high(key.word_.size(), bytes_.size());
      bytes_.insert(bytes_.end(), key.word_.begin(), key.word_.end());
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
        const bool is_long = entry.high >= kLongMark;
        auto& [newer, older] =
            place_of(is_long ? entry.low : short_hash(entry.low, entry.high)).entries;
        older = newer;
        newer = entry;
      }
    }
  }

  static std::uint64_t mix(std::uint64_t hash) { return hash ^ hash >> 32; }

  static std::uint64_t short_hash(std::uint64_t low, std::uint64_t high) {
    return mix(low * 0x9E3779B97F4A7C15u ^ high * 0xC2B2AE3D27D4EB4Fu);
  }

  Place& place_of(std::uint64_t hash) { return places_[hash & (places_.size() - 1)]; }

  const Place& place_of(std::uint64_t hash) const { return places_[hash & (places_.size() - 1)]; }

  std::vector<Place> places_;  // a power of two
  std::vector<std::int32_t> ids_;
  std::vector<char> bytes_;
  std::size_t num_stored_ = 0;  // since all was forgotten
};

}  // namespace firth
