// `firth eval sts`: how well the cosines of a model's vectors follow people's scores of sentence
// pairs (STS-B).
#include <filesystem>

#include "cli/embed_report.h"
#include "cli/eval_args.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "firth/core/error.h"
#include "firth/eval/sts.h"
#include "firth/io/json_writer.h"

namespace firth::cli {
namespace {

struct EvalStsArgs {
  EvalArgs eval;
  std::string language = "en";
};

void for_each_field(EvalStsArgs& args, OptionTable& visit) {
  visit("DATA", &args.eval.data, "",
        "a file of sentence pairs with scores, or a folder of STS-B files (en-test.csv.gz)");
  visit.group("Data");
  visit("--split", &args.eval.split, "NAME", "of the files in a folder");
  visit("--language", &args.language, "NAME", "of the files in a folder");
  for_each_model_field(args.eval, visit);
}

// The file of a split in a folder of STS-B files: "en-test.csv.gz", "test.csv", ….
std::string sts_file(const EvalStsArgs& args) {
  namespace fs = std::filesystem;
  if (!fs::is_directory(args.eval.data)) return args.eval.data;
  const std::string stems[] = {args.language + "-" + args.eval.split, args.eval.split,
                               "sts-" + args.eval.split};
  for (const std::string& stem : stems) {
    for (const char* ending : {".csv.gz", ".csv", ".tsv.gz", ".tsv", ".jsonl.gz", ".jsonl"}) {
      const fs::path path = fs::path(args.eval.data) / (stem + ending);
      if (fs::exists(path)) return path.string();
    }
  }
  fail(ErrorKind::kNotFound, args.eval.data, ": expected a file such as ", stems[0], ".csv.gz or ",
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

class EvalStsCommand final : public Command {
 public:
  CommandInfo info() const override {
    return {
        .name = "eval sts",
        .summary = "Compares a model's cosines with people's scores of sentence pairs.",
        .arguments = "DATA",
        .examples = {
            {{"firth eval sts stsb/en-test.csv.gz", "Spearman's correlation with people's scores"},
             {"firth eval sts stsb/ --language de --split dev", "another file of a folder"},
             {"firth eval sts pairs.tsv --model my-model --json", "the same for programs"}}}};
  }

  void for_each_option(OptionTable& visit) override { for_each_field(args_, visit); }

  int run(const CommonArgs& /*common*/) override {
    const EvalArgs& args = args_.eval;
    require_argument(*this, "DATA", !args.data.empty());
    check_vector_args(args.vector);
    require_data(args, "a file or a folder");
    const std::string file = sts_file(args_);
    const std::vector<StsPair> pairs = read_sts(file);
    OpenModel model = open_model(args.model);
    const EmbedderDescription& description = model.embedder->description();
    Progress progress(parse_progress_mode(args.progress), "texts");
    const EmbedOptions options = with_progress(embed_options(args.vector, description), progress);
    const StsResult result = evaluate_sts(*model.embedder, pairs, options, *model.workspace);
    say_report(result.report, description, options.long_policy, result.seconds);
    print_sts(result, file, description.name, args.json);
    return 0;
  }

 private:
  EvalStsArgs args_;
};

}  // namespace

std::unique_ptr<Command> make_eval_sts() {
  return std::make_unique<EvalStsCommand>();
}

}  // namespace firth::cli
