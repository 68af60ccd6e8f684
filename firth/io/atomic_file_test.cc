#include "firth/io/atomic_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "firth/io/model_folder.h"
#include "firth/io/test_folder.h"

namespace firth {
namespace {

std::size_t num_entries(const std::string& folder) {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder)) ++count;
  return count;
}

TEST(AtomicFile, AppearsOnCommitOnly) {
  const TestFolder folder;
  const std::string path = folder.write("out", "before");
  {
    AtomicFile file(path);
    file.write(std::string(3'000'000, 'x'));
    file.flush();
    EXPECT_EQ(read_file(path), "before");
  }
  EXPECT_EQ(read_file(path), "before");
  EXPECT_EQ(num_entries(folder.path()), 1U);
  AtomicFile file(path);
  file.write("hello world");
  file.overwrite(6, "there");
  file.commit();
  EXPECT_EQ(read_file(path), "hello there");
  EXPECT_EQ(num_entries(folder.path()), 1U);
}

TEST(AtomicFile, KeepsPermissionsAndLinks) {
  const TestFolder folder;
  const std::string path = folder.write("file", "1");
  ASSERT_EQ(::chmod(path.c_str(), 0640), 0);
  folder.link("a/link", "../file");
  write_file(folder.path("a/link"), "2");
  EXPECT_EQ(read_file(path), "2");
  EXPECT_TRUE(std::filesystem::is_symlink(folder.path("a/link")));

  struct stat status {};

  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0640U);
  const mode_t mask = ::umask(0027);
  write_file(folder.path("new"), "3");
  ::umask(mask);
  ASSERT_EQ(::stat(folder.path("new").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0640U);
}

TEST(AtomicFile, ErrorsNameThePath) {
  const TestFolder folder;
  folder.link("loop", "loop");
  EXPECT_EQ(error_of([&] { AtomicFile(folder.path()); }),
            folder.path() + ": expected a file to write, found a folder");
  EXPECT_EQ(error_of([&] { AtomicFile(folder.path("none/out")); }),
            folder.path("none/out") + ": expected the folder " + folder.path("none") +
                " to write it in, found nothing there");
  EXPECT_NE(error_of([&] { AtomicFile(folder.path("loop")); }).find("symbolic links"),
            std::string::npos);
  EXPECT_NE(error_of([&] { AtomicFile(""); }).find("expected the path"), std::string::npos);
  EXPECT_NE(error_of([&] { AtomicFile(folder.path(std::string(300, 'x'))); }).find("too long"),
            std::string::npos);
}

TEST(AtomicFile, WritesStraightThroughToDevices) {
  write_file("/dev/null", "x");
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
  EXPECT_EQ(error_of([] { write_file("/dev/full", "x"); }),
            "/dev/full: expected to write it, found: No space left on device");
}

TEST(AtomicFile, ContinuesAPartialFile) {
  const TestFolder folder;
  const std::string path = folder.path("out");
  {
    AtomicFile file(path, {.keep_partial = true});
    file.write("row 1\nrow");
  }
  EXPECT_FALSE(std::filesystem::exists(path));
  AtomicFile file(path, {.keep_partial = true});
  EXPECT_EQ(file.size(), 9U);
  file.truncate(6);
  file.write("row 2\n");
  file.commit();
  EXPECT_EQ(read_file(path), "row 1\nrow 2\n");
  EXPECT_EQ(num_entries(folder.path()), 1U);
}

}  // namespace
}  // namespace firth
