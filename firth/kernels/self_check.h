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

}  // namespace firth
