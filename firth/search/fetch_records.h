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

// The records of these numbers (Record::index), in the order asked; a number may occur twice. One
// pass over the whole input, in which only the records wanted are checked. Errors: those of
// RecordReader; invalid_argument, with both numbers, if the input has not `num_records` records.
std::vector<Record> fetch_records(const std::vector<std::string>& paths,
                                  const RecordOptions& options,
                                  std::span<const std::uint64_t> indices,
                                  std::uint64_t num_records);

}  // namespace firth
