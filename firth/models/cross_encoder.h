// Cross-encoders: an encoder that reads two texts as one sequence, and a head that scores it; read
// and run as sentence-transformers' CrossEncoder does it.
#pragma once

#include <memory>
#include <string>

#include "firth/core/reranker.h"
#include "firth/core/thread_pool.h"
#include "firth/models/open_options.h"

namespace firth {

// True if the folder holds a cross-encoder by itself: its config.json names an architecture
// …ForSequenceClassification, and if it has a modules.json, no module makes vectors of it.
bool is_cross_encoder(const std::string& folder);

// `encoder` is the folder whose config.json names an architecture …ForSequenceClassification;
// `folder`, where the model's card lies, mostly the same.
std::unique_ptr<const Reranker> open_cross_encoder(const std::string& folder,
                                                   const std::string& encoder,
                                                   const OpenOptions& options, ThreadPool* pool);

}  // namespace firth
