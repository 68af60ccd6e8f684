// BM25 against bm25s 0.3.16 and rank-bm25 0.2.2 (tests/fixtures/counts/bm25.json, made by
// tests/peers/make_bm25_fixture.py).
#include "firth/counts/bm25.h"

#include <gtest/gtest.h>

#include <limits>

#include "firth/core/error.h"
#include "firth/counts/count_vectorizer.h"
#include "firth/io/json.h"

namespace firth {
namespace {

std::vector<std::int32_t> columns_of(const CountVectorizer& words, std::string_view query) {
  std::vector<std::int32_t> columns;
  while (!query.empty()) {
    const std::size_t end = std::min(query.find(' '), query.size());
    if (const auto column = words.find(query.substr(0, end))) columns.push_back(*column);
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  return columns;
}

TEST(Bm25, EightFormulasGiveTheReferencesScores) {
  const JsonDocument document =
      JsonDocument::read(FIRTH_SOURCE_DIR "/tests/fixtures/counts/bm25.json");
  const Json root = document.root();
  std::vector<std::string_view> texts;
  for (const Json& text : root.at("texts").elements()) texts.push_back(text.as_string());
  ThreadPool pool(1);
  TermCounter counter({.counts = {.terms = {.token_pattern = std::string(kOneLetterWords)}},
                       .keep_documents = true},
                      pool);
  counter.add(texts);
  const CountVectorizer words = counter.finish();
  const auto counts = counter.take_matrix<double>();
  for (const Json& given : root.at("cases").elements()) {
    SCOPED_TRACE(std::string(given.at("method").as_string()));
    const Bm25Weights weights =
        bm25_weights(counts.view(), {.method = parse_bm25_method(given.at("method").as_string()),
                                     .k1 = given.at("k1").as_double(),
                                     .b = given.at("b").as_double(),
                                     .delta = given.at("delta").as_double()});
    const auto queries = root.at("queries").elements();
    for (std::size_t q = 0; q < queries.size(); ++q) {
      const auto scores = bm25_scores(weights, columns_of(words, queries[q].as_string()));
      const Json expected = given.at("scores").at(q);
      for (std::size_t i = 0; i < texts.size(); ++i)
        EXPECT_NEAR(scores[i], expected.at(i).as_double(), 2e-6) << "query " << q;
    }
  }
}

TEST(Bm25, OptionsOutOfRangeAreRefused) {
  const SparseMatrix<double> none;
  EXPECT_THROW(bm25_weights(none.view(), {.b = 1.5}), Error);
  EXPECT_THROW(bm25_weights(none.view(), {.k1 = std::numeric_limits<double>::quiet_NaN()}), Error);
}

}  // namespace
}  // namespace firth
