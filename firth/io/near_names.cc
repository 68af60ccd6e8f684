#include "firth/io/near_names.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace firth {

namespace {

// Levenshtein's distance, in one row.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replace = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replace, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row[b.size()];
}

// A missing or superfluous prefix ("bert.") is the usual mistake, and no distance at all. An end
// that is short and no name of its own is chance: "n" of "queeen".
bool is_part(std::string_view whole, std::string_view end) {
  if (!whole.ends_with(end)) return false;
  const std::size_t begin = whole.size() - end.size();
  return begin == 0 || whole[begin - 1] == '.' || 2 * end.size() >= whole.size();
}

}  // namespace

std::vector<std::string> near_names(const std::vector<std::string>& names, std::string_view wanted,
                                    std::size_t max_names) {
  constexpr std::size_t kMaxLength = 200;  // longer names are not typed by anyone
  std::vector<std::pair<std::size_t, std::string_view>> ranked;
  if (wanted.empty() || wanted.size() > kMaxLength) return {};
  for (const std::string& name : names) {
    if (name.empty() || name.size() > kMaxLength) continue;
    const bool part = is_part(name, wanted) || is_part(wanted, name);
    const std::size_t distance = part ? 0 : edit_distance(name, wanted);
    if (distance <= wanted.size() / 3 + 1) ranked.emplace_back(distance, name);
  }
  std::sort(ranked.begin(), ranked.end());
  ranked.resize(std::min(ranked.size(), max_names));
  std::vector<std::string> near;
  near.reserve(ranked.size());
  for (const auto& [distance, name] : ranked) near.emplace_back(name);
  return near;
}

}  // namespace firth
