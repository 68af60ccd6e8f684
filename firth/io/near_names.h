// The names nearest to one that is not there, for messages.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace firth {

// Up to max_names of `names`, by edit distance and shared parts; those too far away are left out.
std::vector<std::string> near_names(const std::vector<std::string>& names, std::string_view wanted,
                                    std::size_t max_names = 4);

}  // namespace firth
