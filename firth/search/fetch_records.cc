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
                                  std::span<const std::uint64_t> indices,
                                  std::uint64_t num_records) {
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
    if (next < indices[i] || !reader.next(records[i])) break;
    ++next;
    last = &records[i];
  }
  next += reader.skip(std::numeric_limits<std::uint64_t>::max() - next);
  if (next != num_records) {
    fail(ErrorKind::kInvalidArgument, name_of(paths), ": expected ", num_records,
         " records, one for each vector, found ", next, ": did it change since they were made?");
  }
  return records;
}

}  // namespace firth
