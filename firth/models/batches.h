// Running a model over many sequences: batches of about equal cost, one thread each.
#pragma once

#include <functional>
#include <span>

#include "firth/core/ragged.h"
#include "firth/core/workspace.h"
#include "firth/models/encoder.h"

namespace firth {

// Sequences `indices` of all, one after another, in memory of the arena.
struct Batch {
  std::span<const std::size_t> indices;
  EncoderInput input;
};

// Calls run(batch, arena) for batches that together hold each sequence once, longest sequences
// first, on all threads of the workspace. Where there is less work than threads times the token
// budget, batches are smaller. A batch's memory is given back when run returns. `type_ids`: one for
// each id of `sequences`, or empty.
void for_each_batch(const Ragged& sequences, std::size_t token_budget, Workspace& workspace,
                    const std::function<void(const Batch&, Arena&)>& run,
                    std::span<const std::int32_t> type_ids = {});

}  // namespace firth
