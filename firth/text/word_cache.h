// A cache from words to token ids, for one thread. Two tables of fixed entries, each word with one
// place in one of them, which a later word takes over: short words with few tokens (32 bytes an
// entry), and longer ones (128 bytes). Both begin small, for callers that make a state for one
// short text, and grow up to a bound; longer words still are not remembered.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

namespace firth {

class WordCache {
 public:
  static constexpr std::size_t kMaxShort = 15;  // bytes of a word
  static constexpr std::size_t kMaxLong = 72;

  WordCache() : short_(kFirstEntries), long_(kFirstEntries) {}

  // A word and its place. `readable` says how many bytes may be read from word.data() on.
  class Key {
   public:
    Key(std::string_view word, std::size_t readable) : word_(word) {
      if (word.size() <= kMaxShort) {
        read_short(readable);
      } else {
        hash_long();
      }
    }

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
      hash_ = mix(low_ * 0x9E3779B97F4A7C15u ^ high_ * 0xC2B2AE3D27D4EB4Fu);
    }

    void hash_long() {
      const char* p = word_.data();
      const std::size_t n = word_.size();
      std::uint64_t hash = n;
      for (std::size_t i = 0; i + 8 <= n; i += 8) hash = mix((hash ^ load(p + i)) * kFactor);
      hash_ = mix((hash ^ load(p + n - 8)) * kFactor);
    }

    static constexpr std::uint64_t kFactor = 0xBF58476D1CE4E5B9u;

    static std::uint64_t mix(std::uint64_t hash) { return hash ^ hash >> 32; }

    std::string_view word_;
    std::uint64_t low_ = 0;
    std::uint64_t high_ = 0;
    std::uint64_t hash_ = 0;
  };

  static constexpr std::size_t kMaxIds = 11;  // of a word that is remembered

  // Copies the word's ids to `out`, which has room for kMaxIds, and returns their number; 0 if the
  // word is not remembered.
  std::size_t copy(const Key& key, std::int32_t* out) const {
    if (key.word_.size() <= kMaxShort) {
      const ShortEntry& entry = short_[key.hash_ & (short_.size() - 1)];
      if (entry.low != key.low_ || entry.high != key.high_) return 0;
      std::memcpy(out, entry.ids.data(), sizeof entry.ids);
      return entry.num_ids;
    }
    if (key.word_.size() > kMaxLong) return 0;
    const LongEntry& entry = long_[key.hash_ & (long_.size() - 1)];
    if (entry.length != key.word_.size() ||
        std::memcmp(entry.bytes.data(), key.word_.data(), entry.length) != 0) {
      return 0;
    }
    std::memcpy(out, entry.ids.data(), sizeof entry.ids);
    return entry.num_ids;
  }

  // Appends the word's ids to `ids` if the word is remembered.
  bool append(const Key& key, std::vector<std::int32_t>& ids) const {
    if (key.word_.size() <= kMaxShort) {
      const ShortEntry& entry = short_[key.hash_ & (short_.size() - 1)];
      if (entry.low != key.low_ || entry.high != key.high_) return false;
      ids.insert(ids.end(), entry.ids.begin(), entry.ids.begin() + entry.num_ids);
      return true;
    }
    if (key.word_.size() > kMaxLong) return false;
    const LongEntry& entry = long_[key.hash_ & (long_.size() - 1)];
    if (entry.length != key.word_.size() ||
        std::memcmp(entry.bytes.data(), key.word_.data(), entry.length) != 0) {
      return false;
    }
    ids.insert(ids.end(), entry.ids.begin(), entry.ids.begin() + entry.num_ids);
    return true;
  }

  void remember(const Key& key, std::span<const std::int32_t> ids) {
    if (key.word_.size() <= kMaxShort) {
      if (ids.size() > kShortIds) return;
      grow(short_, num_short_, kMostShort);
      fill(short_[key.hash_ & (short_.size() - 1)], key, ids);
    } else if (key.word_.size() <= kMaxLong && ids.size() <= kLongIds) {
      grow(long_, num_long_, kMostLong);
      fill(long_[key.hash_ & (long_.size() - 1)], key, ids);
    }
  }

 private:
  static constexpr std::size_t kShortIds = 3;
  static constexpr std::size_t kLongIds = kMaxIds;
  static constexpr std::size_t kFirstEntries = 64;
  static constexpr std::size_t kMostShort = 131072;  // 4 MB
  static constexpr std::size_t kMostLong = 32768;    // 4 MB

  struct alignas(32) ShortEntry {
    std::uint64_t low = 0;
    std::uint64_t high = 0;  // the length in the upper byte; 0 = free
    std::uint32_t num_ids = 0;
    std::array<std::int32_t, kShortIds> ids{};
  };

  struct alignas(64) LongEntry {
    std::uint8_t length = 0;  // 0 = free
    std::uint8_t num_ids = 0;
    std::array<char, kMaxLong> bytes{};
    std::array<std::int32_t, kLongIds> ids{};
  };

  static_assert(sizeof(ShortEntry) == 32 && sizeof(LongEntry) == 128);

  static void fill(ShortEntry& entry, const Key& key, std::span<const std::int32_t> ids) {
    entry.low = key.low_;
    entry.high = key.high_;
    entry.num_ids = static_cast<std::uint32_t>(ids.size());
    std::copy(ids.begin(), ids.end(), entry.ids.begin());
  }

  static void fill(LongEntry& entry, const Key& key, std::span<const std::int32_t> ids) {
    entry.length = static_cast<std::uint8_t>(key.word_.size());
    entry.num_ids = static_cast<std::uint8_t>(ids.size());
    std::copy(key.word_.begin(), key.word_.end(), entry.bytes.begin());
    std::copy(ids.begin(), ids.end(), entry.ids.begin());
  }

  // Four times as large once as many words were stored as there are places; what was there is
  // forgotten, since it comes back at once if it matters.
  template <class Entry>
  static void grow(std::vector<Entry>& table, std::size_t& num_stored, std::size_t most) {
    if (++num_stored > table.size() / 2 && table.size() < most) {
      table.assign(std::min(4 * table.size(), most), Entry{});
      num_stored = 1;
    }
  }

  std::vector<ShortEntry> short_;  // sizes are powers of two
  std::vector<LongEntry> long_;
  std::size_t num_short_ = 0;  // stored since the table has its size
  std::size_t num_long_ = 0;
};

}  // namespace firth
