// The texts of hits: an input is read again up to the records wanted, so that showing ten of a
// million texts holds ten of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "firth/io/records.h"

namespace firth {

// The records of these numbers (Record::index), in the order asked; a number may occur twice.
// Errors: those of RecordReader; invalid_argument, with both numbers, if the input has fewer
// records.
std::vector<Record> fetch_records(const std::vector<std::string>& paths,
                                  const RecordOptions& options,
                                  std::span<const std::uint64_t> indices);

// Saved vectors go with the texts they were made of: row i with record i. Errors: invalid_argument
// "reviews.npy: 1000 rows, but reviews.jsonl has 999 records". Passes over the whole input.
void check_same_count(const std::string& vectors_path, std::uint64_t num_rows,
                      const std::vector<std::string>& paths, const RecordOptions& options);

// The parts of two spaces that must be the same before a query of one meets vectors of the other.
struct SpaceName {
  std::string where;     // the vector file or the model, as the person named it
  std::string identity;  // Embedder::identity(); "" = unknown, then only dimensions are compared
  std::size_t dimension = 0;
};

// Errors: invalid_argument that names both.
void check_same_space(const SpaceName& vectors, const SpaceName& model);

}  // namespace firth
