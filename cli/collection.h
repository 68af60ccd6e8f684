// What `firth search` looks through: passages with their vectors. They come from files, whose
// vectors are embedded once and then cached, or from a file of saved vectors with or without the
// texts that it was made of.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "cli/input_args.h"
#include "cli/model_args.h"
#include "firth/core/tensor.h"
#include "firth/io/vector_file.h"
#include "firth/search/exact_index.h"
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
  std::vector<Item> items;              // of files: an item a row
  std::map<std::size_t, Item> fetched;  // by row: the texts of saved vectors that were asked for
  View<const float> rows;  // (n, dimension); not of saved int8 vectors, which stay as they are
  std::size_t num_rows = 0;
  std::size_t dimension = 0;
  std::uint64_t num_cached = 0;
  EmbedReport report;  // of the rows that were embedded now
  double embed_seconds = 0;
  std::string model_identity;  // of saved vectors; "" = not known
  std::string vectors_path;    // of saved vectors

  Item item(std::size_t row) const;
  Tensor row(std::size_t row) const;  // (1, dimension)

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

// Saved vectors. Those that are mapped are not read: that they are finite shows when the index is
// made.
Collection open_saved_vectors(const CollectionArgs& args);

// Reads the texts of these rows from args.texts; of a collection of files nothing is to be done.
// Errors: invalid_argument if there is not one text for each vector.
void fetch_texts(const CollectionArgs& args, std::span<const std::size_t> rows,
                 Collection& collection);

// What the first pass of a search reads: `form` is "f32", "int8", "binary", or "auto", which takes
// int8 vectors as they are saved and everything else as f32. The int8 form of a mapped file is
// cached.
ExactIndex index_of(const Collection& collection, const std::string& form, Similarity similarity,
                    bool use_cache, ThreadPool& pool);

// The row of an item of saved vectors by its id (of the vectors, else of args.texts), else by its
// number. Errors: not_found, with near ids.
std::size_t find_item(const CollectionArgs& args, const Collection& collection,
                      const std::string& id);

}  // namespace firth::cli
