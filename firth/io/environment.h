// The environment, read as the programs that firth shares variables with read it. firth never sets
// a variable.
#pragma once

#include <string>

namespace firth {

// "" if the variable is not set.
std::string environment_text(const char* name);

// Python's expanduser and expandvars, with which huggingface_hub reads the folders it is told: a
// leading "~/", "$NAME" and "${NAME}" where the variable is set.
std::string environment_path(const char* name);

// True for 1, on, yes and true in any case, as huggingface_hub has it.
bool environment_flag(const char* name);

}  // namespace firth
