// Where firth keeps what it can make again.
#pragma once

#include <optional>
#include <string>

namespace firth {

// $XDG_CACHE_HOME/firth or ~/.cache/firth (the home of $HOME, else of the user database); nullopt
// if this person has no home. Not made yet.
std::optional<std::string> cache_folder();

// Makes a folder and those above it, readable by their owner only. Errors: io.
void make_folders(const std::string& path);

}  // namespace firth
