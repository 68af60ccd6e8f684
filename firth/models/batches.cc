#include "firth/models/batches.h"

#include <algorithm>
#include <vector>

namespace firth {
namespace {

std::vector<std::size_t> lengths_of(const Ragged& sequences) {
  std::vector<std::size_t> lengths(sequences.num_sequences());
  for (std::size_t i = 0; i < lengths.size(); ++i) lengths[i] = sequences.length(i);
  return lengths;
}

Batch gather(const Ragged& sequences, std::span<const std::int32_t> type_ids,
             std::span<const std::size_t> indices, Arena& arena) {
  std::size_t num_tokens = 0;
  for (const std::size_t i : indices) num_tokens += sequences.length(i);
  const auto ids = arena.allocate<std::int32_t>({num_tokens}).span();
  const auto types = type_ids.empty() ? std::span<std::int32_t>()
                                      : arena.allocate<std::int32_t>({num_tokens}).span();
  const auto offsets = arena.allocate<std::int64_t>({indices.size() + 1}).span();
  std::size_t end = 0;
  offsets[0] = 0;
  for (std::size_t i = 0; i < indices.size(); ++i) {
    const auto sequence = sequences.sequence(indices[i]);
    std::ranges::copy(sequence, ids.begin() + static_cast<std::ptrdiff_t>(end));
    if (!type_ids.empty()) {
      const auto begin = static_cast<std::size_t>(sequences.offsets[indices[i]]);
      std::ranges::copy(type_ids.subspan(begin, sequence.size()),
                        types.begin() + static_cast<std::ptrdiff_t>(end));
    }
    end += sequence.size();
    offsets[i + 1] = static_cast<std::int64_t>(end);
  }
  return {indices, {.ids = ids, .offsets = offsets, .type_ids = types}};
}

}  // namespace

void for_each_batch(const Ragged& sequences, std::size_t token_budget, Workspace& workspace,
                    const std::function<void(const Batch&, Arena&)>& run,
                    std::span<const std::int32_t> type_ids) {
  ThreadPool& pool = workspace.pool();
  const std::size_t share = (sequences.num_tokens() + pool.num_threads() - 1) / pool.num_threads();
  const std::size_t budget = std::max<std::size_t>(1, std::min(token_budget, share));
  const auto batches = cut_batches(lengths_of(sequences), budget);
  pool.parallel_for(batches.size(), 1, [&](std::size_t begin, std::size_t, std::size_t worker) {
    Arena& arena = workspace.arena(worker);
    const Arena::Scope scope(arena);
    run(gather(sequences, type_ids, batches[begin], arena), arena);
  });
}

}  // namespace firth
