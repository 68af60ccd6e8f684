#include "firth/hub/hub_cache.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "firth/core/error.h"

namespace firth {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "models--";

bool is_there(const fs::path& path) {
  std::error_code error;
  return fs::exists(path, error);
}

bool holds_model(const fs::path& snapshot) {
  return is_there(snapshot / "config.json") || is_there(snapshot / "modules.json");
}

// Names of what lies in a folder, sorted; none if it cannot be read.
std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    names.push_back(it->path().filename().string());
  }
  std::ranges::sort(names);
  return names;
}

struct Ref {
  std::string revision;
  std::string commit;
};

std::string commit_in(const fs::path& ref) {
  std::ifstream file(ref);
  std::string commit;
  file >> commit;
  return is_plain_word(commit) ? commit : "";
}

// "main", "v1.0", "refs/pr/1": names have slashes, so there are folders below refs/.
void add_refs(const fs::path& folder, const std::string& prefix, int depth,
              std::vector<Ref>& refs) {
  constexpr int kDeepest = 8;
  for (const std::string& name : names_in(folder)) {
    std::error_code error;
    if (fs::is_directory(folder / name, error)) {
      if (depth < kDeepest) add_refs(folder / name, prefix + name + "/", depth + 1, refs);
    } else if (std::string commit = commit_in(folder / name); !commit.empty()) {
      refs.push_back({prefix + name, std::move(commit)});
    }
  }
}

std::string repository_of(std::string folder_name) {
  folder_name.erase(0, kPrefix.size());
  const std::size_t dashes = folder_name.find("--");
  if (dashes != std::string::npos) folder_name.replace(dashes, 2, "/");
  return folder_name;
}

// The snapshots of one repository that hold a model, the default one first.
std::vector<CachedModel> models_of(const fs::path& folder, const std::string& repository) {
  std::vector<Ref> refs;
  add_refs(folder / "refs", "", 0, refs);
  std::vector<CachedModel> models;
  for (const std::string& commit : names_in(folder / "snapshots")) {
    const fs::path snapshot = folder / "snapshots" / commit;
    if (!is_plain_word(commit) || !holds_model(snapshot)) continue;
    CachedModel model{repository, commit, commit, snapshot.string()};
    for (const Ref& ref : refs) {
      if (ref.commit != commit || model.revision == "main") continue;
      model.revision = ref.revision;
    }
    models.push_back(std::move(model));
  }
  if (models.empty()) return models;
  auto main = std::ranges::find(models, "main", &CachedModel::revision);
  if (main == models.end()) main = models.end() - 1;
  main->is_default = true;
  std::rotate(models.begin(), main, main + 1);
  return models;
}

bool means(const CachedModel& model, const std::string& revision,
           const std::string& commit_of_ref) {
  constexpr std::size_t kShortestCommit = 7;
  if (!commit_of_ref.empty()) return model.commit == commit_of_ref;
  return model.commit == revision ||
         (revision.size() >= kShortestCommit && model.commit.starts_with(revision));
}

}  // namespace

std::string repository_folder(const std::string& cache_folder, const std::string& repository) {
  std::string name = std::string(kPrefix) + repository;
  if (const std::size_t slash = name.find('/'); slash != std::string::npos) {
    name.replace(slash, 1, "--");
  }
  return (fs::path(cache_folder) / name).string();
}

std::vector<CachedModel> cached_models(const std::string& cache_folder) {
  std::vector<CachedModel> models;
  if (cache_folder.empty()) return models;
  for (const std::string& name : names_in(cache_folder)) {
    if (!name.starts_with(kPrefix)) continue;
    std::ranges::move(models_of(fs::path(cache_folder) / name, repository_of(name)),
                      std::back_inserter(models));
  }
  return models;
}

std::optional<CachedModel> find_cached_model(const std::string& cache_folder,
                                             const ModelName& name) {
  if (cache_folder.empty()) return std::nullopt;
  const fs::path folder = repository_folder(cache_folder, name.repository);
  std::vector<CachedModel> models = models_of(folder, name.repository);
  if (models.empty()) return std::nullopt;
  if (name.revision.empty()) return models.front();
  const std::string commit = commit_in(folder / "refs" / name.revision);
  std::erase_if(models,
                [&](const CachedModel& model) { return !means(model, name.revision, commit); });
  if (models.size() != 1) return std::nullopt;
  return models.front();
}

}  // namespace firth
