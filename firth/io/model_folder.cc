#include "firth/io/model_folder.h"

#include <algorithm>
#include <filesystem>

#include "firth/core/error.h"
#include "firth/io/environment.h"
#include "firth/io/file.h"

namespace firth {

namespace fs = std::filesystem;

namespace {

std::string joined(const std::string& folder, std::string_view name) {
  return (fs::path(folder.empty() ? "." : folder) / fs::path(name)).string();
}

void check_name(const std::string& folder, std::string_view name) {
  bool good = !name.empty() && name.size() < 4096 && name.find('\0') == std::string_view::npos &&
              name.find('\\') == std::string_view::npos;
  for (std::string_view rest = name; good;) {
    const std::size_t slash = rest.find('/');
    const std::string_view part = rest.substr(0, slash);
    good = !part.empty() && part != "." && part != "..";
    if (slash == std::string_view::npos) break;
    rest.remove_prefix(slash + 1);
  }
  if (good) return;
  fail(ErrorKind::kInvalidArgument, folder,
       ": expected the name of a file inside this folder, found ", quoted(name));
}

// True if `path` is `folder` or lies in it; both resolved.
bool is_inside(const fs::path& path, const fs::path& folder) {
  if (folder.empty()) return false;
  return std::mismatch(folder.begin(), folder.end(), path.begin(), path.end()).first ==
         folder.end();
}

fs::path resolved(const fs::path& path) {
  std::error_code error;
  fs::path real = fs::canonical(path, error);
  if (error) fail_errno(path.string(), "resolve", error.value());
  return real;
}

void check_link(const std::string& folder, const std::string& path) {
  const fs::path real_folder = resolved(folder.empty() ? "." : folder);
  const fs::path real = resolved(path);
  if (is_inside(real, real_folder)) return;
  std::error_code error;
  const fs::path cache = fs::canonical(hub_cache_folder(), error);
  if (!error && is_inside(real_folder, cache) && is_inside(real, cache)) return;
  fail(ErrorKind::kCorrupt, path, ": expected a file inside the model's folder, found a link to ",
       real.string(), "; copy the file into the folder if you trust it");
}

fs::file_type type_of(const std::string& path) {
  std::error_code error;
  const fs::file_type type = fs::status(path, error).type();
  if (error && type != fs::file_type::not_found) fail_errno(path, "examine", error.value());
  return type;
}

}  // namespace

std::string hub_home_folder() {
  if (std::string home = environment_path("HF_HOME"); !home.empty()) return home;
  if (const std::string cache = environment_path("XDG_CACHE_HOME"); !cache.empty()) {
    return cache + "/huggingface";
  }
  const std::string home = environment_text("HOME");
  return home.empty() ? "" : home + "/.cache/huggingface";
}

std::string hub_cache_folder() {
  for (const char* name : {"HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"}) {
    if (std::string cache = environment_path(name); !cache.empty()) return cache;
  }
  const std::string home = hub_home_folder();
  return home.empty() ? "" : home + "/hub";
}

std::optional<std::string> find_model_file(const std::string& folder, std::string_view name) {
  check_name(folder, name);
  const std::string path = joined(folder, name);
  const fs::file_type type = type_of(path);
  if (type == fs::file_type::not_found) return std::nullopt;
  if (type != fs::file_type::regular) {
    fail(ErrorKind::kCorrupt, path, ": expected a file, found ",
         type == fs::file_type::directory ? "a folder" : "a device or pipe");
  }
  check_link(folder, path);
  return path;
}

std::string model_file(const std::string& folder, std::string_view name) {
  if (std::optional<std::string> path = find_model_file(folder, name)) return *path;
  fail(ErrorKind::kNotFound, joined(folder, name),
       ": expected a file, found none of that name; the folder holds ",
       quoted_list(list_folder(folder)));
}

std::string model_subfolder(const std::string& folder, std::string_view name) {
  if (name.empty() || name == ".") return folder;
  if (name.ends_with('/')) name.remove_suffix(1);
  check_name(folder, name);
  std::string path = joined(folder, name);
  const fs::file_type type = type_of(path);
  if (type == fs::file_type::not_found) {
    fail(ErrorKind::kNotFound, path, ": expected a folder, found none of that name; ", folder,
         " holds ", quoted_list(list_folder(folder)));
  }
  if (type != fs::file_type::directory) {
    fail(ErrorKind::kCorrupt, path, ": expected a folder, found a file");
  }
  check_link(folder, path);
  return path;
}

bool is_folder(const std::string& path) {
  std::error_code error;
  return fs::is_directory(path.empty() ? "." : path, error);
}

std::vector<std::string> list_folder(const std::string& folder) {
  std::error_code error;
  std::vector<std::string> names;
  const fs::path path = folder.empty() ? "." : folder;
  for (fs::directory_iterator entry(path, error), end; !error && entry != end;
       entry.increment(error)) {
    std::string name = entry->path().filename().string();
    if (!name.starts_with('.')) names.push_back(std::move(name));
  }
  if (error.value() == ENOTDIR) {
    fail(ErrorKind::kInvalidArgument, folder, ": expected a folder, found a file");
  }
  if (error) fail_errno(folder, "list", error.value());
  std::sort(names.begin(), names.end());
  return names;
}

std::string quoted_list(const std::vector<std::string>& names, std::size_t max_names) {
  if (names.empty()) return "nothing";
  std::string out;
  for (std::size_t i = 0; i < std::min(names.size(), max_names); ++i) {
    out += (i == 0 ? "" : ", ") + quoted(names[i]);
  }
  if (names.size() > max_names) {
    out += " and " + std::to_string(names.size() - max_names) + " more";
  }
  return out;
}

}  // namespace firth
