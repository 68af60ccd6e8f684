// Draws words in proportion to a power of their counts: the negatives of word2vec (0.75) and
// fastText (0.5). Walker's alias method: one draw costs one look into a table of eight bytes a
// word.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace firth {

// Fast numbers for the inner loop (SplitMix64; Steele et al. 2014), a stream for each task.
class DrawStream {
 public:
  DrawStream(std::uint64_t seed, std::uint64_t task)
      : state_(mix(seed * 0x9E3779B97F4A7C15u + mix(task + 0xD1B54A32D192ED03u))) {}

  std::uint64_t next() { return mix(state_ += 0x9E3779B97F4A7C15u); }

  std::uint32_t bits() { return static_cast<std::uint32_t>(next() >> 32); }

  std::uint32_t below(std::uint32_t bound) {
    return static_cast<std::uint32_t>((std::uint64_t{bits()} * bound) >> 32);
  }

 private:
  static std::uint64_t mix(std::uint64_t z) {
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }

  std::uint64_t state_;
};

class WordSampler {
 public:
  WordSampler(std::span<const std::uint64_t> counts, double exponent);

  std::uint32_t draw(DrawStream& random) const {
    const std::uint64_t bits = random.next();
    const std::uint64_t scaled = (bits >> 32) * slots_.size();
    const Slot& slot = slots_[scaled >> 32];
    return static_cast<std::uint32_t>(bits) < slot.keep ? static_cast<std::uint32_t>(scaled >> 32)
                                                        : slot.other;
  }

 private:
  struct Slot {
    std::uint32_t keep;  // of 2^32
    std::uint32_t other;
  };

  std::vector<Slot> slots_;
};

}  // namespace firth
