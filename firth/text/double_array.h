// An immutable trie over bytes as a double array (Aoe 1989): the child of a node by a byte lies at
// base ^ byte, eight bytes a node, one load a step. Four times as fast to walk as ByteTrie on a
// vocabulary of 250,000 tokens, but built at once, from all keys.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace firth {

class DoubleArray {
 public:
  DoubleArray() = default;

  // Of keys that occur twice the last value counts; empty keys are left out. Values must lie in
  // [0, kMaxValue].
  explicit DoubleArray(std::vector<std::pair<std::string_view, std::int32_t>> keys);

  static constexpr std::int32_t kMaxValue = (1 << 25) - 2;

  // on_key(length, value) for each key that `text` begins with, the shortest first.
  template <class OnKey>
  void for_each_prefix(std::string_view text, OnKey&& on_key) const {
    if (units_.empty()) {
      return;
    }
    std::uint64_t unit = units_[0];
    for (std::size_t i = 0; i < text.size(); ++i) {
      const std::uint64_t byte = static_cast<unsigned char>(text[i]);
      unit = units_[(unit >> kBaseShift) ^ byte];
      if ((unit & kCheckMask) != (byte | kUsed)) {
        return;
      }
      if (const auto value = static_cast<std::int32_t>(unit >> kValueShift & kValueMask)) {
        on_key(i + 1, value - 1);
      }
    }
  }

 private:
  class Builder;

  // A unit: 9 bits of check (the byte that leads here, and that the unit is in use), 25 bits of the
  // value + 1 (0 = none), 30 bits of base. A node without children has base 0, where no byte finds
  // its check.
  static constexpr std::uint64_t kUsed = 0x100, kCheckMask = 0x1FF, kValueMask = (1 << 25) - 1;
  static constexpr int kValueShift = 9, kBaseShift = 34;

  std::vector<std::uint64_t> units_;  // whole blocks of 256
};

}  // namespace firth
