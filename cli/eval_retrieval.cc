// `firth eval retrieval`: how well a model finds the documents that people judged relevant (BEIR,
// Cranfield).
#include "cli/embed_report.h"
#include "cli/eval_args.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "firth/eval/retrieval.h"
#include "firth/eval/retrieval_data.h"
#include "firth/io/json_writer.h"

namespace firth::cli {
namespace {

struct EvalRetrievalArgs {
  EvalArgs eval;
  std::string query_prompt_name;
};

void for_each_field(EvalRetrievalArgs& args, OptionTable& visit) {
  visit("DATA", &args.eval.data, "", "a folder in BEIR's form, or Cranfield's");
  visit.group("Data");
  visit("--split", &args.eval.split, "NAME", "part of the data");
  visit("--query-prompt-name", &args.query_prompt_name, "NAME",
        "a prompt of the model's files for the queries");
  for_each_model_field(args.eval, visit);
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

class EvalRetrievalCommand final : public Command {
 public:
  CommandInfo info() const override {
    return {.name = "eval retrieval",
            .summary = "Measures how well a model finds what people judged relevant.",
            .arguments = "DATA",
            .examples = {
                {{"firth eval retrieval scifact/", "nDCG@10, recall and MRR on a BEIR collection"},
                 {"firth eval retrieval nfcorpus/ --split dev", "another part of it"},
                 {"firth eval retrieval cranfield/ --model my-model --json",
                  "the same for programs"}}}};
  }

  void for_each_option(OptionTable& visit) override { for_each_field(args_, visit); }

  int run(const CommonArgs& /*common*/) override {
    const EvalArgs& args = args_.eval;
    require_argument(*this, "DATA", !args.data.empty());
    check_vector_args(args.vector);
    require_data(args, "a folder");
    const RetrievalData data = read_retrieval(args.data, args.split);
    OpenModel model = open_model(args.model);
    const EmbedderDescription& description = model.embedder->description();
    Progress progress(parse_progress_mode(args.progress), "texts");
    RetrievalOptions options;
    options.embed = with_progress(embed_options(args.vector, description), progress);
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
    print_retrieval(result, args.data, description.name, args.json);
    return 0;
  }

 private:
  EvalRetrievalArgs args_;
};

}  // namespace

std::unique_ptr<Command> make_eval_retrieval() {
  return std::make_unique<EvalRetrievalCommand>();
}

}  // namespace firth::cli
