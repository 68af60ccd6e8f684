#include "firth/text/merge_queue.h"

#include <bit>

namespace firth {

void MergeQueue::clear() {
  constexpr std::size_t kFewestSlots = 256;
  swept_rank_ = -1;
  sweep_.clear();
  at_ = 0;
  urgent_.clear();
  waiting_.clear();
  lists_.clear();
  links_.clear();
  free_ = kEnd;
  if (slots_.empty()) {
    slots_.resize(kFewestSlots);
    shift_ = 64 - static_cast<unsigned>(std::countr_zero(slots_.size()));
  }
  std::ranges::fill(slots_, kEnd);
}

void MergeQueue::append(Pair pair) {
  List& list = list_of(pair.rank);
  std::uint32_t link = free_;
  if (link == kEnd) {
    link = static_cast<std::uint32_t>(links_.size());
    links_.push_back({pair.position, kEnd});
  } else {
    free_ = links_[link].next;
    links_[link] = {pair.position, kEnd};
  }
  (list.first == kEnd ? list.first : links_[list.last].next) = link;
  list.last = link;
}

MergeQueue::List& MergeQueue::list_of(std::uint32_t rank) {
  if (2 * (lists_.size() + 1) > slots_.size()) grow_slots();
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = slot_of(rank);
  while (slots_[slot] != kEnd) {
    if (lists_[slots_[slot]].rank == rank) return lists_[slots_[slot]];
    slot = (slot + 1) & mask;
  }
  const auto number = static_cast<std::uint32_t>(lists_.size());
  slots_[slot] = number;
  lists_.push_back({rank, kEnd, kEnd});
  waiting_.push_back(std::uint64_t{rank} << 32 | number);
  std::push_heap(waiting_.begin(), waiting_.end(), std::greater<>());
  return lists_.back();
}

void MergeQueue::grow_slots() {
  slots_.assign(2 * slots_.size(), kEnd);
  --shift_;
  const std::size_t mask = slots_.size() - 1;
  for (std::uint32_t number = 0; number < lists_.size(); ++number) {
    std::size_t slot = slot_of(lists_[number].rank);
    while (slots_[slot] != kEnd) slot = (slot + 1) & mask;
    slots_[slot] = number;
  }
}

// Merges neighbouring runs until there is one: n log r for r runs, of which there are few.
void MergeQueue::put_in_order() {
  runs_.assign(1, 0);
  for (std::size_t i = 1; i < sweep_.size(); ++i) {
    if (sweep_[i] < sweep_[i - 1]) runs_.push_back(i);
  }
  runs_.push_back(sweep_.size());
  const auto at = [&](std::size_t run) {
    return sweep_.begin() + static_cast<std::ptrdiff_t>(runs_[run]);
  };
  while (runs_.size() > 2) {
    std::size_t kept = 1;
    for (std::size_t run = 0; run + 1 < runs_.size(); run += 2) {
      const std::size_t end = std::min(run + 2, runs_.size() - 1);
      std::inplace_merge(at(run), at(std::min(run + 1, end)), at(end));
      runs_[kept++] = runs_[end];
    }
    runs_.resize(kept);
  }
}

}  // namespace firth
