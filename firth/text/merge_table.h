// The merges of a BPE model: which pair of tokens becomes which token, and in what order. A hash
// table of the pairs, eight bytes a slot: most questions are answered "no" after one probe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace firth {

struct Merge {
  std::int32_t left = 0;
  std::int32_t right = 0;
  std::int32_t result = 0;
};

class MergeTable {
 public:
  static constexpr std::uint32_t kNone = UINT32_MAX;
  static constexpr std::size_t kMaxMerges = std::size_t{1} << 25;

  MergeTable() : MergeTable(std::vector<Merge>{}) {}

  // Merge i has rank i; of a pair that occurs twice the later rank counts, as in the reference.
  // Errors: unsupported if there are more than kMaxMerges.
  explicit MergeTable(std::vector<Merge> merges);

  // The rank of a pair of ids that are not negative; kNone if it does not merge.
  std::uint32_t rank(std::int32_t left, std::int32_t right) const {
    const std::uint64_t hash = hash_of(left, right);
    const auto tag = static_cast<std::uint32_t>(hash);
    for (std::size_t slot = hash >> shift_; slots_[slot].rank != kNone; slot = (slot + 1) & mask_) {
      if (slots_[slot].tag == tag) {
        const std::uint32_t rank = slots_[slot].rank;
        if (merges_[rank].left == left && merges_[rank].right == right) return rank;
      }
    }
    return kNone;
  }

  std::int32_t result(std::uint32_t rank) const { return merges_[rank].result; }

  std::span<const Merge> merges() const { return merges_; }

 private:
  struct Slot {
    std::uint32_t tag = 0;
    std::uint32_t rank = kNone;  // kNone = free
  };

  static std::uint64_t hash_of(std::int32_t left, std::int32_t right) {
    const auto key = static_cast<std::uint64_t>(static_cast<std::uint32_t>(left)) << 32 |
                     static_cast<std::uint32_t>(right);
    const std::uint64_t mixed = (key ^ key >> 29) * 0x9E3779B97F4A7C15u;
    return mixed ^ mixed >> 32;
  }

  std::vector<Merge> merges_;
  std::vector<Slot> slots_;  // a power of two, at most half full
  std::size_t mask_ = 0;
  unsigned shift_ = 0;
};

// Merges the symbols of one word, in the order of the ranks, among equals from the left. Scratch
// of one thread. Short words are searched for their best pair again and again, which no better
// structure beats; long ones take a heap, so that n symbols cost n log n whatever the text.
class SymbolMerger {
 public:
  // The initial symbols' ids; afterwards those that are left are found by for_each.
  std::vector<std::int32_t> ids;

  void merge(const MergeTable& table);

  // f(first, last, id): the token `id` stands for the initial symbols [first, last).
  template <class F>
  void for_each(F&& f) const {
    const std::size_t n = ids.size();
    for (std::size_t i = 0; i < n; i = next_[i]) f(i, std::size_t{next_[i]}, ids[i]);
  }

  // Pairs looked up since the merger was made: what tests count instead of time.
  std::uint64_t num_lookups() const { return num_lookups_; }

 private:
  static constexpr std::size_t kShort = 64;

  void merge_short(const MergeTable& table);
  void merge_long(const MergeTable& table);
  // Joins symbol i with the next one; returns whether there was one.
  void join(std::size_t i, std::int32_t id);

  std::vector<std::uint32_t> next_;  // the symbol behind, or the number of them
  std::vector<std::uint32_t> previous_;
  std::vector<std::uint32_t> ranks_;  // of symbol i with the next one
  std::vector<std::uint64_t> heap_;   // rank << 32 | symbol
  std::uint64_t num_lookups_ = 0;
};

}  // namespace firth
