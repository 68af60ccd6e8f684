// The cache of huggingface_hub, which firth shares: what either has downloaded the other finds.
//
//   CACHE/models--ORG--NAME/blobs/ETAG               content, named by the hub's ETag
//                          /blobs/ETAG.incomplete    of a download that goes on later
//                          /refs/REVISION            the commit of a branch or tag: its name alone
//                          /snapshots/COMMIT/PATH    links to ../../blobs/ETAG
//   CACHE/.locks/models--ORG--NAME/ETAG.lock         held by who downloads the blob
//
// This header is all of hub/ that finding a model needs; nothing of it touches the network.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "firth/hub/model_name.h"

namespace firth {

// A snapshot in the cache that holds a model: a config.json or modules.json.
struct CachedModel {
  std::string repository;  // "sentence-transformers/all-MiniLM-L6-v2"
  std::string revision;    // a branch or tag that names it, else the commit
  std::string commit;
  std::string path;         // of the snapshot
  bool is_default = false;  // what the name means without a revision: main, else the last by name
};

// Sorted by repository, the default of each first. "" as the folder finds none.
std::vector<CachedModel> cached_models(const std::string& cache_folder);

// The snapshot of a name; nullopt if it is not there. A commit may be cut to 7 digits or more, if
// that is unique.
std::optional<CachedModel> find_cached_model(const std::string& cache_folder,
                                             const ModelName& name);

// CACHE/models--ORG--NAME
std::string repository_folder(const std::string& cache_folder, const std::string& repository);

}  // namespace firth
