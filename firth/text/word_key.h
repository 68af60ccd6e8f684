// A word as it is looked up in hash tables: up to 15 bytes are two numbers, compared at once, and
// longer words their hash, after which their bytes must be compared.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace firth {

class WordKey {
 public:
  static constexpr std::size_t kMaxShort = 15;  // bytes of a word

  // In the upper byte of a long word's high(), where a short one has its length.
  static constexpr std::uint64_t kLongMark = std::uint64_t{0xFF} << 56;

  WordKey() = default;

  // `readable` says how many bytes may be read from word.data() on.
  WordKey(std::string_view word, std::size_t readable) : word_(word) {
    if (word.size() <= kMaxShort) {
      read_short(readable);
    } else {
      read_long();
    }
  }

  explicit WordKey(std::string_view word) : WordKey(word, word.size()) {}

  std::string_view word() const { return word_; }

  bool is_short() const { return word_.size() <= kMaxShort; }

  // Of a short word its bytes, one after another in memory, and its length behind them; of a long
  // one the hash, and kLongMark.
  std::uint64_t low() const { return low_; }

  std::uint64_t high() const { return high_; }

  std::uint64_t hash() const { return hash_; }

  // The hash of a key's two numbers, if what is below the mark is no part of them.
  static std::uint64_t hash_of(std::uint64_t low, std::uint64_t high) {
    return high >= kLongMark ? low : mix(low * 0x9E3779B97F4A7C15u ^ high * 0xC2B2AE3D27D4EB4Fu);
  }

 private:
  static std::uint64_t load(const char* p) {
    std::uint64_t value;
    std::memcpy(&value, p, sizeof value);
    return value;
  }

  static std::uint64_t mix(std::uint64_t hash) { return hash ^ hash >> 32; }

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
    hash_ = hash_of(low_, high_);
  }

  void read_long() {
    constexpr std::uint64_t kFactor = 0xBF58476D1CE4E5B9u;
    const char* p = word_.data();
    const std::size_t n = word_.size();
    std::uint64_t hash = n;
    for (std::size_t i = 0; i + 8 <= n; i += 8) hash = mix((hash ^ load(p + i)) * kFactor);
    low_ = hash_ = mix((hash ^ load(p + n - 8)) * kFactor);
    high_ = kLongMark;
  }

  std::string_view word_;
  std::uint64_t low_ = 0;
  std::uint64_t high_ = 0;
  std::uint64_t hash_ = 0;
};

}  // namespace firth
