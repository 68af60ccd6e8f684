#include "firth/search/fetch_records.h"

#include <gtest/gtest.h>

#include "firth/core/error.h"
#include "firth/io/test_folder.h"

namespace firth {
namespace {

std::string message_of(const auto& f) {
  try {
    f();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(FetchRecords, GivesTextsInTheOrderAsked) {
  const TestFolder folder;
  const std::vector<std::string> paths = {folder.write("a.txt", "zero\none\ntwo\n"),
                                          folder.write("b.txt", "three\nfour\n")};
  const std::vector<std::uint64_t> wanted = {4, 0, 2, 0, 3};
  const std::vector<Record> records = fetch_records(paths, {}, wanted);
  std::vector<std::string> texts;
  for (const Record& record : records) texts.push_back(record.text);
  EXPECT_EQ(texts, (std::vector<std::string>{"four", "zero", "two", "zero", "three"}));
  EXPECT_EQ(records[0].file, paths[1]);
  EXPECT_EQ(records[0].line, 2);
  const std::vector<std::uint64_t> beyond = {1, 9};
  EXPECT_NE(message_of([&] {
              fetch_records(paths, {}, beyond);
            }).find("expected at least 10 records, found 5"),
            std::string::npos);
  EXPECT_TRUE(fetch_records(paths, {}, {}).empty());
}

TEST(FetchRecords, RefusesVectorsOfOtherTexts) {
  const TestFolder folder;
  const std::string path = folder.write("a.txt", "zero\none\ntwo\n");
  check_same_count("a.npy", 3, {path}, {});
  EXPECT_EQ(message_of([&] { check_same_count("a.npy", 4, {path}, {}); }),
            "a.npy: 4 rows, but " + path + " has 3 records");
}

TEST(FetchRecords, RefusesAnotherSpace) {
  check_same_space({"a.npy", "1f", 3}, {"model", "1f", 3});
  check_same_space({"a.npy", "", 3}, {"model", "1f", 3});
  EXPECT_EQ(message_of([] {
              check_same_space({"a.npy", "", 3}, {"model", "1f", 4});
            }),
            "a.npy: vectors of 3 components, but model makes vectors of 4");
  const std::string message = message_of([] {
    check_same_space({"a.npy", "1f", 3}, {"model", "2e", 3});
  });
  EXPECT_NE(message.find("a.npy: its vectors are of space 1f, but those of model are of space 2e"),
            std::string::npos);
}

}  // namespace
}  // namespace firth
