// The table of pairs, and merging.
#include "firth/text/merge_table.h"

#include <algorithm>
#include <bit>
#include <numeric>
#include <utility>

#include "firth/core/error.h"

namespace firth {

MergeTable::MergeTable(std::vector<Merge> merges, std::vector<std::uint32_t> ranks)
    : merges_(std::move(merges)) {
  if (merges_.size() > kMaxMerges) {
    fail(ErrorKind::kUnsupported, "merges: expected at most ", kMaxMerges, ", found ",
         merges_.size());
  }
  slots_.resize(std::bit_ceil(merges_.size() + merges_.size() / 2 + 2));
  mask_ = slots_.size() - 1;
  shift_ = 64 - static_cast<unsigned>(std::countr_zero(slots_.size()));
  filter_.resize(std::bit_ceil(merges_.size() / 8 + 2));
  filter_shift_ = 64 - static_cast<unsigned>(std::countr_zero(64 * filter_.size()));
  for (std::uint32_t i = 0; i < merges_.size(); ++i) {
    const auto& [left, right, result] = merges_[i];
    const std::uint64_t hash = hash_of(left, right);
    const std::uint64_t bit = hash >> filter_shift_;
    filter_[bit / 64] |= std::uint64_t{1} << bit % 64;
    std::size_t slot = hash >> shift_;
    while (slots_[slot].found.rank != kNone &&
           (slots_[slot].left != left || slots_[slot].right != right)) {
      slot = (slot + 1) & mask_;
    }
    slots_[slot] = {left, right, {ranks.empty() ? i : ranks[i], result}};
  }
}

void SymbolMerger::reserve() {
  const std::size_t n = ids.size();
  if (next_.size() < n) {
    next_.resize(n);
    previous_.resize(n);
    ranks_.resize(n);
    results_.resize(n);
  }
  std::iota(next_.begin(), next_.begin() + static_cast<std::ptrdiff_t>(n), 1u);
  if (n == 0) return;
  std::iota(previous_.begin() + 1, previous_.begin() + static_cast<std::ptrdiff_t>(n), 0u);
  previous_[0] = UINT32_MAX;
  ranks_[n - 1] = MergeTable::kNone;
}

void SymbolMerger::merge(const MergeTable& table) {
  reserve();
  const std::size_t n = ids.size();
  if (n < 2) return;
  for (std::size_t i = 0; i + 1 < n; ++i) {
    const MergeTable::Found found = table.find(ids[i], ids[i + 1]);
    ranks_[i] = found.rank;
    results_[i] = found.result;
  }
  num_lookups_ += n - 1;
  n <= kShort ? merge_short(table) : merge_long(table);
}

void SymbolMerger::merge_bytes(const MergeTable& table, std::span<const unsigned char> bytes,
                               std::span<const MergeTable::Found> byte_pairs) {
  reserve();
  const std::size_t n = ids.size();
  if (n < 2) return;
  for (std::size_t i = 0; i + 1 < n; ++i) {
    const MergeTable::Found found = byte_pairs[std::size_t{256} * bytes[i] + bytes[i + 1]];
    ranks_[i] = found.rank;
    results_[i] = found.result;
  }
  num_lookups_ += n - 1;
  n <= kShort ? merge_short(table) : merge_long(table);
}

void SymbolMerger::join(std::size_t i) {
  ids[i] = results_[i];
  ranks_[next_[i]] = MergeTable::kNone;
  next_[i] = next_[next_[i]];
  if (next_[i] < ids.size()) previous_[next_[i]] = static_cast<std::uint32_t>(i);
}

void SymbolMerger::look_up(const MergeTable& table, std::size_t i) {
  ++num_lookups_;
  const MergeTable::Found found =
      next_[i] < ids.size() ? table.find(ids[i], ids[next_[i]]) : MergeTable::Found{};
  ranks_[i] = found.rank;
  results_[i] = found.result;
}

void SymbolMerger::merge_short(const MergeTable& table) {
  const std::size_t n = ids.size();
  while (true) {
    std::size_t best = 0;
    std::uint32_t least = ranks_[0];
    for (std::size_t i = 1; i + 1 < n; ++i) {
      best = ranks_[i] < least ? i : best;
      least = ranks_[i] < least ? ranks_[i] : least;
    }
    if (least == MergeTable::kNone) return;
    join(best);
    look_up(table, best);
    if (previous_[best] != UINT32_MAX) look_up(table, previous_[best]);
  }
}

void SymbolMerger::merge_long(const MergeTable& table) {
  const auto push = [&](std::size_t i) {
    if (ranks_[i] != MergeTable::kNone) queue_.push({ranks_[i], static_cast<std::uint32_t>(i)});
  };
  // The pair that was pushed is no more.
  const auto is_stale = [&](const MergeQueue::Pair& pair) {
    return ranks_[pair.position] != pair.rank;
  };
  queue_.clear();
  for (std::size_t i = 0; i < ids.size(); ++i) push(i);
  for (MergeQueue::Pair pair; queue_.pop(pair, is_stale);) {
    if (is_stale(pair)) continue;
    const std::size_t i = pair.position;
    join(i);
    if (previous_[i] != UINT32_MAX) {
      look_up(table, previous_[i]);
      push(previous_[i]);
    }
    look_up(table, i);
    push(i);
  }
}

}  // namespace firth
