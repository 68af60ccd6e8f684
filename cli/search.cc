// `firth search QUERY PATH…`: the nearest passages to a question. The way of a search:
//
//   files ─ collection.cc: read, cut, embed or take from the cache ─▶ a row a passage ┐
//   --vectors, --texts ─ saved rows ──────────────────────────────────────────────────┤
//   QUERY, --queries ─ the model ─▶ a row a query; --query-vector, --like: rows as given ┴─▶
//   ExactIndex::search ─▶ hits ─ perhaps ranked anew: --rerank ─ hits.cc ─▶ stdout
#include <algorithm>
#include <chrono>
#include <filesystem>

#include "cli/collection.h"
#include "cli/embed_report.h"
#include "cli/hits.h"
#include "cli/output.h"
#include "cli/usage_error.h"
#include "cli/vector_text.h"
#include "cli/verbs.h"
#include "firth/core/error.h"
#include "firth/io/near_names.h"
#include "firth/search/exact_index.h"

namespace firth::cli {
namespace {

using Clock = std::chrono::steady_clock;

struct SearchArgs {
  std::vector<std::string> words;  // the query and the paths
  std::string queries;
  std::string query_vector;
  std::string like;
  std::size_t top = 5;
  std::string similarity = "model";
  std::string form = "auto";
  std::string rerank;
  std::size_t candidates = 50;
  bool json = false;
  CollectionArgs collection;
  ModelArgs model;
  VectorArgs vector{.long_policy = "chunk"};
};

void for_each_field(SearchArgs& args, OptionTable& visit) {
  visit("[QUERY] [PATH…]", &args.words, "",
        "what to look for, then the files and folders to look through (text, .jsonl, .csv, .tsv, "
        ".gz, .zst)");
  visit.group("Search");
  visit("-k,--top", &args.top, "K", "hits of each query");
  visit("--queries", &args.queries, "FILE",
        "several queries: a text a line, or a .jsonl, .csv or .tsv file");
  visit("--query-vector", &args.query_vector, "1,2,…|FILE",
        "the query as a vector, or a file of vectors that are queries");
  visit("--like", &args.like, "ID", "the query is an item of --vectors: its id or its row, from 0");
  visit("--similarity", &args.similarity, "NAME", kSimilarityHelp,
        {"model", "cosine", "dot", "euclidean"});
  visit("--form", &args.form, "NAME",
        "what the first pass over the vectors reads; int8 and binary need less memory traffic and "
        "are rescored in f32",
        {"auto", "f32", "int8", "binary"});
  visit.default_text("auto: int8 for vectors saved as int8, else f32");
  visit("--rerank", &args.rerank, "PATH|NAME",
        "a cross-encoder that ranks the nearest anew; scores are then its scores");
  visit("--candidates", &args.candidates, "N", "how many of the nearest --rerank looks at");
  visit("--passage", &args.collection.passage, "N",
        "longer texts are cut into passages of at most N bytes, at paragraphs and sentences; 0 = "
        "not cut");
  visit("--no-cache", &args.collection.no_cache, "",
        "neither use nor keep vectors of unchanged files");
  visit.group("Saved vectors");
  visit("--vectors", &args.collection.vectors, "FILE",
        "search these instead: .npy, .jsonl, .json (answers of the OpenAI API), .csv, .vec, "
        ".safetensors");
  visit("--texts", &args.collection.texts, "FILE", "what the vectors are of, in their order");
  visit("--vector-ids", &args.collection.ids, "FILE", "ids of the rows of a .npy file, one a line");
  for_each_field(args.collection.input, visit);
  for_each_field(args.model, visit);
  for_each_field(args.vector, visit);
  visit.group("Output");
  visit("--progress", &args.collection.progress, "WHEN", "show progress after two seconds",
        {"auto", "always", "never"});
  visit.default_text("auto: on a terminal");
  visit("--json", &args.json, "", "print a JSON object a line for each query");
}

struct Query {
  std::string name;  // for the output
  std::string text;  // "" if it is given as a vector
};

// What of two spaces is not the same, as far as it is known: "pooling 'mean' as here, found 'cls'".
std::string difference_of(const VectorInfo& here, const VectorInfo& saved) {
  std::string expected;
  std::string found;
  const auto compare = [&](const std::string& name, const std::string& mine,
                           const std::string& theirs) {
    if (mine == theirs) return;
    expected += (expected.empty() ? "" : ", ") + name + " " + quoted(mine);
    found += (found.empty() ? "" : ", ") + quoted(theirs);
  };
  compare("the model", here.model, saved.model);
  if (!saved.precision.empty()) {
    compare("pooling", here.pooling, saved.pooling);
    compare("max length", std::to_string(here.max_length), std::to_string(saved.max_length));
    compare("precision", here.precision, saved.precision);
  }
  if (!expected.empty()) return expected + " as here, found " + found;
  return "the files of the model " + quoted(here.model) + " as they are here, found others" +
         (saved.precision.empty() ? ", or other options (pooling, max length, precision)" : "");
}

bool is_path(const std::string& word) {
  std::error_code error;
  return word == "-" || std::filesystem::exists(word, error);
}

class SearchCommand final : public Command {
 public:
  CommandInfo info() const override {
    return {.name = "search",
            .summary = "Finds the passages of files, or the saved vectors, nearest to a query.",
            .arguments = "QUERY PATH…",
            .examples = {{{"firth search \"how do I reset my password\" docs/",
                           "the nearest passages of a folder of texts"},
                          {"firth search \"slow delivery\" reviews.jsonl --field text --json",
                           "of a field of a data file, for programs"},
                          {"firth search --vectors products.npy --vector-ids ids.txt --like 4711",
                           "items like an item, in vectors made elsewhere"}}},
            .notes =
                "Vectors of files that did not change are kept in $XDG_CACHE_HOME/firth (else "
                "~/.cache/firth), so that the second search answers at once."};
  }

  void for_each_option(OptionTable& visit) override { for_each_field(args_, visit); }

  int run(const CommonArgs& common) override {
    static_cast<void>(common);
    check();
    take_query_from_words();
    read_queries();
    if (needs_model()) model_.emplace(open_model(args_.model));
    if (!args_.rerank.empty()) open_cross_encoder();
    Collection collection = open_collection();
    const Tensor queries = query_rows(collection);
    search(collection, queries);
    return 0;
  }

 private:
  bool has_vector_query() const { return !args_.query_vector.empty() || !args_.like.empty(); }

  bool has_saved_vectors() const { return !args_.collection.vectors.empty(); }

  bool needs_model() const { return !has_vector_query() || !has_saved_vectors(); }

  void check() const {
    const bool many = (args_.queries.empty() ? 0 : 1) + (args_.query_vector.empty() ? 0 : 1) +
                          (args_.like.empty() ? 0 : 1) >
                      1;
    if (many) {
      usage_error("--queries, --query-vector, --like: expected one of them, found several");
    }
    check_vector_args(args_.vector);
    if (!args_.like.empty() && !has_saved_vectors()) {
      usage_error("--like: expected a file of vectors (--vectors FILE), found none");
    }
    if (!args_.collection.texts.empty() && !has_saved_vectors()) {
      usage_error("--texts: expected a file of vectors (--vectors FILE), found none");
    }
    if (args_.vector.long_policy == "chunk-each") {
      usage_error("--long: expected a policy that gives each passage one vector, found chunk-each");
    }
    if (args_.top == 0) usage_error("--top: expected at least 1, found 0");
    if (!args_.rerank.empty() && has_vector_query()) {
      usage_error("--rerank: expected a query in words, found ",
                  args_.like.empty() ? "--query-vector" : "--like");
    }
  }

  // A question beside --like and its kin; a word that is a file is told of as a file.
  void refuse_second_query() const {
    if (args_.queries.empty() && !has_vector_query()) return;
    const char* option = !args_.queries.empty() ? "--queries"
                         : !args_.like.empty()  ? "--like"
                                                : "--query-vector";
    for (const std::string& word : args_.words) {
      if (is_path(word)) continue;
      usage_error(option, ": expected ", has_saved_vectors() ? "nothing" : "only files and folders",
                  " beside it, found ", quoted(word),
                  ", which is a second query, or a file that is not there");
    }
  }

  // QUERY PATH… or PATH… QUERY: the query is what is no path.
  void take_query_from_words() {
    std::vector<std::string>& words = args_.words;
    refuse_second_query();
    if (args_.queries.empty() && !has_vector_query()) {
      const bool only_path = words.size() == 1 && !has_saved_vectors() && is_path(words.front());
      require_argument(*this, "a query", !words.empty() && !only_path);
      const bool query_is_last =
          words.size() > 1 && is_path(words.front()) && !is_path(words.back());
      const auto query = query_is_last ? words.end() - 1 : words.begin();
      require_utf8("QUERY", *query);
      queries_.push_back({*query, *query});
      words.erase(query);
    }
    if (has_saved_vectors() && !words.empty()) {
      usage_error("search: expected --vectors or paths, found both: ", quoted(words.front()));
    }
    if (!has_saved_vectors()) {
      require_argument(*this, "a file or folder to search", !words.empty());
      for (const std::string& word : words) {
        if (!is_path(word)) {
          fail(ErrorKind::kNotFound, quoted(word),
               ": expected a file or a folder to search, found nothing there");
        }
      }
    }
    args_.collection.input.inputs = words;
  }

  void read_queries() {
    if (args_.queries.empty()) return;
    RecordReader reader({args_.queries});
    Record record;
    while (reader.next(record)) queries_.push_back({record.text, record.text});
    if (queries_.empty()) {
      fail(ErrorKind::kNotFound, args_.queries, ": expected queries, found none");
    }
  }

  // The prompt of documents, by sentence-transformers' names; of queries "query".
  std::optional<std::string> named_prompt(std::initializer_list<const char*> names) const {
    const auto& prompts = model_->embedder->description().prompts;
    for (const char* name : names) {
      if (const auto found = prompts.find(name); found != prompts.end()) return found->second;
    }
    return std::nullopt;
  }

  EmbedOptions query_options() const {
    EmbedOptions options = embed_options(args_.vector, model_->embedder->description());
    if (!options.prompt) options.prompt = named_prompt({"query"});
    return options;
  }

  EmbedOptions document_options() const {
    VectorArgs args = args_.vector;
    args.prompt.reset();
    args.prompt_name.clear();
    EmbedOptions options = embed_options(args, model_->embedder->description());
    options.prompt = named_prompt({"document", "passage", "corpus"});
    return options;
  }

  void open_cross_encoder() {
    ModelArgs model = args_.model;
    model.model = args_.rerank;
    model.max_length = 0;  // of the embedder
    reranker_.emplace(open_reranker_model(model));
    const std::vector<std::string>& labels = reranker_->reranker->description().labels;
    if (labels.size() != 1) {
      usage_error("--rerank: expected a model with one label, found ", labels.size(),
                  "; 'firth rerank --hits' can choose one of several");
    }
  }

  // The hits as the cross-encoder ranks them, with its scores.
  void rerank(const std::string& query, const Collection& collection, std::vector<Hit>& hits) {
    std::vector<Item> items;
    for (const Hit& hit : hits) items.push_back(collection.item(hit.row));
    std::vector<TextPair> pairs;
    for (const Item& item : items) pairs.push_back({query, item.text});
    const PairScores scores = reranker_->reranker->score(pairs, {}, *reranker_->workspace);
    const View<const float> values = scores.values.view<float>();
    std::vector<Hit> ranked;
    for (const std::size_t i : ranking(values)) {
      ranked.push_back(hits[i]);
      ranked.back().score = values(i, 0);
    }
    hits = std::move(ranked);
    num_cut_ += scores.report.num_truncated;
  }

  Collection open_collection() {
    if (!has_saved_vectors())
      return embed_collection(args_.collection, *model_, document_options());
    Collection collection = open_saved_vectors(args_.collection);
    if (reranker_ && args_.collection.texts.empty()) {
      usage_error("--rerank: expected the texts of the vectors (--texts FILE), found none");
    }
    if (model_ && !collection.model_identity.empty() &&
        collection.model_identity != model_->embedder->identity()) {
      refuse_other_space(collection.table.info);
    }
    return collection;
  }

  [[noreturn]] void refuse_other_space(const VectorInfo& saved) const {
    const EmbedderDescription& model = model_->embedder->description();
    VectorInfo here;
    here.model = model.name;
    here.pooling = model.pooling;
    here.max_length = model.max_length;
    here.precision = model.precision;
    fail(ErrorKind::kInvalidArgument, args_.collection.vectors, ": expected ",
         difference_of(here, saved), ": two spaces cannot be compared");
  }

  Tensor query_rows(const Collection& collection) {
    if (!args_.like.empty()) return like_row(collection);
    if (!args_.query_vector.empty()) return given_rows();
    std::vector<std::string_view> texts;
    for (const Query& query : queries_) texts.emplace_back(query.text);
    Vectors vectors = model_->embedder->embed(std::span<const std::string_view>(texts),
                                              query_options(), *model_->workspace);
    query_report_ = vectors.report;
    return std::move(vectors.values);
  }

  Tensor given_rows() {
    if (is_path(args_.query_vector)) {
      Tensor rows = read_vectors(args_.query_vector).to_f32();
      for (std::size_t i = 0; i < rows.shape()[0]; ++i) {
        queries_.push_back({args_.query_vector + " row " + std::to_string(i), ""});
      }
      return rows;
    }
    const std::vector<double> vector = parse_vector(args_.query_vector, "--query-vector");
    Tensor row = Tensor::zeros<float>({1, vector.size()});
    std::ranges::transform(vector, row.view<float>().span().begin(),
                           [](double component) { return static_cast<float>(component); });
    queries_.push_back({args_.query_vector, ""});
    return row;
  }

  Tensor like_row(const Collection& collection) {
    const std::size_t row = find_item(args_.collection, collection, args_.like);
    queries_.push_back({args_.like, ""});
    left_out_ = row;
    return collection.row(row);
  }

  Similarity similarity() const {
    if (args_.similarity != "model") return parse_similarity(args_.similarity);
    return model_ ? model_->embedder->description().similarity : Similarity::kCosine;
  }

  void search(Collection& collection, const Tensor& queries) {
    ThreadPool own_pool(model_ ? 1 : args_.model.threads);
    ThreadPool& pool = model_ ? *model_->pool : own_pool;
    const auto start = Clock::now();
    const ExactIndex index =
        index_of(collection, args_.form, similarity(), !args_.collection.no_cache, pool);
    const std::size_t k =
        reranker_ ? std::max(args_.top, args_.candidates) : args_.top + (left_out_ ? 1 : 0);
    auto results = index.search(queries.view<float>(), k, pool);
    const std::chrono::duration<double> seconds = Clock::now() - start;
    fetch_texts_of(results, collection);
    for (std::size_t q = 0; q < results.size(); ++q) print_result(q, results[q], collection);
    say_times(collection, seconds.count());
  }

  void fetch_texts_of(const std::vector<std::vector<Hit>>& results, Collection& collection) {
    std::vector<std::size_t> rows;
    for (const std::vector<Hit>& hits : results) {
      for (const Hit& hit : hits) rows.push_back(hit.row);
    }
    if (left_out_) rows.push_back(*left_out_);
    fetch_texts(args_.collection, rows, collection);
    if (left_out_) queries_.front().text = collection.item(*left_out_).text;
  }

  void print_result(std::size_t q, std::vector<Hit>& hits, const Collection& collection) {
    if (left_out_) std::erase_if(hits, [&](const Hit& hit) { return hit.row == *left_out_; });
    if (reranker_) rerank(queries_[q].text, collection, hits);
    if (hits.size() > args_.top) hits.resize(args_.top);
    if (args_.json) {
      print_hits_json(queries_[q].name, hits, collection);
      return;
    }
    if (queries_.size() > 1) print(q == 0 ? "" : "\n", snippet_of(queries_[q].name), "\n");
    print_hits(queries_[q].text, hits, collection);
  }

  static std::string snippet_of(const std::string& text) { return quoted(text); }

  void say_times(const Collection& collection, double seconds) const {
    if (model_) {
      const EmbedReport& report = collection.report;
      if (report.num_items > 0) {
        say_report(report, model_->embedder->description(), document_options().long_policy,
                   collection.embed_seconds);
      }
      if (unknown_share(query_report_) > kManyUnknown) {
        warn("query: " + unknown_text(query_report_, model_->embedder->description().name));
      }
    }
    if (num_cut_ > 0) {
      const RerankerDescription& model = reranker_->reranker->description();
      say(counted(num_cut_, "pair") + " of query and passage cut to the " +
          grouped(model.max_length) + " tokens of " + model.name);
    }
    const std::string cached = collection.num_cached > 0 ? " (" + grouped(collection.num_cached) +
                                                               " of them from the cache)"
                                                         : "";
    say("searched " + counted(collection.num_rows, "vector") + cached + " for " +
        grouped(queries_.size()) + (queries_.size() == 1 ? " query" : " queries") + " in " +
        fixed(1000 * seconds, 1) + " ms");
  }

  SearchArgs args_;
  std::vector<Query> queries_;
  std::optional<OpenModel> model_;
  std::optional<OpenReranker> reranker_;
  std::uint64_t num_cut_ = 0;            // pairs that --rerank cut
  std::optional<std::size_t> left_out_;  // the item of --like
  EmbedReport query_report_;
};

}  // namespace

std::unique_ptr<Command> make_search() {
  return std::make_unique<SearchCommand>();
}

}  // namespace firth::cli
