#include "firth/eval/retrieval.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "firth/core/error.h"
#include "firth/eval/test_embedder.h"
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

void write_beir(const TestFolder& folder) {
  folder.write("corpus.jsonl", R"({"_id":"d1","title":"One","text":"apple"})"
                               "\n"
                               R"({"_id":"d2","title":"","text":"bear"})"
                               "\n"
                               R"({"_id":"d3","text":"cat","metadata":{}})"
                               "\n\n"
                               R"({"_id":"q1","title":null,"text":"dog"})"
                               "\n");
  folder.write("queries.jsonl", R"({"_id":"q0","text":"nobody judged this"})"
                                "\n"
                                R"({"_id":"q1","text":"fruit"})"
                                "\n"
                                R"({"_id":"q2","text":"pet"})"
                                "\n");
  folder.write("qrels/test.tsv",
               "query-id\tcorpus-id\tscore\nq2\td3\t2\nq2\tq1\t1\nq1\td1\t1\nq1\tgone\t1\n");
}

TEST(RetrievalData, ReadsBeirFolders) {
  const TestFolder folder;
  write_beir(folder);
  const RetrievalData data = read_retrieval(folder.path());
  EXPECT_EQ(data.documents, (std::vector<std::string>{"One apple", "bear", "cat", "dog"}));
  EXPECT_EQ(data.document_ids, (std::vector<std::string>{"d1", "d2", "d3", "q1"}));
  EXPECT_EQ(data.query_ids, (std::vector<std::string>{"q1", "q2"}));
  EXPECT_EQ(data.queries, (std::vector<std::string>{"fruit", "pet"}));
  ASSERT_EQ(data.judgements.size(), 2);
  ASSERT_EQ(data.judgements[0].size(), 2);
  EXPECT_EQ(data.judgements[0][0].document, 0);
  EXPECT_EQ(data.judgements[0][1].document, Judgement::kNoDocument);
  ASSERT_EQ(data.judgements[1].size(), 2);
  EXPECT_EQ(data.judgements[1][0].document, 2);
  EXPECT_EQ(data.judgements[1][0].grade, 2);
}

// cran.qry's numbers have gaps: cranqrel's count the queries instead. Grade -1 is not relevant,
// 1 to 4 are.
TEST(RetrievalData, ReadsCranfieldAsItsJudgesMeantIt) {
  const TestFolder folder;
  folder.write("cran.all.1400",
               ".I 1\n.T\nwing in a\nslipstream .\n.A\nbrenckman,m.\n.B\nj. ae. scs.\n.W\n"
               "wing in a slipstream .\n  an experimental study\n.I 2\n.T\n.A\n.B\n.W\n");
  folder.write("cran.qry", ".I 001\n.W\nwhat similarity\nlaws .\n.I 004\n.W\nwhat problems .\n");
  folder.write("cranqrel", "1 1 4 \n2 1 -1\n2 2 1\n");
  const RetrievalData data = read_retrieval(folder.path() + "/");
  EXPECT_EQ(data.documents,
            (std::vector<std::string>{
                "wing in a slipstream . wing in a slipstream . an experimental study", ""}));
  EXPECT_EQ(data.queries, (std::vector<std::string>{"what similarity laws .", "what problems ."}));
  EXPECT_EQ(data.query_ids, (std::vector<std::string>{"1", "2"}));
  ASSERT_EQ(data.judgements[1].size(), 2);
  EXPECT_EQ(data.judgements[0][0].grade, 1);
  EXPECT_EQ(data.judgements[1][0].grade, 0);
  EXPECT_EQ(data.judgements[1][1].document, 1);
  EXPECT_EQ(data.name, folder.path().substr(folder.path().rfind('/') + 1));
}

TEST(RetrievalData, ErrorsSayWhatIsMissing) {
  const TestFolder folder;
  EXPECT_NE(message_of([&] { read_retrieval(folder.path()); }).find("found neither"),
            std::string::npos);
  write_beir(folder);
  EXPECT_EQ(message_of([&] { read_retrieval(folder.path(), "dev"); }),
            folder.path() +
                ": expected qrels/dev.tsv or qrels-dev.tsv (or with .gz, .zst), found "
                "none");
  std::string path = folder.write("qrels/test.tsv", "query-id corpus-id score\nq9 d1 1\n");
  EXPECT_EQ(message_of([&] { read_retrieval(folder.path()); }),
            path + ":2: judges query 'q9', which is not among the 3 queries");
  path = folder.write("qrels/test.tsv", "query-id corpus-id score\nq1 d1 high\n");
  EXPECT_EQ(message_of([&] { read_retrieval(folder.path()); }),
            path + ":2: expected a grade, found 'high'");
  path = folder.write("corpus.jsonl", R"({"_id":"d","text":"a"}
{"_id":"d","text":"b"}
)");
  EXPECT_EQ(message_of([&] { read_retrieval(folder.path()); }),
            path + ":2: expected every id once, found 'd' again");
}

TEST(Retrieval, GradesTheRanking) {
  const TestFolder folder;
  write_beir(folder);
  LookupEmbedder embedder(2);
  embedder.add("One apple", {1, 0});
  embedder.add("bear", {1, 1});
  embedder.add("cat", {0, 1});
  embedder.add("dog", {0.1F, 1});
  embedder.add("fruit", {1, 0.1F});  // d1, d2, q1, d3
  embedder.add("pet", {0.2F, 1});    // q1, d3, d2, d1
  ThreadPool pool(2);
  Workspace workspace(pool);
  const RetrievalData data = read_retrieval(folder.path());
  RetrievalOptions options{.cutoffs = {1, 10}};
  const RetrievalResult result = evaluate_retrieval(embedder, data, options, workspace);
  EXPECT_EQ(result.num_documents, 4);
  EXPECT_EQ(result.num_queries, 2);
  EXPECT_EQ(result.document_report.num_items, 4);
  const double log2_3 = std::log2(3.0);
  EXPECT_DOUBLE_EQ(result.at[0].ndcg, (1 + 1.0 / 2) / 2);
  EXPECT_DOUBLE_EQ(result.at[1].ndcg,
                   (1 / (1 + 1 / log2_3) + (1 + 2 / log2_3) / (2 + 1 / log2_3)) / 2);
  EXPECT_DOUBLE_EQ(result.at[0].recall, (0.5 + 0.5) / 2);
  EXPECT_DOUBLE_EQ(result.at[1].recall, (0.5 + 1) / 2);
  EXPECT_DOUBLE_EQ(result.at[1].mrr, 1);
  EXPECT_DOUBLE_EQ(result.mean_average_precision, (0.5 + 1) / 2);

  // Document q1 has the id of query q1: without it nothing changes for that query's first ranks.
  options.skip_same_id = true;
  options.depth = 2;
  EXPECT_DOUBLE_EQ(evaluate_retrieval(embedder, data, options, workspace).at[1].mrr, 1);
}

TEST(Retrieval, UsesTheModelsPrompts) {
  const TestFolder folder;
  write_beir(folder);
  LookupEmbedder embedder(1);
  embedder.description().prompts = {{"query", "q: "}, {"passage", "p: "}};
  for (const char* text : {"p: One apple", "p: bear", "p: cat", "p: dog", "q: fruit", "q: pet"}) {
    embedder.add(text, {1});
  }
  ThreadPool pool(1);
  Workspace workspace(pool);
  const RetrievalData data = read_retrieval(folder.path());
  EXPECT_EQ(evaluate_retrieval(embedder, data, {}, workspace).num_queries, 2);
  EXPECT_THROW(evaluate_retrieval(embedder, data, {.query_prompt = ""}, workspace), Error);
}

}  // namespace
}  // namespace firth
