#include "firth/hub/snapshot_writer.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "firth/core/error.h"
#include "firth/hub/hub_cache.h"
#include "firth/io/atomic_file.h"

namespace firth {

namespace {

namespace fs = std::filesystem;

// As the person's umask has it: a cache may be shared with a group.
void make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) fail_errno(folder.string(), "make", error.value());
}

bool is_file_of_size(const fs::path& path, std::optional<std::uint64_t> size) {
  std::error_code error;
  if (!fs::is_regular_file(path, error)) return false;
  const std::uint64_t found = fs::file_size(path, error);
  return !error && (!size || found == *size);
}

// Programs that make backups leave such folders out (bford.info/cachedir).
void tag_as_cache(const std::string& folder) {
  const std::string path = folder + "/CACHEDIR.TAG";
  std::error_code error;
  if (fs::exists(path, error)) return;
  write_file(path, "Signature: 8a477f597d28d172789f06886806bc55\n");
}

std::string content_of(const fs::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// The path of a snapshot's file without the last part, "" for one in the snapshot itself.
std::string folder_of(const std::string& file) {
  const std::size_t slash = file.rfind('/');
  return slash == std::string::npos ? "" : file.substr(0, slash);
}

}  // namespace

SnapshotWriter::SnapshotWriter(const std::string& cache_folder, const ModelName& name,
                               const std::string& commit, bool use_links)
    : cache_folder_(cache_folder),
      folder_(repository_folder(cache_folder, name.repository)),
      commit_(commit),
      locks_(cache_folder + "/.locks/" + fs::path(folder_).filename().string()),
      snapshot_(folder_ + "/snapshots/" + commit),
      use_links_(use_links) {
  make_folder(folder_ + "/blobs");
  make_folder(folder_ + "/refs");
  make_folder(snapshot_);
  make_folder(locks_);
  tag_as_cache(cache_folder);
}

bool SnapshotWriter::has(const std::string& file, std::optional<std::uint64_t> size) const {
  return is_file_of_size(fs::path(snapshot_) / file, size);
}

bool SnapshotWriter::has_blob(const std::string& etag, std::optional<std::uint64_t> size) const {
  return is_file_of_size(blob_path(etag), size);
}

FileLock SnapshotWriter::lock(const std::string& etag, const std::function<void()>& on_wait) const {
  return FileLock(locks_ + "/" + etag + ".lock", on_wait);
}

void SnapshotWriter::link(const std::string& file, const std::string& etag) const {
  const fs::path place = fs::path(snapshot_) / file;
  if (const std::string folder = folder_of(file); !folder.empty()) {
    make_folder(fs::path(snapshot_) / folder);
  }
  const auto depth = std::ranges::count(file, '/');
  std::string target = "../../";
  for (auto i = depth; i > 0; --i) target += "../";
  target += "blobs/" + etag;
  // Hidden, so that no reader takes it for a file of the model.
  const fs::path fresh = place.parent_path() / ("." + etag.substr(0, 40) + ".new");
  std::error_code error;
  fs::remove(fresh, error);
  if (use_links_) fs::create_symlink(target, fresh, error);
  if (!use_links_ || error) {
    // A disk without links: the snapshot holds the file itself, as huggingface_hub has it there.
    fs::rename(blob_path(etag), fresh, error);
  }
  if (!error) fs::rename(fresh, place, error);
  if (error) fail_errno(place.string(), "make", error.value());
}

void SnapshotWriter::set_ref(const std::string& revision) const {
  if (revision == commit_) return;
  const fs::path ref = fs::path(folder_) / "refs" / revision;
  if (content_of(ref) == commit_) return;
  make_folder(ref.parent_path());
  write_file(ref.string(), commit_);
}

std::uint64_t SnapshotWriter::bytes_of(const std::vector<ListedFile>& files) const {
  std::uint64_t bytes = 0;
  for (const ListedFile& file : files) {
    std::error_code error;
    const std::uint64_t size = fs::file_size(fs::path(snapshot_) / file.path, error);
    if (!error) bytes += size;
  }
  return bytes;
}

std::uint64_t SnapshotWriter::free_bytes() const {
  std::error_code error;
  const fs::space_info space = fs::space(cache_folder_, error);
  return error ? UINT64_MAX : space.available;
}

}  // namespace firth
