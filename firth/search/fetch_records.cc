#include "firth/search/fetch_records.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "firth/core/error.h"

namespace firth {
namespace {

std::string name_of(const std::vector<std::string>& paths) {
  return paths.empty() ? "the input"
                       : paths.front() + (paths.size() > 1 ? " (and further files)" : "");
}

}  // namespace

std::vector<Record> fetch_records(const std::vector<std::string>& paths,
                                  const RecordOptions& options,
                                  std::span<const std::uint64_t> indices) {
  std::vector<std::size_t> order(indices.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return indices[i]; });

  RecordReader reader(paths, options);
  std::vector<Record> records(indices.size());
  std::uint64_t next = 0;  // number of the record that the reader gives next
  const Record* last = nullptr;
  for (const std::size_t i : order) {
    if (last != nullptr && indices[i] + 1 == next) {
      records[i] = *last;
      continue;
    }
    next += reader.skip(indices[i] - next);
    if (next < indices[i] || !reader.next(records[i])) {
      fail(ErrorKind::kInvalidArgument, name_of(paths), ": expected at least ", indices[i] + 1,
           " records, found ", next, ": did it change since its vectors were made?");
    }
    ++next;
    last = &records[i];
  }
  return records;
}

void check_same_count(const std::string& vectors_path, std::uint64_t num_rows,
                      const std::vector<std::string>& paths, const RecordOptions& options) {
  RecordReader reader(paths, options);
  const std::uint64_t num_records = reader.skip(std::numeric_limits<std::uint64_t>::max());
  if (num_records != num_rows) {
    fail(ErrorKind::kInvalidArgument, vectors_path, ": ", num_rows, " rows, but ", name_of(paths),
         " has ", num_records, " records");
  }
}

void check_same_space(const SpaceName& vectors, const SpaceName& model) {
  if (vectors.dimension != model.dimension) {
    fail(ErrorKind::kInvalidArgument, vectors.where, ": vectors of ", vectors.dimension,
         " components, but ", model.where, " makes vectors of ", model.dimension);
  }
  if (!vectors.identity.empty() && !model.identity.empty() && vectors.identity != model.identity) {
    fail(ErrorKind::kInvalidArgument, vectors.where, ": its vectors are of space ",
         vectors.identity, ", but those of ", model.where, " are of space ", model.identity,
         ": embed the texts anew with that model, or search with the model that made them");
  }
}

}  // namespace firth
