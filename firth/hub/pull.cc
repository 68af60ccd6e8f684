#include "firth/hub/pull.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "firth/core/error.h"
#include "firth/hub/download.h"
#include "firth/hub/hub_cache.h"
#include "firth/hub/repository.h"
#include "firth/hub/safe_files.h"
#include "firth/hub/snapshot_writer.h"

namespace firth {

namespace {

// What the file system needs besides the content: folders, links, its own books.
constexpr std::uint64_t kSpareBytes = std::uint64_t{16} << 20;

std::string_view file_name_of(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

// The files by which a folder is known as a model come last.
bool marks_a_model(const std::string& path) {
  return path == "config.json" || path == "modules.json";
}

class Pull {
 public:
  Pull(HttpClient& client, Repository& repository, const PullEvents& events)
      : client_(client),
        repository_(repository),
        events_(events),
        writer_(client.settings().cache_folder, repository.name(), repository.commit(),
                client.settings().use_links) {}

  PulledModel run() {
    const std::vector<ListedFile> listed = repository_.list_files();
    const std::vector<ListedFile> chosen = choose_files(listed, module_folders(listed));
    require_something(listed, chosen);
    check_clashes(chosen, repository_.name().text());
    for (const ListedFile& file : chosen) plan(file);
    require_room();
    std::stable_partition(needed_.begin(), needed_.end(),
                          [](const RemoteFile& file) { return !marks_a_model(file.path); });
    for (const RemoteFile& file : needed_) get(file);
    writer_.set_ref(repository_.name().revision_or_main());
    return result(listed, chosen);
  }

 private:
  // The modules of sentence-transformers lie in folders that modules.json names, so it is read
  // first.
  std::vector<std::string> module_folders(const std::vector<ListedFile>& listed) {
    const auto modules = std::ranges::find(listed, "modules.json", &ListedFile::path);
    if (modules == listed.end()) return {};
    const std::string where = repository_.name().text() + ": modules.json";
    if (writer_.has(modules->path, modules->size)) {
      return module_folders_of(writer_.path() + "/modules.json", where);
    }
    const RemoteFile file = repository_.describe(*modules);
    get_blob(file);
    return module_folders_of(writer_.blob_path(file.etag), where);
  }

  void require_something(const std::vector<ListedFile>& listed,
                         const std::vector<ListedFile>& chosen) const {
    const bool usable = std::ranges::any_of(chosen, [](const ListedFile& file) {
      const std::string_view name = file_name_of(file.path);
      return name != "README.md" && !name.starts_with("LICEN") && !name.starts_with("NOTICE");
    });
    if (usable) return;
    fail(ErrorKind::kUnsupported, repository_.name().text(),
         ": expected a model (config.json, model.safetensors, a tokenizer), found none among its ",
         listed.size(), " files");
  }

  void plan(const ListedFile& file) {
    if (writer_.has(file.path, file.size)) {
      if (file.size) earlier_bytes_ += *file.size;
      return;
    }
    needed_.push_back(repository_.describe(file));
    const RemoteFile& remote = needed_.back();
    const std::uint64_t size = remote.size.value_or(0);
    const bool whole = writer_.has_blob(remote.etag, remote.size);
    const std::uint64_t there =
        whole ? size : std::min(size, incomplete_bytes(writer_.blob_path(remote.etag)));
    earlier_bytes_ += there;
    missing_bytes_ += size - there;
  }

  void require_room() const {
    const std::uint64_t room = writer_.free_bytes();
    if (missing_bytes_ == 0 || room >= missing_bytes_ + kSpareBytes) return;
    fail(ErrorKind::kIo, client_.settings().cache_folder, ": expected room for ",
         missing_bytes_ + kSpareBytes, " bytes, found ", room,
         "; make room, or set HF_HUB_CACHE to a folder of another disk");
  }

  void get(const RemoteFile& file) {
    get_blob(file);
    writer_.link(file.path, file.etag);
  }

  void get_blob(const RemoteFile& file) {
    if (writer_.has_blob(file.etag, file.size)) return;
    bool said = false;
    const FileLock lock = writer_.lock(file.etag, [&] {
      if (!std::exchange(said, true) && events_.notice) {
        events_.notice(file.path + ": another program downloads it; waiting for that");
      }
      client_.wait(0.1);
    });
    if (writer_.has_blob(file.etag, file.size)) return;
    const std::string blob = writer_.blob_path(file.etag);
    const std::uint64_t before = incomplete_bytes(blob);
    std::uint64_t last = before;
    const DownloadEvents events{.progress =
                                    [&](std::uint64_t bytes) {
                                      // Less than before if the download began anew.
                                      if (bytes > last) downloaded_bytes_ += bytes - last;
                                      last = bytes;
                                      report();
                                    },
                                .notice = events_.notice};
    const ContentCheck check = download_blob(client_, repository_.name(), file, blob, events);
    if (check == ContentCheck::kCannotTell) unchecked_.push_back(file.path);
  }

  void report() const {
    if (!events_.progress) return;
    const std::uint64_t total = earlier_bytes_ + missing_bytes_;
    events_.progress({.done_bytes = std::min(earlier_bytes_ + downloaded_bytes_, total),
                      .earlier_bytes = earlier_bytes_,
                      .total_bytes = total});
  }

  PulledModel result(const std::vector<ListedFile>& listed,
                     const std::vector<ListedFile>& chosen) const {
    PulledModel model;
    model.repository = repository_.name().repository;
    model.revision = repository_.name().revision_or_main();
    model.commit = repository_.commit();
    model.path = writer_.path();
    model.num_files = chosen.size();
    model.downloaded_bytes = downloaded_bytes_;
    model.bytes = writer_.bytes_of(chosen);
    model.unchecked = unchecked_;
    for (const ListedFile& file : chosen) {
      model.has_weights = model.has_weights || is_weight_file(file_name_of(file.path));
    }
    for (const ListedFile& file : listed) {
      model.has_pickled_weights =
          model.has_pickled_weights || is_pickled_weight_file(file_name_of(file.path));
    }
    return model;
  }

  HttpClient& client_;
  Repository& repository_;
  const PullEvents& events_;
  SnapshotWriter writer_;
  std::vector<RemoteFile> needed_;
  std::vector<std::string> unchecked_;
  std::uint64_t earlier_bytes_ = 0;
  std::uint64_t missing_bytes_ = 0;
  std::uint64_t downloaded_bytes_ = 0;
};

PulledModel pull_offline(const ModelName& name, const HubSettings& settings) {
  if (const auto cached = find_cached_model(settings.cache_folder, name)) {
    PulledModel model;
    model.repository = cached->repository;
    model.revision = name.revision_or_main();
    model.commit = cached->commit;
    model.path = cached->path;
    return model;
  }
  fail(ErrorKind::kNotFound, name.text(), ": expected it in ", settings.cache_folder,
       ", found that it is not there, and HF_HUB_OFFLINE forbids to ask ", settings.endpoint);
}

}  // namespace

PulledModel pull_model(const ModelName& name, const HubSettings& settings,
                       const PullEvents& events) {
  if (settings.cache_folder.empty()) {
    fail(ErrorKind::kInvalidArgument,
         "expected a home folder or HF_HUB_CACHE to keep models in, found neither");
  }
  if (settings.offline) return pull_offline(name, settings);
  HttpClient client(settings, [&events] {
    if (events.tick) events.tick();
  });
  Repository repository(client, name, events.notice);
  if (repository.open()) return Pull(client, repository, events).run();
  // A name alone most often means one of sentence-transformers, as it does there.
  if (name.repository.find('/') == std::string::npos) {
    Repository longer(client, {"sentence-transformers/" + name.repository, name.revision},
                      events.notice);
    if (longer.open()) return Pull(client, longer, events).run();
  }
  repository.fail_not_found();
}

}  // namespace firth
