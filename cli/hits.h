// Printing what a search found, for `firth search` and `firth near`.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "cli/collection.h"
#include "firth/core/embedder.h"
#include "firth/search/exact_index.h"

namespace firth::cli {

// A line a hit: rank, score, place or id, snippet of the text.
void print_hits(std::string_view query, std::span<const Hit> hits, const Collection& collection);

// {"query", "hits": [{"rank", "score", "row", "id", "file", "line", "text"}]} on a line.
void print_hits_json(std::string_view query, std::span<const Hit> hits,
                     const Collection& collection);

inline constexpr std::string_view kSimilarityHelp =
    "how near is measured; the score of euclidean is minus the distance, so that higher is nearer";

Similarity parse_similarity(std::string_view name);

}  // namespace firth::cli
