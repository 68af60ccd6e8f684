// Picking the few scores that matter out of many: one comparison a vector rules most of them out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace firth {

// A vector is written at a time, so `positions` needs room for this many more than there are
// scores.
inline constexpr std::size_t kSelectSlack = 16;

// Writes the positions of the scores that are at least `threshold`, ascending, and returns their
// number. NaN is below everything.
std::size_t select_at_least(std::span<const float> scores, float threshold,
                            std::uint32_t* positions);

// scores[j] = scores[j] * factor - subtrahend; the positions of those that are then at least
// thresholds[j].
std::size_t scale_and_select(float factor, float subtrahend, std::span<float> scores,
                             std::span<const float> thresholds, std::uint32_t* positions);

}  // namespace firth
