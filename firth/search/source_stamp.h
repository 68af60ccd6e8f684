// Is a file still what it was? A stamp is what the file system says without reading the file: size,
// time of the last change to the content and to the entry, and inode. Reading every byte to hash it
// would be surer, but costs seconds for the gigabytes that a search must answer over at once. What
// a stamp cannot see is a change within the clock's tick of an earlier one; is_settled() tells of
// stamps taken so soon.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace firth {

struct SourceStamp {
  std::string path;  // absolute, links resolved
  std::uint64_t size = 0;
  std::int64_t mtime_ns = 0;
  std::int64_t ctime_ns = 0;
  std::uint64_t inode = 0;

  friend bool operator==(const SourceStamp&, const SourceStamp&) = default;
};

// Errors: not_found, io; invalid_argument for what is no regular file.
SourceStamp stamp_source(const std::string& path);

// The files that a RecordReader of these paths reads, in its order: files as they are, folders as
// the text files in them. nullopt if one is no regular file ("-", a pipe), which has no stamp.
std::optional<std::vector<SourceStamp>> stamp_sources(const std::vector<std::string>& paths);

// False if the file changed less than 50 ms ago by the system's clock, or in its future.
bool is_settled(const SourceStamp& stamp);

}  // namespace firth
