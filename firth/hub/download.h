// Downloads one file of a hub into the place of its blob. What has come is kept under
// NAME.incomplete through drops, interrupts and kill -9, and the next attempt asks for the rest;
// the blob appears under its name when it is whole, has the size that was stated and the hash that
// its ETag is.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "firth/hub/content_check.h"
#include "firth/hub/http.h"
#include "firth/hub/model_name.h"

namespace firth {

struct RemoteFile {
  std::string path;                   // in the repository
  std::string address;                // that the hub resolves
  std::string etag;                   // names the blob
  std::optional<std::uint64_t> size;  // as the hub states it
};

struct DownloadEvents {
  std::function<void(std::uint64_t bytes)> progress;  // how many of this file are there
  std::function<void(std::string_view)> notice;       // a line for people
};

// How many bytes an earlier run left of a blob.
std::uint64_t incomplete_bytes(const std::string& blob_path);

// The caller holds the blob's lock. `name` is for messages. Returns whether the content could be
// checked: kMatches or kCannotTell. Errors: what hub_error.h says; corrupt
// for content that is not what the hub stated; io.
ContentCheck download_blob(HttpClient& client, const ModelName& name, const RemoteFile& file,
                           const std::string& blob_path, const DownloadEvents& events);

}  // namespace firth
