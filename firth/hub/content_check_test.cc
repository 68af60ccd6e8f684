#include "firth/hub/content_check.h"

#include <gtest/gtest.h>

#include "firth/io/test_folder.h"

namespace firth {
namespace {

TEST(ContentCheck, KnowsTheHashesOfAHub) {
  const TestFolder folder;
  const std::string path = folder.write("f", "hello\n");
  const auto check = [&](const std::string& etag) { return check_content(path, etag, [] {}); };
  // sha256sum, git hash-object and sha1sum of the same file.
  EXPECT_EQ(check("5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"),
            ContentCheck::kMatches);
  EXPECT_EQ(check("ce013625030ba8dba906f756967f9e9ca394464a"), ContentCheck::kMatches);
  EXPECT_EQ(check("f572d396fae9206628714fb2ce00f72e94f2258f"), ContentCheck::kMatches);
  EXPECT_EQ(check(std::string(64, '0')), ContentCheck::kDiffers);
  EXPECT_EQ(check(std::string(40, '0')), ContentCheck::kDiffers);
  EXPECT_EQ(check("b1946ac92492d2347c6235b4d2611184"), ContentCheck::kCannotTell);
}

TEST(ContentCheck, EmptyFile) {
  const TestFolder folder;
  const std::string path = folder.write("f", "");
  EXPECT_EQ(check_content(path, "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391", [] {}),
            ContentCheck::kMatches);
}

}  // namespace
}  // namespace firth
