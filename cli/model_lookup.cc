#include "cli/model_lookup.h"

#include <algorithm>
#include <filesystem>
#include <vector>

#include "cli/output.h"
#include "cli/usage_error.h"
#include "firth/core/error.h"
#include "firth/hub/model_name.h"
#include "firth/io/model_folder.h"

namespace firth::cli {
namespace {

constexpr std::string_view kHowToGetOne =
    "; get one: firth pull sentence-transformers/all-MiniLM-L6-v2, or put a model's folder into "
    "./models, or give --model PATH";

std::string last_part(const std::string& name) {
  return name.substr(name.rfind('/') + 1);
}

[[noreturn]] void fail_unknown(std::string_view given) {
  std::vector<std::string> names;
  for (const FoundModel& model : find_models()) {
    names.push_back(model.name);
    if (!model.is_other_revision) names.push_back(last_part(model.name));
  }
  const std::string pull =
      try_parse_model_name(given)
          ? "; if it is a model of the hub, get it: firth pull " + std::string(given)
          : "";
  fail(ErrorKind::kNotFound, "--model: expected a folder or the name of a model, found ",
       quoted(given), ", which is neither a path nor in ", model_places(), suggestion(given, names),
       pull);
}

std::string resolve_only() {
  std::vector<FoundModel> models = find_models();
  std::erase_if(models, [](const FoundModel& model) { return model.is_other_revision; });
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

std::string resolve_model(std::string_view given) {
  if (given.empty()) return resolve_only();
  std::error_code error;
  if (std::filesystem::exists(std::filesystem::path(given), error)) return std::string(given);
  // What is written as a path is one: "./x", "../x", "/x", "x/", or a file's name.
  const bool written_as_path = given.starts_with('.') || given.starts_with('/') ||
                               given.ends_with('/') || given.ends_with(".json");
  if (written_as_path) {
    fail(ErrorKind::kNotFound, "--model: ", quoted(given),
         ": expected a model's folder, found nothing there");
  }
  if (const auto found = find_model(given)) return found->path;
  fail_unknown(given);
}

}  // namespace firth::cli
