#include "firth/hub/model_name.h"

#include <gtest/gtest.h>

#include "firth/hub/address.h"
#include "firth/io/test_folder.h"

namespace firth {
namespace {

TEST(ModelName, NamesAndRevisions) {
  struct Case {
    const char* text;
    const char* repository;
    const char* revision;
  };

  for (const Case& each : {Case{"org/name", "org/name", ""},
                           {"bert-base", "bert-base", ""},
                           {"org/name@v1.0", "org/name", "v1.0"},
                           {"a/b.c_d-e@refs/pr/12", "a/b.c_d-e", "refs/pr/12"},
                           {"a@0123456789abcdef", "a", "0123456789abcdef"}}) {
    const auto name = try_parse_model_name(each.text);
    ASSERT_TRUE(name) << each.text;
    EXPECT_EQ(name->repository, each.repository);
    EXPECT_EQ(name->revision, each.revision);
    EXPECT_EQ(name->text(), each.text);
  }
}

TEST(ModelName, WhatCouldLeadElsewhereIsNoName) {
  const std::string with_nul("a/b\0c", 5);
  for (const std::string& text : {std::string(""),
                                  std::string("/"),
                                  std::string("a/"),
                                  std::string("/a"),
                                  std::string("a/b/c"),
                                  std::string("../a"),
                                  std::string("a/.."),
                                  std::string("."),
                                  std::string("a--b"),
                                  std::string("a/b@"),
                                  std::string("a@../b"),
                                  std::string("a@b//c"),
                                  std::string("a@/b"),
                                  std::string("a@b/"),
                                  std::string("a@.git"),
                                  std::string("a@b/.c"),
                                  std::string("a b"),
                                  std::string("a\\b"),
                                  std::string("a/b.git"),
                                  std::string("-a"),
                                  std::string("a."),
                                  std::string("ä/b"),
                                  std::string("a@ä"),
                                  std::string(97, 'a'),
                                  "a@" + std::string(200, 'b'),
                                  with_nul}) {
    EXPECT_FALSE(try_parse_model_name(text)) << text;
  }
  EXPECT_NE(error_of([] { parse_model_name("a b"); }).find("found 'a b'"), std::string::npos);
}

TEST(ModelName, HarmlessPaths) {
  for (const char* path : {"a", "a/b.json", "1_Pooling/config.json", "..a", "a..", "ä/ö", "a b"}) {
    EXPECT_TRUE(is_harmless_path(path)) << path;
  }
  for (const char* path : {"", ".", "..", "/a", "a/", "a//b", "a/./b", "a/../b", "../a", "a/..",
                           "a\\b", "a\nb", "a\x7f"}) {
    EXPECT_FALSE(is_harmless_path(path)) << path;
  }
  EXPECT_FALSE(is_harmless_path(std::string_view("a\0b", 3)));
  EXPECT_FALSE(is_harmless_path(std::string(256, 'a')));
}

TEST(Address, OriginsAreComparedAsTheyAreConnectedTo) {
  EXPECT_EQ(origin_of("https://Hub.Example/x"), "https://hub.example:443");
  EXPECT_EQ(origin_of("https://hub.example:443"), origin_of("https://hub.example"));
  EXPECT_EQ(origin_of("https://user:word@hub.example/"), origin_of("https://hub.example"));
  EXPECT_NE(origin_of("https://hub.example@evil.example/"), origin_of("https://hub.example"));
  EXPECT_NE(origin_of("http://hub.example"), origin_of("https://hub.example"));
  EXPECT_NE(origin_of("https://hub.example:444"), origin_of("https://hub.example"));
  EXPECT_NE(origin_of("https://hub.example.evil.example"), origin_of("https://hub.example"));
  for (const char* bad : {"", "file:///etc/passwd", "ftp://a/b", "http://", "x", "http://a b/"}) {
    EXPECT_NE(error_of([&] { origin_of(bad); }), "no error") << bad;
  }
}

TEST(Address, RedirectsAreResolvedLikeLinks) {
  EXPECT_EQ(resolved_address("https://a/b/c?d", "e"), "https://a/b/e");
  EXPECT_EQ(resolved_address("https://a/b/c", "/e?f=1"), "https://a/e?f=1");
  EXPECT_EQ(resolved_address("https://a/b", "//c/d"), "https://c/d");
  EXPECT_EQ(resolved_address("https://a/b", "http://c/d"), "http://c/d");
  EXPECT_NE(error_of([] { resolved_address("https://a/b", "file:///c"); }), "no error");
}

TEST(Address, PercentEncoding) {
  EXPECT_EQ(percent_encoded("refs/pr/1"), "refs%2Fpr%2F1");
  EXPECT_EQ(percent_encoded("a b/ä#?%", "/"), "a%20b/%C3%A4%23%3F%25");
}

}  // namespace
}  // namespace firth
