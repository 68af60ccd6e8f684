// What firth promises to C++ users; other headers may change without notice.
//
//   #include "firth/firth.h"
//   auto embedder = firth::open_embedder("models/all-MiniLM-L6-v2");
//
// docs/architecture.md shows the way of a text to its vector.
#pragma once

#include "firth/core/embedder.h"
#include "firth/core/error.h"
#include "firth/core/ragged.h"
#include "firth/core/reranker.h"
#include "firth/core/tensor.h"
#include "firth/core/thread_pool.h"
#include "firth/core/workspace.h"
#include "firth/embed/open_embedder.h"
#include "firth/embed/open_reranker.h"
#include "firth/io/npy.h"
#include "firth/io/records.h"
#include "firth/io/safetensors.h"
#include "firth/search/exact_index.h"
#include "firth/text/tokenizer.h"
