// Tables of words as other programs write them.
#include "firth/words/word_vectors.h"

#include <gtest/gtest.h>

#include <cstring>

#include "firth/core/error.h"
#include "firth/io/test_folder.h"
#include "firth/io/vector_file.h"

namespace firth {
namespace {

std::string floats(std::initializer_list<float> numbers) {
  std::string bytes(numbers.size() * sizeof(float), '\0');
  std::memcpy(bytes.data(), numbers.begin(), bytes.size());
  return bytes;
}

TEST(WordVectors, TheFirstBytesTellTheForm) {
  struct Case {
    const char* name;
    std::string content;
    std::string kind;
  };

  const Case cases[] = {
      {"word2vec.c", "2 2\nthe " + floats({1, 2}) + "\ncat " + floats({3, 4}) + "\n", "word2vec"},
      {"gensim", "2 2\nthe " + floats({1, 2}) + "cat " + floats({3, 4}), "word2vec"},
      {"text", "2 2\nthe 1 2 \ncat 3 4 \n", "word2vec text"},
      {"glove", "the 1 2\ncat 3 4\n", "word2vec text"},
      {"windows", "2 2\r\nthe 1 2\r\ncat 3 4\r\n", "word2vec text"},
  };
  for (const Case& c : cases) {
    const TestFolder folder;
    const auto vectors = open_word_vectors(folder.write("words.any", c.content));
    EXPECT_EQ(vectors->kind(), c.kind) << c.name;
    ASSERT_EQ(vectors->words().size(), 2) << c.name;
    std::vector<float> row(2);
    EXPECT_TRUE(vectors->vector_of("cat", row));
    EXPECT_EQ(row, (std::vector<float>{3, 4})) << c.name;
    EXPECT_EQ(vectors->text_vector("the cat dog", row), 1);
    EXPECT_EQ(row, (std::vector<float>{2, 3})) << c.name;
    EXPECT_FALSE(vectors->vector_of("dog", row));
  }
}

TEST(WordVectors, WordsMayHoldSpacesAndOccurTwice) {
  const TestFolder folder;
  const auto vectors =
      open_word_vectors(folder.write("x.txt", ". . . 1 2\nnew york 3 4\nthe 5 6\nthe 7 8\n"));
  ASSERT_EQ(vectors->words().size(), 4);
  EXPECT_EQ(vectors->words()[0], ". . .");
  std::vector<float> row(2);
  EXPECT_TRUE(vectors->vector_of("new york", row));
  EXPECT_EQ(row, (std::vector<float>{3, 4}));
  EXPECT_TRUE(vectors->vector_of("the", row));
  EXPECT_EQ(row, (std::vector<float>{5, 6}));
}

TEST(WordVectors, ABadRowIsNamedWhenItIsAsked) {
  const TestFolder folder;
  const std::string path = folder.write("x.vec", "2 2\nthe 1 nan\ncat 3 4 5\n");
  const auto vectors = open_word_vectors(path);
  std::vector<float> row(2);
  EXPECT_NE(error_of([&] { vectors->copy_row(0, row); }).find(":2: expected finite"),
            std::string::npos);
  EXPECT_NE(error_of([&] { vectors->copy_row(1, row); }).find(":3: expected 2 numbers, found 3"),
            std::string::npos);
}

TEST(WordVectors, WhatIsWrittenInBinaryFormIsReadAgain) {
  const TestFolder folder;
  const std::string path = folder.path("x.bin");
  const std::vector<std::string> words = {"the", "中文"};
  std::vector<float> values = {1, 2, 3, 4, 5, 6};
  VectorWriter writer(path, {.info = {.dimension = 3}, .has_ids = true});
  writer.write({values.data(), {2, 3}}, words);
  writer.commit();
  const auto vectors = open_word_vectors(path);
  ThreadPool pool(2);
  const Tensor rows = vectors->to_f32(pool);
  EXPECT_TRUE(std::ranges::equal(rows.view<float>().span(), values));
  EXPECT_EQ(vectors->words()[1], "中文");
  EXPECT_EQ(read_vectors(path).ids, words);
}

}  // namespace
}  // namespace firth
