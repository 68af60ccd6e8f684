// The pairs of a long word that wait to be merged, least rank first, among equals from the left. A
// priority queue that costs about the same for each pair however many there are: in a list of
// merges that was learned, a merge makes pairs of later ranks only, so the pairs of one rank lie in
// a list of their own and are handed out in one sweep from left to right. A list that was not
// filled in that order (two earlier merges made pairs of it) is put in order by merging its runs. A
// pair of a rank that is being swept or was swept before (lists of merges that were never learned)
// goes through a heap.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace firth {

class MergeQueue {
 public:
  struct Pair {
    std::uint32_t rank = 0;
    std::uint32_t position = 0;
  };

  void clear();

  void push(Pair pair) {
    if (pair.rank <= swept_rank_) {
      urgent_.push_back(key_of(pair));
      std::push_heap(urgent_.begin(), urgent_.end(), std::greater<>());
      return;
    }
    append(pair);
  }

  // The next pair, whether or not it has become another since it was pushed; false if there is
  // none. is_stale(pair) tells of those that may be left out before their list is put in order.
  template <class IsStale>
  bool pop(Pair& pair, IsStale&& is_stale) {
    while (true) {
      const bool sweeping = at_ < sweep_.size();
      const std::uint64_t next =
          sweeping ? key_of({static_cast<std::uint32_t>(swept_rank_), sweep_[at_]}) : UINT64_MAX;
      if (!urgent_.empty() && urgent_.front() <= next) {
        pair = pair_of(urgent_.front());
        std::pop_heap(urgent_.begin(), urgent_.end(), std::greater<>());
        urgent_.pop_back();
        return true;
      }
      if (sweeping) {
        pair = pair_of(next);
        ++at_;
        return true;
      }
      if (!start_sweep(is_stale)) return false;
    }
  }

 private:
  static constexpr std::uint32_t kEnd = UINT32_MAX;

  // Positions of one rank, in the order in which they were pushed: a chain through links_.
  struct List {
    std::uint32_t rank;
    std::uint32_t first;
    std::uint32_t last;
  };

  struct Link {
    std::uint32_t position;
    std::uint32_t next;  // kEnd = none
  };

  static std::uint64_t key_of(Pair pair) { return std::uint64_t{pair.rank} << 32 | pair.position; }

  static Pair pair_of(std::uint64_t key) {
    return {static_cast<std::uint32_t>(key >> 32), static_cast<std::uint32_t>(key)};
  }

  std::size_t slot_of(std::uint32_t rank) const {
    return static_cast<std::size_t>(rank * 0x9E3779B97F4A7C15u >> shift_);
  }

  template <class IsStale>
  bool start_sweep(IsStale&& is_stale) {
    if (waiting_.empty()) return false;
    std::pop_heap(waiting_.begin(), waiting_.end(), std::greater<>());
    const List& list = lists_[static_cast<std::uint32_t>(waiting_.back())];
    waiting_.pop_back();
    swept_rank_ = list.rank;
    sweep_.clear();
    at_ = 0;
    for (std::uint32_t link = list.first; link != kEnd; link = links_[link].next) {
      const Pair pair{list.rank, links_[link].position};
      if (!is_stale(pair)) sweep_.push_back(pair.position);
    }
    links_[list.last].next = free_;
    free_ = list.first;
    put_in_order();
    return true;
  }

  void append(Pair pair);
  List& list_of(std::uint32_t rank);
  void grow_slots();
  void put_in_order();

  std::int64_t swept_rank_ = -1;      // of the sweep under way, or the last
  std::vector<std::uint32_t> sweep_;  // its positions, rising; those before at_ are done
  std::size_t at_ = 0;
  std::vector<std::uint64_t> urgent_;   // a heap of keys
  std::vector<std::uint64_t> waiting_;  // a heap: rank << 32 | number of a list
  std::vector<List> lists_;
  std::vector<Link> links_;
  std::uint32_t free_ = kEnd;         // links of lists that were swept, to be used again
  std::vector<std::uint32_t> slots_;  // a hash table from rank to list; kEnd = free
  unsigned shift_ = 64;
  std::vector<std::size_t> runs_;  // scratch of put_in_order
};

}  // namespace firth
