// What a hub says lies in a repository, read as what a stranger says: names that could lead out of
// a folder and sizes that cannot be make the whole listing an error.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace firth {

struct ListedFile {
  std::string path;                        // in the repository: "1_Pooling/config.json"
  std::optional<std::uint64_t> size = {};  // where the listing says
  std::string sha256 = "";                 // of files of LFS, where the listing says
};

// The answer of /api/models/NAME/revision/REVISION.
struct RevisionAnswer {
  std::string commit;
  std::vector<ListedFile> files;  // of "siblings", without sizes; may be empty
};

// Errors: corrupt; `where` names the answer in them.
RevisionAnswer parse_revision_answer(std::string_view text, const std::string& where);

// A page of /api/models/NAME/tree/COMMIT; appends.
void parse_tree_answer(std::string_view text, const std::string& where,
                       std::vector<ListedFile>& files);

// Errors: corrupt for more files than a repository of a model has.
void check_count(const std::vector<ListedFile>& files, const std::string& where);

// Errors: corrupt for two names that are the same or differ in case alone: of these, one would take
// the other's place on some disks.
void check_clashes(const std::vector<ListedFile>& files, const std::string& where);

// Of those, the ones to have (safe_files.h): in the folder itself, and in and below the folders of
// its modules. Sharded weights are left out where whole ones are there.
std::vector<ListedFile> choose_files(const std::vector<ListedFile>& files,
                                     const std::vector<std::string>& module_folders);

// The folders that the modules.json at `path` names; `where` names it in errors: corrupt.
std::vector<std::string> module_folders_of(const std::string& path, const std::string& where);

}  // namespace firth
