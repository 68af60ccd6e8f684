// Puts a pulled model into the cache (hub_cache.h has its layout): blobs under their lock, links of
// a snapshot, the ref. Everything appears by a rename, so that other programs see the old or the
// new.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "firth/hub/file_lock.h"
#include "firth/hub/listing.h"
#include "firth/hub/model_name.h"

namespace firth {

class SnapshotWriter {
 public:
  // Makes the folders. Errors: io.
  SnapshotWriter(const std::string& cache_folder, const ModelName& name, const std::string& commit,
                 bool use_links);

  // Of the snapshot.
  const std::string& path() const { return snapshot_; }

  std::string blob_path(const std::string& etag) const { return folder_ + "/blobs/" + etag; }

  // True if the snapshot has the file, of that size where one is given.
  bool has(const std::string& file, std::optional<std::uint64_t> size) const;

  // True if there is a blob of that size.
  bool has_blob(const std::string& etag, std::optional<std::uint64_t> size) const;

  FileLock lock(const std::string& etag, const std::function<void()>& on_wait) const;

  // Makes PATH of the snapshot lead to the blob.
  void link(const std::string& file, const std::string& etag) const;

  // Makes the revision mean this commit.
  void set_ref(const std::string& revision) const;

  // Of files of the snapshot together.
  std::uint64_t bytes_of(const std::vector<ListedFile>& files) const;

  std::uint64_t free_bytes() const;

 private:
  std::string cache_folder_;
  std::string folder_;
  std::string commit_;
  std::string locks_;
  std::string snapshot_;
  bool use_links_;
};

}  // namespace firth
