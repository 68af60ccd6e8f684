// Our own generator, so that a seed means the same numbers with every standard library:
// xoshiro256++ (Blackman & Vigna 2018, arXiv:1805.01407) seeded by SplitMix64. One stream for each
// (seed, task), so that results do not depend on the number of threads.
#pragma once

#include <array>
#include <cstdint>

namespace firth {

class Random {
 public:
  explicit Random(std::uint64_t seed, std::uint64_t task = 0);

  std::uint64_t next();                      // 64 random bits
  std::uint64_t below(std::uint64_t bound);  // uniform in [0, bound), without bias; bound > 0
  float uniform();                           // uniform in [0, 1), 24 bits
  float normal();                            // mean 0, variance 1 (Box-Muller)

 private:
  std::array<std::uint64_t, 4> state_;
};

}  // namespace firth
