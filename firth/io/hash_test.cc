#include "firth/io/hash.h"

#include <gtest/gtest.h>

#include "firth/io/test_folder.h"

namespace firth {
namespace {

// xxhsum -H2 of the same bytes.
TEST(Hash, IsXxh3With128Bits) {
  EXPECT_EQ(Hash().hex(), "99aa06d3014798d86001c324468d497f");
  const TestFolder folder;
  const std::string text(3'000'000, 'x');
  Hash hash;
  hash.add(std::string_view(text).substr(0, 7));
  hash.add(std::string_view(text).substr(7));
  EXPECT_EQ(hash_file(folder.write("x", text)), hash.hex());
}

TEST(Hash, FieldsDoNotRunTogether) {
  Hash a;
  a.add_field("ab");
  a.add_field("c");
  Hash b;
  b.add_field("a");
  b.add_field("bc");
  EXPECT_NE(a.hex(), b.hex());
}

}  // namespace
}  // namespace firth
