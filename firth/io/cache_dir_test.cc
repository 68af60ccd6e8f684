#include "firth/io/cache_dir.h"

#include <gtest/gtest.h>

#include "firth/io/test_folder.h"

namespace firth {
namespace {

TEST(CacheFolder, FollowsTheEnvironment) {
  const TestFolder folder;
  {
    const ScopedEnvironment cache("XDG_CACHE_HOME", folder.path());
    EXPECT_EQ(cache_folder(), folder.path() + "/firth");
  }
  const ScopedEnvironment relative("XDG_CACHE_HOME", "not/absolute");
  const ScopedEnvironment home("HOME", folder.path());
  EXPECT_EQ(cache_folder(), folder.path() + "/.cache/firth");
  make_folders(folder.path("a/b/c"));
  make_folders(folder.path("a/b/c"));
  EXPECT_TRUE(std::filesystem::is_directory(folder.path("a/b/c")));
  folder.write("file", "");
  EXPECT_NE(error_of([&] { make_folders(folder.path("file/x")); }), "no error");
  EXPECT_NE(error_of([&] { make_folders(folder.path("file")); }), "no error");
}

TEST(CacheFolder, DoesWithoutHome) {
  const ScopedEnvironment cache("XDG_CACHE_HOME", std::nullopt);
  const ScopedEnvironment home("HOME", std::nullopt);
  EXPECT_NO_THROW(cache_folder());
}

}  // namespace
}  // namespace firth
