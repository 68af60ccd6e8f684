// `firth eval`: how good a model is, on data that people judged: pairs of sentences (STS-B) or a
// collection for retrieval (BEIR, Cranfield).
#include <algorithm>
#include <filesystem>

#include "cli/embed_report.h"
#include "cli/interrupt.h"
#include "cli/model_args.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/verbs.h"
#include "firth/core/error.h"
#include "firth/eval/retrieval.h"
#include "firth/eval/retrieval_data.h"
#include "firth/eval/sts.h"
#include "firth/io/json_writer.h"

namespace firth::cli {
namespace {

struct EvalArgs {
  std::string task;
  std::string data;
  std::string split = "test";
  std::string language = "en";
  std::string query_prompt_name;
  std::string progress = "auto";
  bool json = false;
  ModelArgs model;
  VectorArgs vector;
};

void for_each_field(EvalArgs& args, OptionTable& visit) {
  visit("TASK", &args.task, "", "what to measure", {"sts", "retrieval"});
  visit("DATA", &args.data, "",
        "sts: a file of sentence pairs with scores, or a folder of STS-B files (en-test.csv.gz); "
        "retrieval: a folder in BEIR's form, or Cranfield's");
  visit.group("Data");
  visit("--split", &args.split, "NAME", "part of the data");
  visit("--language", &args.language, "NAME", "of the files in a folder of STS-B files");
  visit("--query-prompt-name", &args.query_prompt_name, "NAME",
        "retrieval: a prompt of the model's files for the queries");
  for_each_field(args.model, visit);
  for_each_field(args.vector, visit);
  visit.group("Output");
  visit("--progress", &args.progress, "WHEN", "show progress after two seconds",
        {"auto", "always", "never"});
  visit.default_text("auto: on a terminal");
  visit("--json", &args.json, "", "print one JSON object");
}

EmbedOptions with_progress(EmbedOptions options, Progress& progress) {
  options.progress = [&progress](std::uint64_t done) {
    check_interrupt();
    progress.update({.done = done});
  };
  return options;
}

// The file of a split in a folder of STS-B files: "en-test.csv.gz", "test.csv", ….
std::string sts_file(const EvalArgs& args) {
  namespace fs = std::filesystem;
  if (!fs::is_directory(args.data)) return args.data;
  const std::string stems[] = {args.language + "-" + args.split, args.split, "sts-" + args.split};
  for (const std::string& stem : stems) {
    for (const char* ending : {".csv.gz", ".csv", ".tsv.gz", ".tsv", ".jsonl.gz", ".jsonl"}) {
      const fs::path path = fs::path(args.data) / (stem + ending);
      if (fs::exists(path)) return path.string();
    }
  }
  fail(ErrorKind::kNotFound, args.data, ": expected a file such as ", stems[0], ".csv.gz or ",
       stems[1], ".csv, found none");
}

std::string percent_or_undefined(std::optional<double> correlation) {
  return correlation ? fixed(100 * *correlation, 2) : "undefined";
}

void add_number(JsonWriter& json, std::string_view name, std::optional<double> number) {
  json.key(name);
  number ? json.value(*number) : json.null();
}

void print_sts(const StsResult& result, const std::string& file, const std::string& model,
               bool as_json) {
  if (as_json) {
    JsonWriter json;
    json.begin_object().field("task", "sts").field("data", file).field("model", model);
    json.field("pairs", result.num_pairs).field("seconds", result.seconds);
    for (const StsCorrelation& correlation : result.correlations) {
      json.key(similarity_name(correlation.similarity)).begin_object();
      add_number(json, "spearman", correlation.spearman);
      add_number(json, "pearson", correlation.pearson);
      json.end_object();
    }
    print(json.end_object().newline().take());
    return;
  }
  print(file, ": ", grouped(result.num_pairs), " pairs, ", model, "\n");
  print("            spearman  pearson   (times 100)\n");
  for (const StsCorrelation& correlation : result.correlations) {
    std::string name(similarity_name(correlation.similarity));
    name.resize(12, ' ');
    std::string spearman = percent_or_undefined(correlation.spearman);
    spearman.resize(10, ' ');
    print(name, spearman, percent_or_undefined(correlation.pearson), "\n");
  }
}

void print_retrieval(const RetrievalResult& result, const std::string& data,
                     const std::string& model, bool as_json) {
  if (as_json) {
    JsonWriter json;
    json.begin_object().field("task", "retrieval").field("data", data).field("model", model);
    json.field("documents", result.num_documents).field("queries", result.num_queries);
    json.key("at").begin_array();
    for (const MetricsAt& metrics : result.at) {
      json.begin_object().field("k", metrics.k).field("ndcg", metrics.ndcg);
      json.field("recall", metrics.recall).field("mrr", metrics.mrr).end_object();
    }
    json.end_array().field("map", result.mean_average_precision);
    json.field("document_seconds", result.document_seconds);
    json.field("query_seconds", result.query_seconds);
    print(json.field("search_seconds", result.search_seconds).end_object().newline().take());
    return;
  }
  print(data, ": ", grouped(result.num_documents), " documents, ", grouped(result.num_queries),
        " queries, ", model, "\n");
  print("k      nDCG@k    recall@k  MRR@k     (times 100)\n");
  for (const MetricsAt& metrics : result.at) {
    std::string row = std::to_string(metrics.k);
    row.resize(7, ' ');
    for (const double value : {metrics.ndcg, metrics.recall, metrics.mrr}) {
      std::string cell = fixed(100 * value, 2);
      cell.resize(10, ' ');
      row += cell;
    }
    print(row.substr(0, row.find_last_not_of(' ') + 1), "\n");
  }
  print("MAP    ", fixed(100 * result.mean_average_precision, 2), "\n");
}

class EvalCommand final : public Command {
 public:
  CommandInfo info() const override {
    return {.name = "eval",
            .summary = "Measures how good a model is, on data that people judged.",
            .arguments = "sts|retrieval DATA",
            .examples = {
                {{"firth eval sts stsb/en-test.csv.gz",
                  "Spearman's correlation with people's scores of sentence pairs"},
                 {"firth eval retrieval scifact/", "nDCG@10, recall and MRR on a BEIR collection"},
                 {"firth eval retrieval cranfield/ --model my-model --json",
                  "the same for programs"}}}};
  }

  void for_each_option(OptionTable& visit) override { for_each_field(args_, visit); }

  int run(const CommonArgs& common) override {
    static_cast<void>(common);
    require_argument(*this, "TASK (sts or retrieval)", !args_.task.empty());
    require_argument(*this, "DATA", !args_.data.empty());
    check_vector_args(args_.vector);
    if (!std::filesystem::exists(args_.data)) {
      fail(ErrorKind::kNotFound, args_.data, ": expected ",
           args_.task == "sts" ? "a file or a folder" : "a folder", ", found nothing there");
    }
    args_.task == "sts" ? run_sts() : run_retrieval();
    return 0;
  }

 private:
  void run_sts() {
    const std::string file = sts_file(args_);
    const std::vector<StsPair> pairs = read_sts(file);
    OpenModel model = open_model(args_.model);
    const EmbedderDescription& description = model.embedder->description();
    Progress progress(parse_progress_mode(args_.progress), "texts");
    const EmbedOptions options = with_progress(embed_options(args_.vector, description), progress);
    const StsResult result = evaluate_sts(*model.embedder, pairs, options, *model.workspace);
    say_report(result.report, description, options.long_policy, result.seconds);
    print_sts(result, file, description.name, args_.json);
  }

  void run_retrieval() {
    const RetrievalData data = read_retrieval(args_.data, args_.split);
    OpenModel model = open_model(args_.model);
    const EmbedderDescription& description = model.embedder->description();
    Progress progress(parse_progress_mode(args_.progress), "texts");
    RetrievalOptions options;
    options.embed = with_progress(embed_options(args_.vector, description), progress);
    if (options.embed.prompt) {
      options.query_prompt = options.embed.prompt;
      options.document_prompt = options.embed.prompt;
    }
    if (!args_.query_prompt_name.empty()) {
      options.query_prompt = prompt_by_name(description, args_.query_prompt_name);
    }
    const RetrievalResult result =
        evaluate_retrieval(*model.embedder, data, options, *model.workspace);
    EmbedReport report = result.document_report;
    report.add(result.query_report);
    say_report(report, description, options.embed.long_policy,
               result.document_seconds + result.query_seconds);
    print_retrieval(result, args_.data, description.name, args_.json);
  }

  EvalArgs args_;
};

}  // namespace

std::unique_ptr<Command> make_eval() {
  return std::make_unique<EvalCommand>();
}

}  // namespace firth::cli
