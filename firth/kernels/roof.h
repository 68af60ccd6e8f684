// The most multiply-adds a core can do at the CPU level in use, with everything in registers: the
// roof that benchmarks measure products against, in the same run.
#pragma once

#include <cstddef>

namespace firth {

// Runs `steps` rounds of independent f32 multiply-adds and returns how many floating-point
// operations that was (a multiply-add counts as two). The caller looks at the clock.
double run_f32_roof(std::size_t steps);

}  // namespace firth
