#include "firth/eval/sts.h"

#include <gtest/gtest.h>

#include <string>

#include "firth/core/error.h"
#include "firth/eval/test_embedder.h"
#include "firth/io/test_folder.h"

namespace firth {
namespace {

void expect_two_pairs(const std::vector<StsPair>& pairs) {
  ASSERT_EQ(pairs.size(), 2);
  EXPECT_EQ(pairs[0].first, "A man, old, sings.");
  EXPECT_EQ(pairs[0].second, "He said \"no\".");
  EXPECT_EQ(pairs[0].score, 2.5);
  EXPECT_EQ(pairs[1].first, "b");
  EXPECT_EQ(pairs[1].second, "狗");
  EXPECT_EQ(pairs[1].score, 5);
}

TEST(Sts, ReadsEveryForm) {
  const TestFolder folder;
  expect_two_pairs(read_sts(
      folder.write("plain.csv", "\"A man, old, sings.\",\"He said \"\"no\"\".\",2.5\nb,狗,5.0\n")));
  expect_two_pairs(read_sts(folder.write(
      "header.csv",
      "id,score,sentence1,sentence2\n7,2.5,\"A man, old, sings.\",\"He said \"\"no\"\".\"\n"
      "8,5,b,狗\n")));
  expect_two_pairs(read_sts(
      folder.write("named.tsv", "x\ty\tgold\nA man, old, sings.\tHe said \"no\".\t2.5\nb\t狗\t5\n"),
      {.first = "x", .second = "y", .score = "gold"}));
  expect_two_pairs(read_sts(folder.write(
      "a.jsonl", R"({"sentence1":"A man, old, sings.","sentence2":"He said \"no\".","score":2.5})"
                 "\n\n"
                 R"({"sentence2":"狗","sentence1":"b","score":5,"genre":"x"})")));
}

TEST(Sts, ErrorsNameTheLine) {
  const TestFolder folder;
  const auto message = [](const std::string& path) -> std::string {
    try {
      (void)read_sts(path);
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  };
  std::string path = folder.write("a.csv", "a,b,1\nc,d,much\n");
  EXPECT_EQ(message(path), path + ":2: expected a score, found 'much'");
  path = folder.write("b.csv", "a,b,1\nc,d\n");
  EXPECT_EQ(message(path), path + ":2: expected 3 columns, found 2");
  path = folder.write("c.csv", "a,b,nan\n");
  EXPECT_EQ(message(path), path + ":1: expected a score, found 'nan'");
  path = folder.write("d.csv", "");
  EXPECT_EQ(message(path), path + ": expected sentence pairs, found none");
  path = folder.write("e.txt", "a b 1");
  EXPECT_EQ(
      message(path),
      path + ": expected a .csv, .tsv or .jsonl file of sentence pairs, found another ending");
}

// scipy.stats (1.17.1) of the similarities below.
TEST(Sts, CorrelatesEverySimilarity) {
  LookupEmbedder embedder(2);
  embedder.add("a", {1, 0});
  embedder.add("b", {2, 0});
  embedder.add("c", {1, 1});
  embedder.add("d", {-1, 3});
  const std::vector<StsPair> pairs = {{"a", "b", 5}, {"a", "c", 3}, {"b", "d", 0}, {"c", "d", 4}};
  ThreadPool pool(1);
  Workspace workspace(pool);
  const StsResult result = evaluate_sts(embedder, pairs, {}, workspace);
  EXPECT_EQ(result.num_pairs, 4);
  EXPECT_EQ(result.report.num_items, 8);
  // cosine 1, .7071, -.3162, .4472; dot 2, 1, -2, 2; euclidean 1, 1, 4.2426, 2.8284; manhattan 1,
  // 1, 6, 4
  EXPECT_NEAR(result.cosine().spearman.value(), 0.8, 1e-15);
  EXPECT_NEAR(result.cosine().pearson.value(), 0.9285565118827459, 1e-7);
  EXPECT_NEAR(result.correlations[1].spearman.value(), 0.9486832980505139, 1e-12);
  EXPECT_NEAR(result.correlations[2].spearman.value(), 0.632455532033676, 1e-12);
  EXPECT_NEAR(result.correlations[2].pearson.value(), 0.774590399962585, 1e-7);
  EXPECT_NEAR(result.correlations[3].pearson.value(), 0.7559289460184545, 1e-12);
}

}  // namespace
}  // namespace firth
