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
  const std::vector<Record> records = fetch_records(paths, {}, wanted, 5);
  std::vector<std::string> texts;
  for (const Record& record : records) texts.push_back(record.text);
  EXPECT_EQ(texts, (std::vector<std::string>{"four", "zero", "two", "zero", "three"}));
  EXPECT_EQ(records[0].file, paths[1]);
  EXPECT_EQ(records[0].line, 2);
  EXPECT_TRUE(fetch_records(paths, {}, {}, 5).empty());
}

TEST(FetchRecords, RefusesAnotherNumberOfRecords) {
  const TestFolder folder;
  const std::string path = folder.write("a.txt", "zero\none\ntwo\n");
  const std::vector<std::uint64_t> wanted = {1, 3};
  for (const std::uint64_t num_records : {2, 4}) {
    EXPECT_EQ(message_of([&] { fetch_records({path}, {}, wanted, num_records); }),
              path + ": expected " + std::to_string(num_records) +
                  " records, one for each vector, found 3: did it change since they were made?");
  }
}

}  // namespace
}  // namespace firth
