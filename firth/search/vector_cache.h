// Vectors of texts that did not change are not computed twice. An entry holds the vectors of one
// collection (a file, or the text files of a folder) in one space; it knows each source's stamp, so
// that when one file of a folder changes only that one is embedded anew.
//
// On disk, in the cache folder's "vectors":
//   KEY.json     what the entry is: format_version, what the key was made of, the sources with
//                their stamps and numbers of rows, the name and hash of the file of values
//   KEY-TAG.npy  the values, f32 (rows, dimension); and, once asked for, KEY-TAG.int8.npy,
//                KEY-TAG.scales.npy and KEY-TAG.norms.npy (narrow_rows.h); these three alone for
//                a vector file that lies elsewhere
// TAG is new each time. The JSON is replaced in one step after the values are on the disk, so runs
// side by side see one whole entry or the other. An entry that is broken, foreign or of a newer
// version is as good as none: it is made again. Values up to 256 MB are checked against their hash.
// Beyond `max_bytes` the entries that were used longest ago are removed.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "firth/core/embedder.h"
#include "firth/core/tensor.h"
#include "firth/core/thread_pool.h"
#include "firth/search/narrow_rows.h"
#include "firth/search/source_stamp.h"

namespace firth {

struct VectorCacheOptions {
  std::string folder;                                 // made when something is stored
  std::uint64_t max_bytes = std::uint64_t{10} << 30;  // of all entries
};

// Everything that decides the vectors, but for the sources' content.
struct VectorCacheKey {
  std::string identity;    // Embedder::identity()
  EmbedOptions options;    // those fields that move vectors
  std::string collection;  // what the person named, absolute
  std::string selection;   // how texts are taken from it: format and fields, as one string

  std::string hex() const;  // 32 digits
};

// The vectors of a collection's sources, one source's rows after the other's.
struct CachedVectors {
  View<const float> values;             // (rows, dimension)
  std::vector<std::uint64_t> num_rows;  // of each source
  std::shared_ptr<const void> owner;    // keeps the values
  std::string values_path;              // "" if they lie in memory only
  std::uint64_t num_reused = 0;         // rows that were not computed
  std::string not_stored;               // why the entry could not be written; "" = it was
};

// Embeds the sources of these numbers: hands their rows, in order and in pieces of any size, to
// `append`, and returns the number of rows of each.
using AppendRows = std::function<void(View<const float> rows)>;
using EmbedSources = std::function<std::vector<std::uint64_t>(std::span<const std::size_t> sources,
                                                              const AppendRows& append)>;

class VectorCache {
 public:
  explicit VectorCache(VectorCacheOptions options) : options_(std::move(options)) {}

  // The vectors of `sources`: from the entry where a stamp is the same, else by `embed`. What is
  // new is stored, unless a source changed meanwhile or a moment ago. That the cache cannot be
  // written is no error, see not_stored; errors of `embed` are passed on.
  CachedVectors get(const VectorCacheKey& key, std::span<const SourceStamp> sources,
                    const EmbedSources& embed) const;

  // The narrow form of an entry's rows: mapped if it was stored, else made and stored.
  NarrowRows narrow(const CachedVectors& vectors, ThreadPool& pool) const;

  // The same for the rows of a vector file of the person's own, as long as its stamp is `file`.
  NarrowRows narrow(const SourceStamp& file, View<const float> rows, ThreadPool& pool) const;

  // Bytes of all entries.
  std::uint64_t bytes() const;

  // Removes the entries used longest ago until at most max_bytes remain.
  void trim(std::uint64_t max_bytes) const;

 private:
  struct Entry;

  std::string path_of(const std::string& name) const { return options_.folder + "/" + name; }

  void store_narrow(const std::string& stem, const NarrowRows& rows) const;
  std::optional<Entry> find(const VectorCacheKey& key) const;
  std::string store(const VectorCacheKey& key, std::span<const SourceStamp> sources,
                    CachedVectors& vectors) const;

  VectorCacheOptions options_;
};

}  // namespace firth
