// Two names are one file if device and inode agree, whatever links lead there.
#include "cli/output_guard.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <utility>

#include "cli/usage_error.h"
#include "firth/core/error.h"
#include "firth/io/record_source.h"

namespace firth::cli {
namespace {

using FileKey = std::pair<dev_t, ino_t>;

// Of a regular file, links followed; a terminal or /dev/null may well be read and written.
std::optional<FileKey> key_of(const struct stat& status) {
  if (!S_ISREG(status.st_mode)) return std::nullopt;
  return FileKey{status.st_dev, status.st_ino};
}

std::optional<FileKey> key_of(const std::string& path) {
  struct stat status {};

  return ::stat(path.c_str(), &status) == 0 ? key_of(status) : std::nullopt;
}

std::optional<FileKey> key_of_standard_input() {
  struct stat status {};

  return ::fstat(STDIN_FILENO, &status) == 0 ? key_of(status) : std::nullopt;
}

// Only what lies in the folder can be one of its files; others are spared the walk.
bool lies_in(const std::string& file, const std::string& folder) {
  std::error_code error;
  const std::filesystem::path inside = std::filesystem::canonical(file, error);
  const std::filesystem::path outside = std::filesystem::canonical(folder, error);
  if (error) return false;
  const auto [end, rest] =
      std::mismatch(outside.begin(), outside.end(), inside.begin(), inside.end());
  return end == outside.end();
}

bool is_text_of_folder(const std::string& file, const FileKey& key, const std::string& folder) {
  if (!lies_in(file, folder)) return false;
  for (const std::string& name : internal::list_text_files(folder)) {
    if (key_of(folder + "/" + name) == key) return true;
  }
  return false;
}

void refuse_one(const std::string& written, const std::vector<std::string>& inputs) {
  const std::optional<FileKey> key = key_of(written);
  if (!key) return;
  const auto refuse = [&](const std::string& input) {
    usage_error("-o: expected a file that is not read, found ", quoted(written),
                ", which is the input ", input);
  };
  if (inputs.empty() && key_of_standard_input() == key) refuse("on standard input");
  for (const std::string& input : inputs) {
    if (input == "-" && key_of_standard_input() == key) refuse("on standard input");
    if (key_of(input) == key) refuse(quoted(input));
    std::error_code error;
    if (std::filesystem::is_directory(input, error) && is_text_of_folder(written, *key, input)) {
      refuse("in " + quoted(input));
    }
  }
}

}  // namespace

void refuse_overwriting_input(const std::string& output, const std::vector<std::string>& inputs) {
  if (output.empty() || output == "-") return;
  for (const char* ending : {"", ".ids.txt", ".scales.npy", ".firth.json", ".partial"}) {
    refuse_one(output + ending, inputs);
  }
}

}  // namespace firth::cli
