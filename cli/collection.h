// What `firth search` looks through: passages with their vectors. They come from files, whose
// vectors are embedded once and then cached, or from a file of saved vectors with or without the
// texts that it was made of.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "cli/input_args.h"
#include "cli/model_args.h"
#include "firth/core/tensor.h"
#include "firth/io/vector_file.h"
#include "firth/search/narrow_rows.h"
#include "firth/search/vector_cache.h"

namespace firth::cli {

struct Item {
  std::string id;    // "" = none
  std::string file;  // "" = it has no text
  std::uint64_t line = 0;
  std::string text;
};

struct Collection {
  std::vector<Item> items;  // an item a row
  View<const float> rows;   // (n, dimension)
  std::uint64_t num_cached = 0;
  EmbedReport report;  // of the rows that were embedded now
  double embed_seconds = 0;
  std::string model_identity;  // of saved vectors; "" = not known

  // What the views above look at.
  CachedVectors cached;
  std::shared_ptr<const Tensor> converted;
  VectorTable table;
};

struct CollectionArgs {
  InputArgs input;      // paths
  std::string vectors;  // a file of saved vectors
  std::string texts;    // what they are of
  std::string ids;      // ids of their rows, for .npy
  std::size_t passage = 1000;
  bool no_cache = false;
  std::string progress = "auto";
};

// Reads, cuts and embeds files. `options` are those for documents.
Collection embed_collection(const CollectionArgs& args, OpenModel& model,
                            const EmbedOptions& options);

// Saved vectors, with their texts if they are given.
Collection open_saved_vectors(const CollectionArgs& args);

// The row of an item by its id, else by its number. Errors: not_found, with near ids; `where` names
// the file.
std::size_t find_item(const std::vector<Item>& items, const std::string& id,
                      const std::string& where);

}  // namespace firth::cli
