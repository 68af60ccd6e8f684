#include "firth/hub/hub_cache.h"

#include <gtest/gtest.h>

#include "firth/hub/find_model.h"
#include "firth/io/test_folder.h"

namespace firth {
namespace {

class HubCache : public testing::Test {
 protected:
  void add(const std::string& repository, const std::string& commit) const {
    folder_.write(repository + "/snapshots/" + commit + "/config.json", "{}");
  }

  void add_ref(const std::string& repository, const std::string& ref,
               const std::string& commit) const {
    folder_.write(repository + "/refs/" + ref, commit);
  }

  std::string commit_of(const std::string& name) const {
    const auto found = find_cached_model(folder_.path(), parse_model_name(name));
    return found ? found->commit : "none";
  }

  TestFolder folder_;
};

TEST_F(HubCache, ARevisionIsARefACommitOrTheBeginningOfOne) {
  const std::string one = "1111111111111111111111111111111111111111";
  const std::string two = "1111111222222222222222222222222222222222";
  add("models--org--name", one);
  add("models--org--name", two);
  add_ref("models--org--name", "main", one);
  add_ref("models--org--name", "refs/pr/1", two);
  add_ref("models--org--name", "gone", std::string(40, '9'));
  EXPECT_EQ(commit_of("org/name"), one);
  EXPECT_EQ(commit_of("org/name@main"), one);
  EXPECT_EQ(commit_of("org/name@refs/pr/1"), two);
  EXPECT_EQ(commit_of("org/name@" + two), two);
  EXPECT_EQ(commit_of("org/name@11111112"), two);
  EXPECT_EQ(commit_of("org/name@1111111"), "none");  // either
  EXPECT_EQ(commit_of("org/name@111111"), "none");   // too short
  EXPECT_EQ(commit_of("org/name@gone"), "none");
  EXPECT_EQ(commit_of("org/name@v1"), "none");
  EXPECT_EQ(commit_of("org/other"), "none");
}

TEST_F(HubCache, WithoutMainTheLastSnapshotIsMeant) {
  add("models--name", "a");
  add("models--name", "b");
  EXPECT_EQ(commit_of("name"), "b");
  const auto models = cached_models(folder_.path());
  ASSERT_EQ(models.size(), 2U);
  EXPECT_TRUE(models[0].is_default);
  EXPECT_FALSE(models[1].is_default);
}

TEST_F(HubCache, OnlyFoldersOfModelsCount) {
  folder_.write("datasets--a--b/snapshots/c/config.json", "{}");
  folder_.write("models--a--b/snapshots/c/README.md", "");
  folder_.write("models--a--c/blobs/x", "");
  folder_.write("version.txt", "1");
  EXPECT_TRUE(cached_models(folder_.path()).empty());
  EXPECT_TRUE(cached_models(folder_.path("nothing")).empty());
  EXPECT_TRUE(cached_models("").empty());
}

TEST_F(HubCache, ARefThatIsAPathNamesNothing) {
  add("models--a--b", "c");
  folder_.write("elsewhere/config.json", "{}");
  for (const char* lie : {"../../../elsewhere", "/etc", "..", "", "c/../c"}) {
    add_ref("models--a--b", "main", lie);
    EXPECT_EQ(commit_of("a/b"), "c") << lie;
    EXPECT_EQ(commit_of("a/b@main"), "none") << lie;
  }
}

TEST_F(HubCache, ModelsAreFoundByNameWithARevision) {
  add("models--org--name", "1111111");
  add("models--org--name", "2222222");
  add_ref("models--org--name", "main", "1111111");
  add_ref("models--org--name", "v2", "2222222");
  const ScopedEnvironment cache("HF_HUB_CACHE", folder_.path());
  const ScopedEnvironment own("XDG_CACHE_HOME", folder_.path("none"));
  const ScopedEnvironment others("FIRTH_MODELS", std::nullopt);
  const auto commit = [](const char* name) {
    const auto found = find_model(name);
    return found ? found->path.substr(found->path.rfind('/') + 1) : "none";
  };
  EXPECT_EQ(commit("org/name"), "1111111");
  EXPECT_EQ(commit("name"), "1111111");
  EXPECT_EQ(commit("name@v2"), "2222222");
  EXPECT_EQ(commit("org/name@2222222"), "2222222");
  EXPECT_EQ(commit("name@main"), "1111111");
  EXPECT_EQ(commit("v2"), "none");
  EXPECT_EQ(commit("../name"), "none");
}

}  // namespace
}  // namespace firth
