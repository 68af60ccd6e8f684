#include "firth/hub/listing.h"

#include <algorithm>
#include <map>
#include <set>

#include "firth/core/error.h"
#include "firth/hub/model_name.h"
#include "firth/hub/safe_files.h"
#include "firth/io/file.h"
#include "firth/io/json.h"

namespace firth {

namespace {

// The largest repositories of models hold some thousands.
constexpr std::size_t kMostFiles = 100'000;
// A petabyte: beyond it sums of sizes could overflow.
constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 50;

std::string path_in(const Json& name) {
  const std::string_view path = name.as_string();
  if (is_harmless_path(path)) return std::string(path);
  fail(ErrorKind::kCorrupt, name.where(),
       ": expected the name of a file inside the repository, found ", quoted(path));
}

std::string lower_case(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

std::string_view file_name_of(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

bool is_sha256(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

ListedFile tree_entry(const Json& entry) {
  ListedFile file{.path = path_in(entry.at("path"))};
  if (const auto size = entry.find("size")) file.size = size->as_uint(kMostBytes);
  const auto lfs = entry.find("lfs");
  if (!lfs || lfs->is_null()) return file;
  file.size = lfs->at("size").as_uint(kMostBytes);
  const Json oid = lfs->at("oid");
  file.sha256 = oid.as_string();
  if (!is_sha256(file.sha256)) {
    fail(ErrorKind::kCorrupt, oid.where(), ": expected 64 hexadecimal digits, found ",
         oid.describe());
  }
  return file;
}

bool is_wanted(std::string_view path, const std::vector<std::string>& module_folders) {
  if (!is_safe_model_file(file_name_of(path))) return false;
  if (path.find('/') == std::string_view::npos) return true;
  return std::ranges::any_of(module_folders, [&](const std::string& folder) {
    return path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/';
  });
}

}  // namespace

RevisionAnswer parse_revision_answer(std::string_view text, const std::string& where) {
  const JsonDocument document = JsonDocument::parse(text, where);
  const Json commit = document.root().at("sha");
  RevisionAnswer answer{.commit = std::string(commit.as_string()), .files = {}};
  if (!is_plain_word(answer.commit)) {
    fail(ErrorKind::kCorrupt, commit.where(), ": expected the hash of a commit, found ",
         commit.describe());
  }
  if (const auto siblings = document.root().find("siblings"); siblings && !siblings->is_null()) {
    for (const Json& sibling : siblings->elements()) {
      answer.files.push_back({.path = path_in(sibling.at("rfilename"))});
    }
  }
  return answer;
}

void parse_tree_answer(std::string_view text, const std::string& where,
                       std::vector<ListedFile>& files) {
  const JsonDocument document = JsonDocument::parse(text, where);
  for (const Json& entry : document.root().elements()) {
    if (entry.at("type").as_string() == "file") files.push_back(tree_entry(entry));
  }
}

void check_count(const std::vector<ListedFile>& files, const std::string& where) {
  if (files.size() <= kMostFiles) return;
  fail(ErrorKind::kCorrupt, where, ": expected at most ", kMostFiles, " files, found ",
       files.size());
}

void check_clashes(const std::vector<ListedFile>& files, const std::string& where) {
  std::map<std::string, const std::string*> seen;
  for (const ListedFile& file : files) {
    const auto [other, is_new] = seen.emplace(lower_case(file.path), &file.path);
    if (!is_new) {
      fail(ErrorKind::kCorrupt, where, ": expected names that differ in more than case, found ",
           quoted(*other->second), " and ", quoted(file.path));
    }
  }
}

std::vector<ListedFile> choose_files(const std::vector<ListedFile>& files,
                                     const std::vector<std::string>& module_folders) {
  const auto folder_of = [](const std::string& path) {
    return path.substr(0, path.size() - file_name_of(path).size());
  };
  std::set<std::string> with_whole_weights;
  for (const ListedFile& file : files) {
    if (file_name_of(file.path) == "model.safetensors") {
      with_whole_weights.insert(folder_of(file.path));
    }
  }
  std::vector<ListedFile> chosen;
  for (const ListedFile& file : files) {
    const bool superfluous = is_sharded_weight_file(file_name_of(file.path)) &&
                             with_whole_weights.contains(folder_of(file.path));
    if (is_wanted(file.path, module_folders) && !superfluous) chosen.push_back(file);
  }
  return chosen;
}

std::vector<std::string> module_folders_of(const std::string& path, const std::string& where) {
  constexpr std::uint64_t kMostBytesOfFile = 1 << 20;
  const JsonDocument document = JsonDocument::parse(read_file(path, kMostBytesOfFile), where);
  std::vector<std::string> folders;
  for (const Json& module : document.root().elements()) {
    std::string folder(module.at("path").as_string());
    while (folder.ends_with('/')) folder.pop_back();
    if (!folder.empty() && folder != ".") folders.push_back(std::move(folder));
  }
  return folders;
}

}  // namespace firth
