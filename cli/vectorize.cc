// `firth vectorize`: texts as sparse vectors of their terms: counts, TF-IDF or hashed terms. Files
// are read twice, once for the terms and once for the vectors, so that memory holds the terms and
// one block of texts; standard input, which comes once, is kept as counts.
#include <algorithm>
#include <filesystem>
#include <optional>

#include "cli/input_args.h"
#include "cli/interrupt.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/usage_error.h"
#include "cli/verbs.h"
#include "firth/core/error.h"
#include "firth/counts/text_vectorizer.h"
#include "firth/io/csr_npz_writer.h"
#include "firth/io/json_writer.h"

namespace firth::cli {
namespace {

struct VectorizeArgs {
  InputArgs input;
  std::string kind = "tfidf";
  std::string pipeline;
  std::string save;
  std::string output;
  std::string terms_file;
  std::string analyzer = "word";
  std::vector<int> ngrams = {1, 1};
  std::string min_df = "1";
  std::string max_df = "1.0";
  std::size_t max_features = 0;
  std::vector<std::string> stop_words;
  std::string token_pattern = std::string(kTwoLetterWords);
  std::string strip_accents = "none";
  bool keep_case = false;
  bool binary = false;
  std::string norm = "l2";
  bool no_idf = false;
  bool no_smooth_idf = false;
  bool sublinear_tf = false;
  std::size_t n_features = std::size_t{1} << 20;
  bool no_sign = false;
  std::size_t threads = 0;
  std::string progress = "auto";
};

void for_each_field(VectorizeArgs& args, OptionTable& visit) {
  visit("TEXT|PATH…", &args.input.inputs, "", "texts, files, folders of text files, or -");
  visit("-o,--output", &args.output, "FILE",
        "where vectors go: .npz (scipy.sparse.load_npz opens it) or .jsonl");
  visit.default_text("JSON lines on standard output");
  visit("--kind", &args.kind, "KIND",
        "count: how often each term occurs; tfidf: weighed; "
        "hashing: a term's column is its hash, nothing is learned",
        {"count", "tfidf", "hashing"});
  visit("--save", &args.save, "FOLDER", "keep what was learned, for --pipeline");
  visit("--pipeline", &args.pipeline, "FOLDER", "use what --save kept; its options hold");
  visit("--terms", &args.terms_file, "FILE", "write the terms of the columns as a JSON list");
  visit.group("Terms");
  visit("--analyzer", &args.analyzer, "WHAT",
        "what terms are made of: words, characters, or characters within words",
        {"word", "char", "char_wb"});
  visit("--ngrams", &args.ngrams, "MIN,MAX", "words (characters) of a term");
  visit.default_text("1,1");
  visit("--min-df", &args.min_df, "N", "leave out terms of fewer documents; 0.01: a share of all");
  visit("--max-df", &args.max_df, "N", "leave out terms of more documents; 0.5: a share of all");
  visit("--max-features", &args.max_features, "N", "keep the N most frequent terms; 0 = all");
  visit("--stop-word", &args.stop_words, "WORD…", "words to leave out");
  visit("--token-pattern", &args.token_pattern, "REGEX", "what a word is");
  visit("--strip-accents", &args.strip_accents, "HOW", "take accents off letters",
        {"none", "unicode", "ascii"});
  visit("--keep-case", &args.keep_case, "", "do not lower-case texts");
  visit("--binary", &args.binary, "", "1 for each term that occurs, however often");
  visit.group("Weights");
  visit("--norm", &args.norm, "NORM", "of a vector; counts have none", {"none", "l1", "l2"});
  visit("--no-idf", &args.no_idf, "", "do not weigh terms by their rarity");
  visit("--no-smooth-idf", &args.no_smooth_idf, "", "no document added that has every term");
  visit("--sublinear-tf", &args.sublinear_tf, "", "1 + ln(count) in place of counts");
  visit("--n-features", &args.n_features, "N", "columns of --kind hashing");
  visit("--no-sign", &args.no_sign, "", "hashing: terms add to their column, never subtract");
  for_each_field(args.input, visit);
  visit.group("Running");
  visit("--threads", &args.threads, "N", "threads");
  visit.default_text("all that the process may use");
  visit("--progress", &args.progress, "MODE", "when to show progress on stderr",
        {"auto", "always", "never"});
}

CountOptions count_options(const VectorizeArgs& args) {
  if (args.ngrams.size() != 2 || std::ranges::any_of(args.ngrams, [](int n) { return n < 1; }))
    usage_error("--ngrams: expected two numbers from 1 on, such as 1,2");
  return {.terms = {.analyzer = parse_analyzer(args.analyzer),
                    .min_n = static_cast<std::size_t>(args.ngrams[0]),
                    .max_n = static_cast<std::size_t>(args.ngrams[1]),
                    .lowercase = !args.keep_case,
                    .strip_accents = parse_strip_accents(args.strip_accents),
                    .token_pattern = args.token_pattern,
                    .stop_words = args.stop_words},
          .min_df = parse_document_limit(args.min_df, "--min-df"),
          .max_df = parse_document_limit(args.max_df, "--max-df"),
          .max_features = args.max_features,
          .binary = args.binary};
}

TfidfOptions weight_options(const VectorizeArgs& args) {
  return {.norm = parse_row_norm(args.norm),
          .use_idf = !args.no_idf,
          .smooth_idf = !args.no_smooth_idf,
          .sublinear_tf = args.sublinear_tf};
}

// f(block) for each block of the input.
template <class F>
void for_each_block(const VectorizeArgs& args, F&& f) {
  TextInput input(args.input);
  Progress progress(parse_progress_mode(args.progress), "texts");
  std::uint64_t done = 0;
  while (true) {
    const std::vector<Record> block = read_block(input);
    if (block.empty()) return;
    f(block);
    done += block.size();
    progress.update({.done = done, .fraction = input.fraction()});
    check_interrupt();
  }
}

// Rows to a file or to standard output.
class SparseSink {
 public:
  SparseSink(const std::string& path, const TextVectorizer& vectorizer) {
    if (vectorizer.counts() != nullptr) terms_ = &vectorizer.counts()->terms();
    if (path.ends_with(".npz")) {
      npz_.emplace(path, vectorizer.num_columns());
    } else if (!path.empty() && path != "-") {
      lines_.emplace(path);
    }
  }

  // ids: of the rows; "" = the row's number.
  void write(const SparseMatrix<float>& rows, const std::vector<std::string>& ids) {
    if (npz_) return npz_->write(rows.view());
    JsonWriter json;
    for (std::size_t i = 0; i < rows.rows(); ++i, ++num_rows_) write_line(json, rows, i, ids[i]);
    const std::string text = json.take();
    lines_ ? lines_->write(text) : standard_output().write(text);
  }

  void commit() {
    if (npz_) npz_->commit();
    if (lines_) lines_->commit();
  }

 private:
  void write_line(JsonWriter& json, const SparseMatrix<float>& rows, std::size_t i,
                  const std::string& id) const {
    json.begin_object().key("id");
    id.empty() ? json.value(num_rows_) : json.value(std::string_view(id));
    json.key(terms_ != nullptr ? "terms" : "columns").begin_object();
    const auto columns = rows.row_indices(i);
    const auto values = rows.row_values(i);
    for (std::size_t j = 0; j < columns.size(); ++j) {
      const auto column = static_cast<std::size_t>(columns[j]);
      json.field(terms_ != nullptr ? (*terms_)[column] : std::to_string(column), values[j]);
    }
    json.end_object().end_object().newline();
  }

  const std::vector<std::string>* terms_ = nullptr;
  std::optional<CsrNpzWriter> npz_;
  std::optional<AtomicFile> lines_;
  std::uint64_t num_rows_ = 0;
};

class VectorizeCommand final : public Command {
 public:
  CommandInfo info() const override {
    return {.name = "vectorize",
            .summary = "Turns texts into sparse vectors of their words: counts, TF-IDF, hashes.",
            .arguments = "TEXT|PATH…",
            .examples = {{{"firth vectorize reviews.jsonl --field text -o reviews.npz "
                           "--save tfidf/",
                           "TF-IDF; scipy.sparse.load_npz opens the result"},
                          {"firth vectorize new.jsonl --field text -o new.npz --pipeline tfidf/",
                           "other texts, the same columns"},
                          {"firth vectorize \"the cat sat on the mat\" --kind count",
                           "how often each word occurs, as a line of JSON"}}},
            .notes =
                "The numbers are those of scikit-learn's CountVectorizer, TfidfVectorizer "
                "and HashingVectorizer with the same options."};
  }

  void for_each_option(OptionTable& visit) override { for_each_field(args_, visit); }

  int run(const CommonArgs& /*common*/) override {
    require_argument(*this, "TEXT|PATH", !args_.input.inputs.empty());
    check_args();
    ThreadPool pool(args_.threads);
    std::optional<SparseMatrix<float>> rows;
    std::vector<std::string> ids;
    const TextVectorizer vectorizer = make(pool, rows, ids);
    SparseSink sink(args_.output, vectorizer);
    if (rows) {
      sink.write(*rows, ids);
    } else {
      transform(vectorizer, sink, pool);
    }
    if (!args_.save.empty()) vectorizer.save(args_.save);
    if (!args_.terms_file.empty()) write_term_list(vectorizer);
    sink.commit();
    return 0;
  }

 private:
  void check_args() const {
    const std::string& out = args_.output;
    if (!out.empty() && out != "-" && !out.ends_with(".npz") && !out.ends_with(".jsonl"))
      usage_error("--output: expected a name that ends in .npz or .jsonl, found ", quoted(out));
    if (!args_.terms_file.empty() && args_.kind == "hashing" && args_.pipeline.empty())
      usage_error("--terms: hashing keeps no terms");
  }

  // What comes once only: standard input, pipes.
  bool comes_once() const {
    return std::ranges::any_of(args_.input.inputs, [](const std::string& input) {
      std::error_code error;
      const auto status = std::filesystem::status(input, error);
      return input == "-" ||
             (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status) &&
              !std::filesystem::is_directory(status));
    });
  }

  TextVectorizer make(ThreadPool& pool, std::optional<SparseMatrix<float>>& rows,
                      std::vector<std::string>& ids) const {
    if (!args_.pipeline.empty()) return TextVectorizer::open(args_.pipeline);
    const CountOptions counts = count_options(args_);
    if (args_.kind == "hashing") {
      return TextVectorizer(HashingVectorizer({.terms = counts.terms,
                                               .n_features = args_.n_features,
                                               .alternate_sign = !args_.no_sign,
                                               .binary = args_.binary,
                                               .norm = parse_row_norm(args_.norm)}));
    }
    const bool once = comes_once();
    TermCounter counter({.counts = counts, .keep_documents = once}, pool);
    for_each_block(args_, [&](const std::vector<Record>& block) {
      counter.add(text_views(block));
      if (once) std::ranges::transform(block, std::back_inserter(ids), &Record::id);
    });
    CountVectorizer vectorizer = counter.finish();
    if (once) rows = counter.take_matrix<float>();
    if (args_.kind == "count") return TextVectorizer(std::move(vectorizer));
    const TermStatistics& statistics = counter.statistics();
    auto weights = TfidfTransformer::fit(weight_options(args_), statistics.num_documents,
                                         statistics.document_frequencies);
    if (rows) weights.apply(*rows, pool);
    return TextVectorizer(TfidfVectorizer(std::move(vectorizer), std::move(weights)));
  }

  void transform(const TextVectorizer& vectorizer, SparseSink& sink, ThreadPool& pool) const {
    for_each_block(args_, [&](const std::vector<Record>& block) {
      std::vector<std::string> ids;
      std::ranges::transform(block, std::back_inserter(ids), &Record::id);
      sink.write(vectorizer.transform<float>(text_views(block), pool), ids);
    });
  }

  void write_term_list(const TextVectorizer& vectorizer) const {
    if (vectorizer.counts() == nullptr) usage_error("--terms: hashing keeps no terms");
    JsonWriter json;
    json.begin_array();
    for (const std::string& term : vectorizer.counts()->terms()) json.value(std::string_view(term));
    write_file(args_.terms_file, json.end_array().newline().take());
  }

  VectorizeArgs args_;
};

}  // namespace

std::unique_ptr<Command> make_vectorize() {
  return std::make_unique<VectorizeCommand>();
}

}  // namespace firth::cli
