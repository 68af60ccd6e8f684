// The table of pairs, and merging.
#include "firth/text/merge_table.h"

#include <algorithm>
#include <array>
#include <bit>
#include <functional>
#include <numeric>
#include <utility>

#include "firth/core/error.h"

namespace firth {

MergeTable::MergeTable(std::vector<Merge> merges) : merges_(std::move(merges)) {
  if (merges_.size() > kMaxMerges) {
    fail(ErrorKind::kUnsupported, "merges: expected at most ", kMaxMerges, ", found ",
         merges_.size());
  }
  slots_.resize(std::bit_ceil(2 * merges_.size() + 2));
  mask_ = slots_.size() - 1;
  shift_ = 64 - static_cast<unsigned>(std::countr_zero(slots_.size()));
  for (std::uint32_t i = 0; i < merges_.size(); ++i) {
    const std::uint64_t hash = hash_of(merges_[i].left, merges_[i].right);
    const auto tag = static_cast<std::uint32_t>(hash);
    std::size_t slot = hash >> shift_;
    while (slots_[slot].rank != kNone) {
      const Merge& there = merges_[slots_[slot].rank];
      if (there.left == merges_[i].left && there.right == merges_[i].right) break;
      slot = (slot + 1) & mask_;
    }
    slots_[slot] = {tag, i};
  }
}

void SymbolMerger::merge(const MergeTable& table) {
  const std::size_t n = ids.size();
  if (next_.size() < n) {
    next_.resize(n);
    previous_.resize(n);
    ranks_.resize(n);
  }
  std::iota(next_.begin(), next_.begin() + static_cast<std::ptrdiff_t>(n), 1u);
  if (n < 2) return;
  std::iota(previous_.begin() + 1, previous_.begin() + static_cast<std::ptrdiff_t>(n), 0u);
  previous_[0] = UINT32_MAX;
  n <= kShort ? merge_short(table) : merge_long(table);
}

void SymbolMerger::join(std::size_t i, std::int32_t id) {
  ids[i] = id;
  next_[i] = next_[next_[i]];
  if (next_[i] < ids.size()) previous_[next_[i]] = static_cast<std::uint32_t>(i);
}

// Keys are rank << 6 | symbol, so that the least one is the next merge.
void SymbolMerger::merge_short(const MergeTable& table) {
  static_assert(MergeTable::kMaxMerges <= (std::size_t{1} << 26) - 1 && kShort == 64);
  const std::size_t n = ids.size();
  std::uint32_t* const keys = ranks_.data();
  const auto key_of = [&](std::size_t i) {
    ++num_lookups_;
    const std::uint32_t rank = table.rank(ids[i], ids[next_[i]]);
    return rank == MergeTable::kNone ? MergeTable::kNone
                                     : rank << 6 | static_cast<std::uint32_t>(i);
  };
  for (std::size_t i = 0; i + 1 < n; ++i) keys[i] = key_of(i);
  keys[n - 1] = MergeTable::kNone;
  while (true) {
    std::uint32_t least = MergeTable::kNone;
    for (std::size_t i = 0; i < n; ++i) least = std::min(least, keys[i]);
    if (least == MergeTable::kNone) return;
    const std::size_t i = least & (kShort - 1);
    keys[next_[i]] = MergeTable::kNone;
    join(i, table.result(least >> 6));
    keys[i] = next_[i] < n ? key_of(i) : MergeTable::kNone;
    if (previous_[i] != UINT32_MAX) keys[previous_[i]] = key_of(previous_[i]);
  }
}

void SymbolMerger::merge_long(const MergeTable& table) {
  const std::size_t n = ids.size();
  heap_.clear();
  const auto look_up = [&](std::size_t i) {
    ++num_lookups_;
    ranks_[i] = next_[i] < n ? table.rank(ids[i], ids[next_[i]]) : MergeTable::kNone;
    return ranks_[i] != MergeTable::kNone;
  };
  const auto entry = [&](std::size_t i) { return std::uint64_t{ranks_[i]} << 32 | i; };
  for (std::size_t i = 0; i < n; ++i) {
    if (look_up(i)) heap_.push_back(entry(i));
  }
  std::make_heap(heap_.begin(), heap_.end(), std::greater<>());
  while (!heap_.empty()) {
    const std::uint64_t top = heap_.front();
    std::pop_heap(heap_.begin(), heap_.end(), std::greater<>());
    heap_.pop_back();
    const auto i = static_cast<std::size_t>(top & UINT32_MAX);
    if (ranks_[i] != top >> 32) continue;  // the pair is no more
    ranks_[next_[i]] = MergeTable::kNone;
    join(i, table.result(static_cast<std::uint32_t>(top >> 32)));
    for (const std::size_t changed : {i, static_cast<std::size_t>(previous_[i])}) {
      if (changed != UINT32_MAX && look_up(changed)) {
        heap_.push_back(entry(changed));
        std::push_heap(heap_.begin(), heap_.end(), std::greater<>());
      }
    }
  }
}

}  // namespace firth
