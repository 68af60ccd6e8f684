// Looking for models on the disk.
#include "cli/model_lookup.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "cli/output.h"
#include "cli/usage_error.h"
#include "firth/core/error.h"
#include "firth/io/model_folder.h"

namespace firth::cli {
namespace {

namespace fs = std::filesystem;

struct Place {
  std::string folder;
  std::string name;
};

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string own_cache_folder() {
  std::string base = environment("XDG_CACHE_HOME");
  if (base.empty() && !environment("HOME").empty()) base = environment("HOME") + "/.cache";
  return base.empty() ? "" : base + "/firth/models";
}

std::vector<Place> folder_places() {
  std::vector<Place> places = {{"models", "./models"}};
  std::string list = environment("FIRTH_MODELS");
  while (!list.empty()) {
    const std::string folder = list.substr(0, list.find(':'));
    if (!folder.empty()) places.push_back({folder, "$FIRTH_MODELS"});
    list = folder.size() == list.size() ? "" : list.substr(folder.size() + 1);
  }
  if (!own_cache_folder().empty()) places.push_back({own_cache_folder(), "firth's cache"});
  return places;
}

bool is_there(const fs::path& path) {
  std::error_code error;
  return fs::exists(path, error);
}

bool looks_like_model(const fs::path& folder) {
  return is_there(folder / "modules.json") || is_there(folder / "config.json");
}

std::vector<fs::path> subfolders(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    std::error_code ignored;
    const bool hidden = it->path().filename().string().starts_with('.');
    if (!hidden && it->is_directory(ignored)) found.push_back(it->path());
  }
  std::ranges::sort(found);
  return found;
}

void add_folder_models(const Place& place, std::vector<FoundModel>& models) {
  for (const fs::path& folder : subfolders(place.folder)) {
    const std::string name = folder.filename().string();
    if (looks_like_model(folder)) {
      models.push_back({name, folder.string(), place.name});
      continue;
    }
    for (const fs::path& inner : subfolders(folder)) {
      if (!looks_like_model(inner)) continue;
      models.push_back({name + "/" + inner.filename().string(), inner.string(), place.name});
    }
  }
}

// The snapshot that refs/main names, else the last one by name.
fs::path snapshot_of(const fs::path& repository) {
  std::ifstream ref(repository / "refs" / "main");
  std::string revision;
  const bool plain_name =
      ref >> revision && revision.find('/') == std::string::npos && !revision.starts_with('.');
  if (plain_name && is_there(repository / "snapshots" / revision)) {
    return repository / "snapshots" / revision;
  }
  const auto snapshots = subfolders(repository / "snapshots");
  return snapshots.empty() ? fs::path() : snapshots.back();
}

void add_hub_models(std::vector<FoundModel>& models) {
  constexpr std::string_view kPrefix = "models--";
  const std::string cache = hub_cache_folder();
  if (cache.empty()) return;
  for (const fs::path& repository : subfolders(cache)) {
    std::string name = repository.filename().string();
    if (!name.starts_with(kPrefix)) continue;
    name.erase(0, kPrefix.size());
    if (const std::size_t dashes = name.find("--"); dashes != std::string::npos) {
      name.replace(dashes, 2, "/");
    }
    const fs::path snapshot = snapshot_of(repository);
    if (!snapshot.empty() && looks_like_model(snapshot)) {
      models.push_back({name, snapshot.string(), "hub cache"});
    }
  }
}

std::string last_part(const std::string& name) {
  return name.substr(name.rfind('/') + 1);
}

}  // namespace

std::string model_places() {
  std::string text;
  for (const Place& place : folder_places()) text += (text.empty() ? "" : ", ") + place.folder;
  if (const std::string hub = hub_cache_folder(); !hub.empty()) text += ", " + hub;
  return text;
}

namespace {

constexpr std::string_view kHowToGetOne =
    "; 'make demo' fetches all-MiniLM-L6-v2, or put a sentence-transformers or BERT folder into "
    "./models, or give --model PATH";

std::string resolve_name(std::string_view given) {
  const std::vector<FoundModel> models = find_models();
  for (const FoundModel& model : models) {
    if (model.name == given) return model.path;
  }
  std::vector<std::string> names;
  for (const FoundModel& model : models) {
    if (last_part(model.name) == given) return model.path;
    names.push_back(model.name);
    names.push_back(last_part(model.name));
  }
  fail(ErrorKind::kNotFound, "--model: expected a folder or the name of a model, found ",
       quoted(given), ", which is neither a path nor in ", model_places(),
       suggestion(given, names));
}

std::string resolve_only() {
  const std::vector<FoundModel> models = find_models();
  if (models.empty()) {
    fail(ErrorKind::kNotFound, "--model: expected a model, found none in ", model_places(),
         kHowToGetOne);
  }
  // One in ./models is meant even if there are others elsewhere.
  const auto local = std::ranges::count(models, "./models", &FoundModel::place);
  if (models.size() > 1 && local != 1) {
    std::vector<std::string> names;
    names.reserve(models.size());
    for (const FoundModel& model : models) names.push_back(model.name);
    usage_error("--model: expected to be told which model, found ", quoted_list(names));
  }
  say("using the model " + models.front().path);
  return models.front().path;
}

}  // namespace

std::vector<FoundModel> find_models() {
  std::vector<FoundModel> models;
  for (const Place& place : folder_places()) add_folder_models(place, models);
  add_hub_models(models);
  return models;
}

std::string resolve_model(std::string_view given) {
  if (given.empty()) return resolve_only();
  if (is_there(fs::path(given))) return std::string(given);
  // What is written as a path is one: "./x", "../x", "/x", "x/", or a file's name.
  const bool written_as_path = given.starts_with('.') || given.starts_with('/') ||
                               given.ends_with('/') || given.ends_with(".json");
  if (written_as_path) {
    fail(ErrorKind::kNotFound, "--model: ", quoted(given),
         ": expected a model's folder, found nothing there");
  }
  return resolve_name(given);
}

}  // namespace firth::cli
