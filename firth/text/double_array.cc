// Placing the children of each node into the first gap that takes them, among the last blocks.
#include "firth/text/double_array.h"

#include <algorithm>
#include <bit>

#include "firth/core/error.h"

namespace firth {

class DoubleArray::Builder {
 public:
  Builder(std::vector<std::pair<std::string_view, std::int32_t>>& keys,
          std::vector<std::uint64_t>& units)
      : keys_(keys), units_(units) {}

  void build();

 private:
  static constexpr std::size_t kBlock = 256;
  static constexpr std::size_t kOpenBlocks = 16;  // blocks in which gaps are looked for
  static constexpr std::size_t kMaxUnits = std::size_t{1} << 28;

  // Keys [begin, end) share their first `depth` bytes, which lead to `node`.
  struct Task {
    std::size_t node;
    std::size_t begin;
    std::size_t end;
    std::size_t depth;
  };

  void add_block();
  void place(const Task& task);
  void take(std::size_t slot, std::uint64_t unit);
  std::size_t find_base() const;
  bool fits(std::size_t base) const;

  std::vector<std::pair<std::string_view, std::int32_t>>& keys_;
  std::vector<std::uint64_t>& units_;
  std::vector<bool> is_base_;        // two nodes must not share a base: checks hold bytes only
  std::vector<std::uint64_t> free_;  // a bit a unit
  std::vector<Task> tasks_;
  std::vector<std::uint8_t> bytes_;  // of the children being placed
};

void DoubleArray::Builder::add_block() {
  if (units_.size() + kBlock > kMaxUnits) {
    fail(ErrorKind::kUnsupported, "vocabulary: expected fewer than ", kMaxUnits,
         " different beginnings of tokens");
  }
  units_.resize(units_.size() + kBlock);
  is_base_.resize(units_.size());
  free_.resize(units_.size() / 64, ~std::uint64_t{0});
}

bool DoubleArray::Builder::fits(std::size_t base) const {
  return !is_base_[base] && std::ranges::all_of(bytes_, [&](std::uint8_t byte) {
    return (units_[base ^ byte] & kUsed) == 0;
  });
}

void DoubleArray::Builder::take(std::size_t slot, std::uint64_t unit) {
  units_[slot] = unit;
  free_[slot / 64] &= ~(std::uint64_t{1} << slot % 64);
}

// A base within the last blocks at which all children fit; units_.size() if there is none.
std::size_t DoubleArray::Builder::find_base() const {
  const std::size_t num_blocks = units_.size() / kBlock;
  for (std::size_t i = (num_blocks - std::min(num_blocks, kOpenBlocks)) * (kBlock / 64);
       i < free_.size(); ++i) {
    for (std::uint64_t gaps = free_[i]; gaps != 0; gaps &= gaps - 1) {
      const std::size_t base =
          (64 * i + static_cast<std::size_t>(std::countr_zero(gaps))) ^ bytes_[0];
      if (fits(base)) {
        return base;
      }
    }
  }
  return units_.size();
}

void DoubleArray::Builder::place(const Task& task) {
  std::size_t begin = task.begin;
  for (; begin < task.end && keys_[begin].first.size() == task.depth; ++begin) {
    const auto value = static_cast<std::uint64_t>(keys_[begin].second) + 1;
    units_[task.node] = (units_[task.node] & ~(kValueMask << kValueShift)) | value << kValueShift;
  }
  bytes_.clear();
  const std::size_t first_child = tasks_.size();
  for (std::size_t i = begin; i < task.end; ++i) {
    const auto byte = static_cast<std::uint8_t>(keys_[i].first[task.depth]);
    if (bytes_.empty() || bytes_.back() != byte) {
      bytes_.push_back(byte);
      tasks_.push_back({0, i, i, task.depth + 1});
    }
    tasks_.back().end = i + 1;
  }
  if (bytes_.empty()) {
    return;
  }
  const std::size_t base = find_base();
  if (base == units_.size()) {
    add_block();
  }
  is_base_[base] = true;
  units_[task.node] |= static_cast<std::uint64_t>(base) << kBaseShift;
  for (std::size_t i = 0; i < bytes_.size(); ++i) {
    const std::size_t child = base ^ bytes_[i];
    take(child, kUsed | bytes_[i]);
    tasks_[first_child + i].node = child;
  }
}

void DoubleArray::Builder::build() {
  std::erase_if(keys_, [](const auto& key) { return key.first.empty(); });
  std::ranges::stable_sort(keys_, {}, [](const auto& key) { return key.first; });
  add_block();
  // Childless nodes have base 0, where they must find nothing: no other node may have it. The root
  // lies in unit 0 under a byte that leads there from no base in use.
  is_base_[0] = true;
  is_base_[0xFF] = true;
  take(0, kUsed | 0xFF);
  tasks_.push_back({0, 0, keys_.size(), 0});
  while (!tasks_.empty()) {
    const Task task = tasks_.back();
    tasks_.pop_back();
    place(task);
  }
}

DoubleArray::DoubleArray(std::vector<std::pair<std::string_view, std::int32_t>> keys) {
  Builder(keys, units_).build();
}

}  // namespace firth
