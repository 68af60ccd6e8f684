// Counts, TF-IDF and hashes against what scikit-learn 1.9.1 gave for the same texts and options
// (tests/fixtures/counts/scikit_learn.json, made by tests/peers/make_counts_fixture.py).
#include <gtest/gtest.h>

#include <optional>

#include "firth/core/error.h"
#include "firth/counts/hashing_vectorizer.h"
#include "firth/counts/tfidf.h"
#include "firth/io/json.h"

namespace firth {
namespace {

const Json& fixture() {
  static const JsonDocument document =
      JsonDocument::read(FIRTH_SOURCE_DIR "/tests/fixtures/counts/scikit_learn.json");
  static const Json root = document.root();
  return root;
}

std::vector<std::string> strings(const Json& list) {
  std::vector<std::string> out;
  for (const Json& item : list.elements()) out.emplace_back(item.as_string());
  return out;
}

std::vector<std::string_view> views(const std::vector<std::string>& texts) {
  return {texts.begin(), texts.end()};
}

DocumentLimit limit_of(const Json& number) {
  return {.value = number.as_double(), .is_share = number.kind() == JsonKind::kFloat};
}

bool flag(const Json& options, std::string_view name, bool otherwise) {
  const auto found = options.find(name);
  return found ? found->as_bool() : otherwise;
}

TermOptions terms_of(const Json& options) {
  TermOptions terms;
  if (const auto name = options.find("analyzer"))
    terms.analyzer = parse_analyzer(name->as_string());
  if (const auto range = options.find("ngram_range")) {
    terms.min_n = range->at(0).as_uint();
    terms.max_n = range->at(1).as_uint();
  }
  if (const auto name = options.find("strip_accents"))
    terms.strip_accents = parse_strip_accents(name->as_string());
  if (const auto pattern = options.find("token_pattern"))
    terms.token_pattern = pattern->as_string();
  if (const auto words = options.find("stop_words")) terms.stop_words = strings(*words);
  terms.lowercase = flag(options, "lowercase", true);
  return terms;
}

CountOptions counts_of(const Json& options) {
  CountOptions counts{.terms = terms_of(options), .binary = flag(options, "binary", false)};
  if (const auto limit = options.find("min_df")) counts.min_df = limit_of(*limit);
  if (const auto limit = options.find("max_df")) counts.max_df = limit_of(*limit);
  return counts;
}

RowNorm norm_of(const Json& options) {
  const auto norm = options.find("norm");
  if (!norm) return RowNorm::kL2;
  return norm->is_null() ? RowNorm::kNone : parse_row_norm(norm->as_string());
}

TfidfOptions weights_of(const Json& options) {
  return {.norm = norm_of(options),
          .use_idf = flag(options, "use_idf", true),
          .smooth_idf = flag(options, "smooth_idf", true),
          .sublinear_tf = flag(options, "sublinear_tf", false)};
}

void expect_rows(const SparseMatrix<double>& found, const Json& expected) {
  check_csr(found.view());
  ASSERT_EQ(found.rows(), expected.size());
  for (std::size_t i = 0; i < found.rows(); ++i) {
    const auto row = expected.at(i).elements();
    const auto columns = found.row_indices(i);
    ASSERT_EQ(columns.size(), row.size()) << "row " << i;
    for (std::size_t j = 0; j < row.size(); ++j) {
      EXPECT_EQ(columns[j], row[j].at(std::size_t{0}).as_int()) << "row " << i;
      EXPECT_NEAR(found.row_values(i)[j], row[j].at(1).as_double(), 1e-12) << "row " << i;
    }
  }
}

void check_learned(const Json& given, std::size_t num_threads) {
  const Json options = given.at("options");
  const auto texts = strings(fixture().at("texts")), queries = strings(fixture().at("queries"));
  ThreadPool pool(num_threads);
  TermCounter::Options wanted{.counts = counts_of(options), .keep_documents = true};
  if (const auto terms = options.find("vocabulary")) wanted.vocabulary = strings(*terms);
  TermCounter counter(wanted, pool);
  const auto all = views(texts);  // in two blocks, as a stream comes
  counter.add(std::span(all).first(4));
  counter.add(std::span(all).subspan(4));
  const CountVectorizer vectorizer = counter.finish();
  EXPECT_EQ(vectorizer.terms(), strings(given.at("terms")));
  auto rows = counter.take_matrix<double>();
  auto again = vectorizer.transform<double>(views(texts), pool);
  auto query_rows = vectorizer.transform<double>(views(queries), pool);
  if (given.at("kind").as_string() == "tfidf") {
    const auto& statistics = counter.statistics();
    const auto transformer = TfidfTransformer::fit(weights_of(options), statistics.num_documents,
                                                   statistics.document_frequencies);
    for (auto* matrix : {&rows, &again, &query_rows}) transformer.apply(*matrix, pool);
    if (const auto idf = given.find("idf")) {
      ASSERT_EQ(transformer.idf().size(), idf->size());
      for (std::size_t i = 0; i < idf->size(); ++i)
        EXPECT_NEAR(transformer.idf()[i], idf->at(i).as_double(), 1e-12);
    }
  }
  expect_rows(rows, given.at("rows"));
  expect_rows(again, given.at("rows"));
  expect_rows(query_rows, given.at("query_rows"));
}

void check_hashing(const Json& given) {
  const Json options = given.at("options");
  const auto texts = strings(fixture().at("texts"));
  ThreadPool pool(2);
  const HashingVectorizer vectorizer({.terms = terms_of(options),
                                      .n_features = options.at("n_features").as_uint(),
                                      .alternate_sign = flag(options, "alternate_sign", true),
                                      .binary = flag(options, "binary", false),
                                      .norm = norm_of(options)});
  expect_rows(vectorizer.transform<double>(views(texts), pool), given.at("rows"));
}

TEST(ScikitLearn, SameOptionsGiveTheSameColumnsAndNumbers) {
  for (const Json& given : fixture().at("cases").elements()) {
    SCOPED_TRACE(std::string(given.at("kind").as_string()) + " " + given.at("options").text());
    if (given.at("kind").as_string() == "hashing") {
      check_hashing(given);
    } else {
      for (const std::size_t threads : {1, 3}) check_learned(given, threads);
    }
  }
}

TEST(CountVectorizer, NothingToLearnFromIsAnErrorThatSaysWhy) {
  ThreadPool pool(1);
  const std::string_view texts[] = {"", "the a"};
  TermCounter counter({.counts = {.terms = {.stop_words = {"the"}}}}, pool);
  counter.add(texts);
  EXPECT_THROW(counter.finish(), Error);
  TermCounter pruned({.counts = {.min_df = {.value = 3}}}, pool);
  pruned.add(texts);
  EXPECT_THROW(pruned.finish(), Error);
}

TEST(CountVectorizer, OfEquallyFrequentTermsTheFirstOfTheAlphabetStay) {
  ThreadPool pool(2);
  const std::string_view texts[] = {"dd cc bb", "aa ee dd"};
  TermCounter counter({.counts = {.max_features = 3}}, pool);
  counter.add(texts);
  EXPECT_EQ(counter.finish().terms(), (std::vector<std::string>{"aa", "bb", "dd"}));
}

}  // namespace
}  // namespace firth
