// Looking for models on the disk.
#include "firth/hub/find_model.h"

#include <algorithm>
#include <filesystem>

#include "firth/hub/hub_cache.h"
#include "firth/io/cache_dir.h"
#include "firth/io/environment.h"
#include "firth/io/model_folder.h"

namespace firth {

namespace {

namespace fs = std::filesystem;

struct Place {
  std::string folder;
  std::string name;
};

std::vector<Place> folder_places() {
  std::vector<Place> places = {{"models", "./models"}};
  std::string list = environment_text("FIRTH_MODELS");
  while (!list.empty()) {
    const std::string folder = list.substr(0, list.find(':'));
    if (!folder.empty()) places.push_back({folder, "$FIRTH_MODELS"});
    list = folder.size() == list.size() ? "" : list.substr(folder.size() + 1);
  }
  if (const auto cache = cache_folder()) places.push_back({*cache + "/models", "firth's cache"});
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

void add_hub_models(std::vector<FoundModel>& models) {
  for (const CachedModel& cached : cached_models(hub_cache_folder())) {
    const std::string revision = cached.is_default ? "" : "@" + cached.revision;
    models.push_back({cached.repository + revision, cached.path, "hub cache", !cached.is_default});
  }
}

std::string last_part(const std::string& name) {
  return name.substr(name.rfind('/') + 1);
}

// "NAME@REVISION" in the hub cache, by a revision that find_models() does not list: one of several
// names of a commit, a commit cut short, or the one that NAME alone means.
std::optional<FoundModel> find_revision(std::string_view name,
                                        const std::vector<FoundModel>& models) {
  std::optional<ModelName> wanted = try_parse_model_name(name);
  if (!wanted || wanted->revision.empty()) return std::nullopt;
  if (wanted->repository.find('/') == std::string::npos) {
    const auto longer = std::ranges::find_if(models, [&](const FoundModel& model) {
      return model.place == "hub cache" && !model.is_other_revision &&
             last_part(model.name) == wanted->repository;
    });
    if (longer != models.end()) wanted->repository = longer->name;
  }
  const auto cached = find_cached_model(hub_cache_folder(), *wanted);
  if (!cached) return std::nullopt;
  return FoundModel{wanted->text(), cached->path, "hub cache", true};
}

}  // namespace

std::string model_places() {
  std::string text;
  for (const Place& place : folder_places()) text += (text.empty() ? "" : ", ") + place.folder;
  if (const std::string hub = hub_cache_folder(); !hub.empty()) text += ", " + hub;
  return text;
}

std::vector<FoundModel> find_models() {
  std::vector<FoundModel> models;
  for (const Place& place : folder_places()) add_folder_models(place, models);
  add_hub_models(models);
  return models;
}

std::optional<FoundModel> find_model(std::string_view name) {
  const std::vector<FoundModel> models = find_models();
  for (const FoundModel& model : models) {
    if (model.name == name) return model;
  }
  for (const FoundModel& model : models) {
    if (!model.is_other_revision && last_part(model.name) == name) return model;
  }
  return find_revision(name, models);
}

}  // namespace firth
