// Gets a model from a hub into the cache that is shared with huggingface_hub (hub_cache.h).
//
//   1. /api/models/NAME/revision/REVISION gives the commit, /api/models/NAME/tree/COMMIT the files.
//   2. Of these, the safe ones are chosen (safe_files.h). Those that the snapshot has are left.
//   3. Each is asked for its ETag and size, unless the listing has them; then there must be room.
//   4. One after another is downloaded as a blob (download.h) and linked into the snapshot, the
//      files by which a folder is known as a model last: a snapshot that looks whole is whole.
//   5. refs/REVISION is set to the commit: until then the name means what it meant before.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "firth/hub/hub_settings.h"
#include "firth/hub/model_name.h"

namespace firth {

struct PullProgress {
  std::uint64_t done_bytes = 0;     // of what is needed, earlier_bytes among them
  std::uint64_t earlier_bytes = 0;  // that were there when the pull began
  std::uint64_t total_bytes = 0;
};

struct PullEvents {
  std::function<void(const PullProgress&)> progress;  // many times a second
  std::function<void(std::string_view)> notice;       // a line for people: what is tried again, …
  std::function<void()> tick;                         // several times a second; may throw to stop
};

struct PulledModel {
  std::string repository;  // where it was found
  std::string revision;    // as asked for, or "main"
  std::string commit;
  std::string path;  // of the snapshot
  std::size_t num_files = 0;
  std::uint64_t bytes = 0;             // of those
  std::uint64_t downloaded_bytes = 0;  // in this run
  bool has_weights = false;
  bool has_pickled_weights = false;    // on the hub; not downloaded
  std::vector<std::string> unchecked;  // files whose ETag is no hash
};

// Errors: invalid_argument for a name; not_found, unsupported and io as the hub answers; corrupt
// for a hub that contradicts itself. Whatever is thrown, the next pull goes on where this one
// stopped.
PulledModel pull_model(const ModelName& name, const HubSettings& settings,
                       const PullEvents& events);

}  // namespace firth
