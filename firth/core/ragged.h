// A ragged batch: sequences of token ids one after another, without padding.
//   ids      (total_tokens)        int32
//   offsets  (num_sequences + 1)   int64, the first 0, never falling; sequence i is ids[offsets[i],
//   offsets[i + 1])
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace firth {

struct Ragged {
  std::vector<std::int32_t> ids;
  std::vector<std::int64_t> offsets{0};

  std::size_t num_sequences() const { return offsets.size() - 1; }

  std::size_t num_tokens() const { return ids.size(); }

  std::size_t length(std::size_t i) const {
    return static_cast<std::size_t>(offsets[i + 1] - offsets[i]);
  }

  std::span<const std::int32_t> sequence(std::size_t i) const {
    return std::span(ids).subspan(static_cast<std::size_t>(offsets[i]), length(i));
  }

  // Ends the sequence whose ids were appended to `ids`.
  void close_sequence() { offsets.push_back(static_cast<std::int64_t>(ids.size())); }

  void clear() {
    ids.clear();
    offsets.assign(1, 0);
  }
};

// Cuts sequences into batches of at most `token_budget` tokens (a longer sequence is a batch of its
// own). Sequences are taken from the longest to the shortest, ties in input order. Returns index
// lists.
std::vector<std::vector<std::size_t>> cut_batches(std::span<const std::size_t> lengths,
                                                  std::size_t token_budget);

}  // namespace firth
