// `firth rerank QUERY DOCUMENT…`: documents by how well they answer a query, as a cross-encoder
// reads them. The way of a run:
//
//   arguments, files, standard input ─ TextInput ──────────┐
//   --hits: the lines of `firth search --json` ─ read_hits ┴─▶ a query and its documents
//   ─▶ Reranker::score ─▶ best first ─▶ stdout
#include <algorithm>

#include "cli/embed_report.h"
#include "cli/input_args.h"
#include "cli/model_args.h"
#include "cli/output.h"
#include "cli/passages.h"
#include "cli/progress.h"
#include "cli/usage_error.h"
#include "cli/verbs.h"
#include "firth/core/error.h"
#include "firth/io/json.h"
#include "firth/io/json_writer.h"
#include "firth/io/line_reader.h"

namespace firth::cli {
namespace {

constexpr std::size_t kSnippetBytes = 160;
constexpr std::size_t kLongestLine = std::size_t{64} << 20;

struct RerankArgs {
  std::vector<std::string> words;  // the query and the documents
  std::string hits;
  std::size_t top = 0;
  std::optional<std::string> prompt;
  std::string label;
  bool logits = false;
  bool json = false;
  std::string progress = "auto";
  InputArgs input;
  ModelArgs model;
};

void for_each_field(RerankArgs& args, OptionTable& visit) {
  visit("[QUERY] [DOCUMENT|PATH…]", &args.words, "",
        "the query, then the documents: texts, or files (a text a line, .jsonl, .csv, .tsv, .gz, "
        ".zst); standard input without them");
  visit.group("Ranking");
  visit("-k,--top", &args.top, "K", "show the best K; 0 = all");
  visit("--hits", &args.hits, "FILE",
        "rank what 'firth search --json' found, the queries being there too; - is standard input");
  visit("--prompt", &args.prompt, "TEXT", "put before the query");
  visit.default_text("the model's default prompt");
  visit("--label", &args.label, "NAME", "rank by this label of a model that has several");
  visit("--logits", &args.logits, "",
        "scores as they are before the model's last function (a sigmoid for most)");
  for_each_field(args.input, visit);
  visit_reranker_options(args.model, visit);
  visit.group("Output");
  visit("--progress", &args.progress, "WHEN", "show progress after two seconds",
        {"auto", "always", "never"});
  visit.default_text("auto: on a terminal");
  visit("--json", &args.json, "", "print a JSON object a line for each query");
}

// A document, and what is known of where it came from.
struct Document {
  Record record;
  std::optional<std::uint64_t> row;  // of a hit
  std::vector<float> scores;         // by label
};

// A query with its documents, best first after ranking.
struct Question {
  std::string query;
  std::vector<Document> documents;
};

std::string text_or(const Json& object, std::string_view field) {
  const auto value = object.find(field);
  return value && !value->is_null() ? std::string(value->as_string()) : "";
}

Document read_hit(const Json& hit) {
  Document document;
  const auto text = hit.find("text");
  if (!text) {
    fail(ErrorKind::kInvalidArgument, hit.where(),
         ": expected the text of the hit, found none; search with --texts FILE to have it");
  }
  document.record.text = text->as_string();
  document.record.id = text_or(hit, "id");
  document.record.file = text_or(hit, "file");
  if (const auto line = hit.find("line")) document.record.line = line->as_uint();
  if (const auto row = hit.find("row")) document.row = row->as_uint();
  return document;
}

// A line of `firth search --json`.
Question read_hits(std::string_view line, const std::string& where) {
  const JsonDocument document = JsonDocument::parse(line, where);
  const Json root = document.root();
  Question question{.query = std::string(root.at("query").as_string()), .documents = {}};
  for (const Json& hit : root.at("hits").elements()) {
    question.documents.push_back(read_hit(hit));
    question.documents.back().record.index = question.documents.size() - 1;
  }
  return question;
}

std::string place_of(const Document& document) {
  const Record& record = document.record;
  const std::string place = firth::cli::place_of(record);
  const bool id_says_more = !record.id.empty() && !record.file.ends_with(record.id);
  return id_says_more ? place + " (" + record.id + ")" : place;
}

class RerankCommand final : public Command {
 public:
  CommandInfo info() const override {
    return {.name = "rerank",
            .summary = "Ranks documents by how well they answer a query, with a cross-encoder.",
            .arguments = "QUERY [DOCUMENT|PATH…]",
            .examples =
                {{{"firth rerank \"how many people live in berlin\" answers.txt -m cross-encoder",
                   "the lines of a file, best first"},
                  {"firth rerank \"slow delivery\" reviews.jsonl --field text --top 5 --json",
                   "of a field of a data file, for programs"},
                  {"firth search \"late\" docs/ --top 50 --json | firth rerank --hits - --top 5",
                   "the best of what a search found"}}},
            .notes =
                "A cross-encoder reads query and document together: better than comparing "
                "vectors, and as slow as embedding every document anew for each query. So "
                "search first and rank what was found."};
  }

  void for_each_option(OptionTable& visit) override { for_each_field(args_, visit); }

  int run(const CommonArgs& common) override {
    static_cast<void>(common);
    check();
    model_.emplace(open_reranker_model(args_.model));
    label_ = choose_label();
    Progress progress(parse_progress_mode(args_.progress), "pairs");
    progress_ = &progress;
    args_.hits.empty() ? rank_input() : rank_hits();
    say_what_was_done(progress.seconds());
    return 0;
  }

 private:
  void check() const {
    if (args_.hits.empty()) {
      require_argument(*this, "a query", !args_.words.empty());
      require_utf8("QUERY", args_.words.front());
    } else if (!args_.words.empty()) {
      usage_error("--hits: expected nothing beside it, for the queries are there too; found ",
                  quoted(args_.words.front()));
    }
    if (args_.prompt) require_utf8("--prompt", *args_.prompt);
  }

  const RerankerDescription& description() const { return model_->reranker->description(); }

  std::size_t choose_label() const {
    const std::vector<std::string>& labels = description().labels;
    std::string known;
    for (const std::string& label : labels) {
      if (label == args_.label) return static_cast<std::size_t>(&label - labels.data());
      known += (known.empty() ? "" : ", ") + quoted(label);
    }
    if (args_.label.empty() && labels.size() == 1) return 0;
    usage_error("--label: expected one of the labels of ", quoted(description().name), " (", known,
                "), found ", args_.label.empty() ? "none" : quoted(args_.label));
  }

  void rank_input() {
    args_.input.inputs.assign(args_.words.begin() + 1, args_.words.end());
    Question question{.query = args_.words.front(), .documents = {}};
    TextInput input(args_.input);
    for (auto block = read_block(input); !block.empty(); block = read_block(input)) {
      std::vector<Document> documents;
      for (Record& record : block) documents.push_back({std::move(record), {}, {}});
      score(question.query, documents);
      std::ranges::move(documents, std::back_inserter(question.documents));
      sort(question.documents);
    }
    print_question(question);
  }

  void rank_hits() {
    LineReader lines(ByteSource::open(args_.hits), kLongestLine);
    bool any = false;
    for (std::string_view line; lines.next(line);) {
      if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
      Question question = read_hits(line, lines.where());
      score(question.query, question.documents);
      sort(question.documents);
      if (any && !args_.json) print("\n");
      if (!args_.json) print(quoted(question.query), "\n");
      print_question(question);
      any = true;
    }
    if (!any) fail(ErrorKind::kNotFound, lines.source().name(), ": expected hits, found none");
  }

  void score(const std::string& query, std::vector<Document>& documents) {
    std::vector<TextPair> pairs;
    for (const Document& document : documents) {
      empty_.note(document.record);
      pairs.push_back({query, document.record.text});
    }
    const RerankOptions options{
        .prompt = args_.prompt, .logits = args_.logits, .progress = [&](std::uint64_t done) {
          progress_->update({.done = num_done_ + done});
        }};
    const PairScores scores = model_->reranker->score(pairs, options, *model_->workspace);
    for (std::size_t i = 0; i < documents.size(); ++i) {
      const auto row = scores.values.view<float>().row(i);
      documents[i].scores.assign(row.begin(), row.end());
    }
    num_done_ += documents.size();
    report_.add(scores.report);
  }

  // Best first, equal ones in their order; what is not shown is dropped.
  void sort(std::vector<Document>& documents) const {
    std::ranges::stable_sort(documents, std::ranges::greater(),
                             [&](const Document& d) { return d.scores[label_]; });
    if (args_.top != 0 && documents.size() > args_.top) documents.resize(args_.top);
  }

  void print_question(const Question& question) const {
    if (args_.json) return print_json(question);
    for (std::size_t i = 0; i < question.documents.size(); ++i) {
      const Document& document = question.documents[i];
      const std::string rank = std::to_string(i + 1);
      print(std::string(rank.size() < 3 ? 3 - rank.size() : 0, ' '), rank, "  ",
            fixed(document.scores[label_], 4), "  ", place_of(document), "\n");
      if (!document.record.text.empty()) {
        print("             ", snippet(document.record.text, question.query, kSnippetBytes), "\n");
      }
    }
  }

  void print_json(const Question& question) const {
    JsonWriter json;
    json.begin_object().field("query", question.query).key("hits").begin_array();
    for (std::size_t i = 0; i < question.documents.size(); ++i) {
      const Document& document = question.documents[i];
      const Record& record = document.record;
      json.begin_object().field("rank", i + 1).field("score", document.scores[label_]);
      if (document.scores.size() > 1) {
        json.key("scores").begin_object();
        for (std::size_t l = 0; l < document.scores.size(); ++l)
          json.field(description().labels[l], document.scores[l]);
        json.end_object();
      }
      json.field("index", record.index);
      if (document.row) json.field("row", *document.row);
      if (!record.id.empty()) json.field("id", record.id);
      if (!record.file.empty()) json.field("file", record.file);
      if (record.line != 0) json.field("line", record.line);
      json.field("text", record.text).end_object();
    }
    print(json.end_array().end_object().newline().take());
  }

  void say_what_was_done(double seconds) const {
    clear_progress_line();
    std::string line = counted(report_.num_items, "pair") + ", " +
                       counted(report_.num_tokens, "token") + " in " + fixed(seconds, 2) + " s";
    if (report_.num_truncated > 0) {
      line += "; " + counted(report_.num_truncated, "pair") + " cut to the model's " +
              grouped(description().max_length) + " tokens, the longer text first";
    }
    say(line);
    empty_.warn_of_them();
    if (unknown_share(report_) > kManyUnknown) warn(unknown_text(report_, description().name));
  }

  RerankArgs args_;
  std::optional<OpenReranker> model_;
  std::size_t label_ = 0;
  Progress* progress_ = nullptr;
  std::uint64_t num_done_ = 0;
  EmbedReport report_;
  EmptyTexts empty_;
};

}  // namespace

std::unique_ptr<Command> make_rerank() {
  return std::make_unique<RerankCommand>();
}

}  // namespace firth::cli
