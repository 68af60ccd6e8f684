// Texts and their bytes.
#include "firth/io/base64.h"

#include <gtest/gtest.h>

namespace firth {
namespace {

TEST(Base64, DecodesWithAndWithoutPadding) {
  struct Case {
    std::string_view text;
    std::optional<std::string> bytes;
  };

  const Case cases[] = {
      {"", ""},         {"Zg==", "f"},
      {"Zg", "f"},      {"Zm8=", "fo"},
      {"Zm9v", "foo"},  {"+/+/", "\xFB\xFF\xBF"},
      {"A", {}},        {"Zm9vA", {}},
      {"Zm9*", {}},     {"Zm 9v", {}},
      {"====", {}},     {"\xE6\x97\xA5+", {}},
      {"Zg==Zg==", {}}, {"AAAA", std::string(3, '\0')},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(decode_base64(c.text), c.bytes) << c.text;
  }
}

}  // namespace
}  // namespace firth
