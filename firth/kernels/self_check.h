// A check of the kernels on the machine at hand, in about a tenth of a second: each CPU level
// against the scalar one. For `firth doctor`, and for whoever would rather be slow than wrong: a
// level that fails must not be used (set_cpu_level to the one below).
#pragma once

#include <string>

#include "firth/kernels/cpu.h"

namespace firth {

// True if the kernels of `level` agree with the scalar ones; otherwise `what` says which does not.
// A level that the machine lacks is invalid_argument. Changes the level in use while it runs: not
// while other threads compute.
bool kernels_self_test(CpuLevel level, std::string* what);

// For programs, before they open a model: while the level in use is at least `from`, compares a few
// of its products with the scalar ones, in about a millisecond, and takes the next lower level
// where they disagree. Returns what disagreed, "" if nothing did. By default it looks at the one
// level whose arithmetic has units of its own, which few machines have. Not while other threads
// compute.
std::string lower_faulty_level(CpuLevel from = CpuLevel::kAmx);

}  // namespace firth
