// What the trainers of tokenizers have in common: what they report, and what they give.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace firth {

// Called now and then with a stage ("merges") and the share of it that is done; may throw to stop.
using TrainingProgress = std::function<void(std::string_view stage, double fraction)>;

// A token and its id.
using TokenId = std::pair<std::string, std::int32_t>;

}  // namespace firth
