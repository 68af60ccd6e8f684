// The merges of a BPE model: which pair of tokens becomes which token, and in what order. A hash
// table whose slots hold all there is to know of a merge, so that a pair costs one cache miss.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "firth/text/merge_queue.h"

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

  // What a pair becomes.
  struct Found {
    std::uint32_t rank = kNone;  // kNone: it does not merge
    std::int32_t result = 0;
  };

  MergeTable() : MergeTable(std::vector<Merge>{}) {}

  // Merge i has rank i; of a pair that occurs twice the later rank counts, as in the reference.
  // Errors: unsupported if there are more than kMaxMerges.
  explicit MergeTable(std::vector<Merge> merges) : MergeTable(std::move(merges), {}) {}

  // The same with ranks of the caller's, which several merges may share; none: as above.
  MergeTable(std::vector<Merge> merges, std::vector<std::uint32_t> ranks);

  Found find(std::int32_t left, std::int32_t right) const {
    const std::uint64_t hash = hash_of(left, right);
    const std::uint64_t bit = hash >> filter_shift_;
    if ((filter_[bit / 64] >> bit % 64 & 1) == 0) return {};
    const Slot* slot = &slots_[hash >> shift_];
    while ((slot->left != left || slot->right != right) && slot->found.rank != kNone) {
      slot = slot == &slots_[mask_] ? slots_.data() : slot + 1;
    }
    return slot->found;
  }

  std::uint32_t rank(std::int32_t left, std::int32_t right) const { return find(left, right).rank; }

  // Where merge i has rank i.
  std::int32_t result(std::uint32_t rank) const { return merges_[rank].result; }

  std::span<const Merge> merges() const { return merges_; }

 private:
  struct Slot {
    std::int32_t left = -1;
    std::int32_t right = -1;
    Found found;  // no merge = the slot is free
  };

  static std::uint64_t hash_of(std::int32_t left, std::int32_t right) {
    const auto key = static_cast<std::uint64_t>(static_cast<std::uint32_t>(left)) << 32 |
                     static_cast<std::uint32_t>(right);
    return (key ^ key >> 29) * 0x9E3779B97F4A7C15u;
  }

  std::vector<Merge> merges_;
  std::vector<Slot> slots_;  // a power of two, at most two thirds full
  std::size_t mask_ = 0;
  unsigned shift_ = 0;
  // A bit for each pair, eight times as many as merges: most pairs that are asked for do not merge,
  // and this is small enough for the second-level cache, which the slots are not.
  std::vector<std::uint64_t> filter_;
  unsigned filter_shift_ = 0;
};

// Merges the symbols of one word, in the order of the ranks, among equals from the left. Scratch
// of one thread. Short words are searched for their best pair again and again, which no better
// structure beats; long ones take a queue that hands out pairs rank by rank, so that time grows
// with the word whatever the text.
class SymbolMerger {
 public:
  // The initial symbols' ids; afterwards those that are left are found by for_each.
  std::vector<std::int32_t> ids;

  void merge(const MergeTable& table);

  // The same, of bytes: byte_pairs[256 * left + right] says what pairs of theirs become.
  void merge_bytes(const MergeTable& table, std::span<const unsigned char> bytes,
                   std::span<const MergeTable::Found> byte_pairs);

  // f(first, last, id): the token `id` stands for the initial symbols [first, last).
  template <class F>
  void for_each(F&& f) const {
    const std::size_t n = ids.size();
    for (std::size_t i = 0; i < n; i = next_[i]) f(i, std::size_t{next_[i]}, ids[i]);
  }

  // Pairs looked up since the merger was made: what tests count instead of time.
  std::uint64_t num_lookups() const { return num_lookups_; }

 private:
  static constexpr std::size_t kShort = 96;

  void reserve();
  void merge_short(const MergeTable& table);
  void merge_long(const MergeTable& table);
  void join(std::size_t i);  // with the next symbol
  void look_up(const MergeTable& table, std::size_t i);

  std::vector<std::uint32_t> next_;      // the symbol behind, or the number of them
  std::vector<std::uint32_t> previous_;  // UINT32_MAX = none
  std::vector<std::uint32_t> ranks_;     // of symbol i with the next one
  std::vector<std::int32_t> results_;    // what they become
  MergeQueue queue_;
  std::uint64_t num_lookups_ = 0;
};

}  // namespace firth
