// All texts of an evaluation to one matrix, a few thousand at a time, so that only the vectors are
// held for all of them.
#pragma once

#include <span>
#include <string_view>

#include "firth/core/embedder.h"
#include "firth/core/workspace.h"

namespace firth {

// (texts.size(), dimension) f32; adds to the report. invalid_argument for kChunkEach, which gives
// no row a text.
Tensor embed_texts(const Embedder& embedder, std::span<const std::string_view> texts,
                   const EmbedOptions& options, Workspace& workspace, EmbedReport& report);

}  // namespace firth
