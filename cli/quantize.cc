// `firth quantize`: a copy of a model's folder with int8 weights, judged by its vectors.
#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "cli/model_lookup.h"
#include "cli/output.h"
#include "cli/usage_error.h"
#include "cli/verbs.h"
#include "firth/core/thread_pool.h"
#include "firth/embed/quantize_model.h"
#include "firth/io/json_writer.h"
#include "firth/io/records.h"

namespace firth::cli {
namespace {

constexpr std::size_t kLayersShown = 5;
constexpr std::size_t kFewestTexts = 8;
constexpr std::size_t kMostTexts = 20000;

struct QuantizeArgs {
  std::string model;
  std::string output;
  bool careful = false;
  std::string texts;
  std::size_t threads = 0;
  bool json = false;
};

void for_each_field(QuantizeArgs& args, OptionTable& visit) {
  visit("MODEL", &args.model, "", "the model's folder, or its name");
  visit("-o,--output", &args.output, "FOLDER", "the folder to write; nothing may be there yet");
  visit("--careful", &args.careful, "",
        "a scale for each block of 32 columns instead of each row: nearer to f32, slower");
  visit("--texts", &args.texts, "FILE",
        "texts to fit and to judge the weights with, a line each, such as the model will meet");
  visit.default_text("texts that come with firth, most of them English");
  visit("--threads", &args.threads, "N", "threads");
  visit.default_text("all that the process may use");
  visit.group("Output");
  visit("--json", &args.json, "", "print the report as one JSON object");
}

std::vector<std::string> read_texts(const std::string& path) {
  std::vector<std::string> texts;
  if (path.empty()) return texts;
  RecordReader reader({path});
  Record record;
  while (texts.size() < kMostTexts && reader.next(record)) {
    if (!record.text.empty()) texts.push_back(record.text);
  }
  if (texts.size() < kFewestTexts) {
    usage_error("--texts: expected at least ", kFewestTexts, " texts in ", quoted(path), ", found ",
                texts.size());
  }
  return texts;
}

void print_json(const QuantizeReport& report, const std::string& output) {
  JsonWriter json;
  json.begin_object().field("output", output);
  json.key("certificate").raw(to_json(report.certificate));
  json.field("bytes_before", report.bytes_before).field("bytes_after", report.bytes_after);
  json.key("layers").begin_array();
  for (const LayerDrift& layer : report.layers)
    json.begin_object().field("name", layer.name).field("drift", layer.drift).end_object();
  print(json.end_array().end_object().newline().take());
}

void print_text(const QuantizeReport& report, const std::string& output) {
  const Int8Certificate& found = report.certificate;
  const auto megabytes = [](std::uint64_t bytes) {
    return fixed(static_cast<double>(bytes) * 1e-6, 1) + " MB";
  };
  print(output, ": int8 weights with scales for ", found.blocks ? "blocks of 32" : "rows", "\n");
  print("cosine to f32   mean ", fixed(found.cosine_mean, 5), ", least ",
        fixed(found.cosine_min, 5), ", over ", found.num_texts, " texts\n");
  print("weights         ", megabytes(report.bytes_before), " before, ",
        megabytes(report.bytes_after), " now\n");
  std::vector<LayerDrift> layers = report.layers;
  std::ranges::stable_sort(layers, std::greater<>(), &LayerDrift::drift);
  print("drift of outputs, the worst of ", layers.size(), " layers\n");
  for (std::size_t i = 0; i < std::min(layers.size(), kLayersShown); ++i)
    print("  ", fixed(100 * layers[i].drift, 2), " %  ", layers[i].name, "\n");
}

class QuantizeCommand final : public Command {
 public:
  CommandInfo info() const override {
    return {.name = "quantize",
            .summary = "Writes a copy of a model with int8 weights, if its vectors stay the same.",
            .arguments = "MODEL -o FOLDER",
            .examples = {{{"firth quantize all-MiniLM-L6-v2 -o models/minilm-int8",
                           "then use it as any model"},
                          {"firth quantize all-MiniLM-L6-v2 -o models/minilm-int8 --careful",
                           "nearer to f32"},
                          {"firth quantize bge-small -o models/bge-int8 --texts reviews.txt",
                           "judged by texts of your own"}}},
            .notes =
                "Half of the texts fit the weights, the others judge them. The folder is "
                "written only if the cosines between int8 and f32 vectors reach 0.997 in the "
                "mean and 0.99 at least (--careful: 0.9995 and 0.998); else the layer that "
                "drifts most is named and the exit code is 1."};
  }

  void for_each_option(OptionTable& visit) override { for_each_field(args_, visit); }

  int run(const CommonArgs& /*common*/) override {
    require_argument(*this, "a model", !args_.model.empty());
    require_argument(*this, "-o FOLDER", !args_.output.empty());
    ThreadPool pool(args_.threads);
    Workspace workspace(pool);
    const QuantizeReport report =
        quantize_model(resolve_model(args_.model), args_.output,
                       {.careful = args_.careful, .texts = read_texts(args_.texts)}, workspace);
    args_.json ? print_json(report, args_.output) : print_text(report, args_.output);
    return 0;
  }

 private:
  QuantizeArgs args_;
};

}  // namespace

std::unique_ptr<Command> make_quantize() {
  return std::make_unique<QuantizeCommand>();
}

}  // namespace firth::cli
