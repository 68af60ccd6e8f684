// `firth train fasttext`: vectors of words from their character n-grams, or, with --supervised,
// labels of texts, in fastText's own files.
#include <chrono>

#include "cli/interrupt.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/usage_error.h"
#include "cli/verbs.h"
#include "cli/word_training.h"
#include "firth/core/error.h"
#include "firth/io/json_writer.h"
#include "firth/words/fasttext_classifier.h"
#include "firth/words/fasttext_training.h"
#include "firth/words/word_output.h"

namespace firth::cli {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

bool is_fasttext_file(const std::string& path) {
  return path.ends_with(".bin") || path.ends_with(".ftz");
}

struct FastTextArgsOfVerb {
  WordTrainingArgs words;
  bool supervised = false;
  std::string loss = "linear";
  std::optional<std::size_t> word_ngrams;
  std::optional<std::size_t> minn;
  std::optional<std::size_t> maxn;
  std::optional<std::size_t> bucket;
  double c = 0;
  double seconds = 60;
  bool multi_label = false;
  std::string label_prefix = "__label__";
  std::string test;
  double threshold = 0;
  std::size_t dsub = 2;
  bool qnorm = false;
  bool qout = false;
  std::size_t cutoff = 0;
};

struct LabelledSet {
  std::vector<LabelledLine> lines;
  std::vector<LabelledText> texts;  // views into the lines
};

LabelledSet read_labelled(const InputArgs& input, const std::string& prefix,
                          std::vector<std::string>& names) {
  LabelledSet set;
  TextInput text(input);
  for (Record record; text.next(record);) {
    set.lines.push_back(parse_labelled_line(record.text, prefix, names));
    check_interrupt();
  }
  for (const LabelledLine& line : set.lines)
    set.texts.push_back({.text = line.text, .labels = line.labels});
  return set;
}

void add_quality(JsonWriter& json, const ClassificationQuality& quality) {
  json.field("accuracy", quality.accuracy).field("micro_f1", quality.micro_f1);
  json.field("macro_f1", quality.macro_f1).key("labels").begin_array();
  for (const LabelQuality& label : quality.labels) {
    json.begin_object().field("label", label.label).field("support", label.support);
    json.field("precision", label.precision()).field("recall", label.recall());
    json.field("f1", label.f1()).field("best_threshold", label.best_threshold).end_object();
  }
  json.end_array();
}

class TrainFastTextCommand final : public Command {
 public:
  TrainFastTextCommand() {
    args_.words.training.sample = 1e-4;
    args_.words.training.ns_exponent = 0.5;
    args_.words.training.lr = 0.05;
    args_.words.training.min_lr = 0;
  }

  CommandInfo info() const override {
    return {.name = "train fasttext",
            .summary = "Learns vectors of words from their character n-grams, or labels of texts.",
            .arguments = "CORPUS… -o PATH",
            .examples = {{{"firth train fasttext corpus.txt -o words.bin",
                           "skip-gram with n-grams of 3 to 6 characters, fastText's .bin"},
                          {"firth train fasttext corpus.txt -o words.ftz --qnorm",
                           "the same, quantised to about a tenth"},
                          {"firth train fasttext labelled.txt --supervised -o topics.bin --test "
                           "held-out.txt",
                           "labels: a line is '__label__sport the text'"}}},
            .notes =
                ".bin and .ftz are fastText's own files; .vec, .npy and the others of `train "
                "word2vec` hold the vectors of the known words. With --supervised and --loss "
                "linear (the default) a linear support vector machine over TF-IDF is learned, "
                "its features and C are tried on held-out texts, and the model is fastText's "
                "all the same; the other losses are gradient descent as in fastText."};
  }

  void for_each_option(OptionTable& visit) override {
    for_each_corpus_field(args_.words, visit);
    for_each_training_field(args_.words, visit);
    visit.group("n-grams");
    visit("--minn", &args_.minn, "N", "characters of the shortest n-gram");
    visit.default_text("3; with --supervised tried");
    visit("--maxn", &args_.maxn, "N", "characters of the longest n-gram; 0 = whole words only");
    visit.default_text("6; with --supervised tried");
    visit("--bucket", &args_.bucket, "N", "rows that n-grams share");
    visit.default_text("2000000; with --supervised as many as there are, about");
    visit.group("Labels");
    visit("--supervised", &args_.supervised, "", "learn the labels that lines begin with");
    visit("--loss", &args_.loss, "NAME", "how labels are learned",
          {"linear", "softmax", "ns", "hs", "ova"});
    visit("--word-ngrams", &args_.word_ngrams, "N", "n-grams of words");
    visit.default_text("2, or tried");
    visit("--c", &args_.c, "X", "weight of errors of linear; 0 = tried");
    visit("--autotune-duration", &args_.seconds, "SECONDS", "for what is tried");
    visit("--multi-label", &args_.multi_label, "", "a text may have several labels or none");
    visit("--label-prefix", &args_.label_prefix, "TEXT", "what labels begin with");
    visit("--test", &args_.test, "FILE", "labelled lines to measure the model on");
    visit("--threshold", &args_.threshold, "X",
          "in --test: a label is found where its probability is this much; 0 = the best one");
    visit.group("Quantising (.ftz)");
    visit("--dsub", &args_.dsub, "N", "components of a code");
    visit("--qnorm", &args_.qnorm, "", "lengths apart from directions");
    visit("--qout", &args_.qout, "", "the output table too");
    visit("--cutoff", &args_.cutoff, "N",
          "with --supervised: keep the N rows that matter; 0 = all");
    for_each_running_field(args_.words, visit);
  }

  int run(const CommonArgs& /*common*/) override {
    require_argument(*this, "CORPUS", !args_.words.input.inputs.empty());
    settle_args(args_.words);
    return args_.supervised ? run_supervised() : run_words();
  }

 private:
  void write(const std::shared_ptr<const FastTextModel>& model) const {
    const std::string& path = args_.words.output;
    if (!path.ends_with(".ftz")) return model->write(path);
    model
        ->quantize({.dsub = args_.dsub,
                    .qnorm = args_.qnorm,
                    .qout = args_.qout,
                    .cutoff = args_.cutoff,
                    .seed = args_.words.seed})
        ->write(path);
  }

  int run_words() {
    WordTrainingOptions& training = args_.words.training;
    training.minn = args_.minn.value_or(3);
    training.maxn = args_.maxn.value_or(6);
    training.bucket = args_.bucket.value_or(2'000'000);
    args_.words.corpus.end_words = true;
    const bool whole = is_fasttext_file(args_.words.output);
    if (whole && training.hs && training.negative > 0) {
      usage_error("--hs: expected with --negative 0, for a fastText file holds one output table");
    }
    if (!whole) check_word_output(args_.words.output);
    ThreadPool pool(args_.words.threads);
    TrainingSeconds seconds;
    auto start = Clock::now();
    const Corpus corpus = read_corpus(args_.words, pool);
    seconds.reading = seconds_since(start);
    start = Clock::now();
    WordTrainer trainer(corpus, training, pool);
    start_from(trainer, args_.words, corpus);
    const std::vector<EpochReport> epochs = train_words(trainer, args_.words);
    seconds.training = seconds_since(start);
    start = Clock::now();
    if (whole) {
      write(fasttext_model_of(trainer, corpus, training, args_.words.corpus.min_count));
    } else {
      write_word_vectors(args_.words.output, corpus.words, trainer.vectors());
    }
    seconds.writing = seconds_since(start);
    report_training(args_.words, corpus, epochs, seconds);
    return 0;
  }

  FastTextClassifierOptions classifier_options() const {
    const WordTrainingOptions& training = args_.words.training;
    FastTextClassifierOptions options;
    if (args_.loss != "linear") {
      options.loss = parse_fasttext_loss(args_.loss);
      options.dim = training.dim;
      options.epochs = training.epochs == 5 ? options.epochs : training.epochs;
      options.lr = training.lr == 0.05 ? options.lr : training.lr;
    }
    if (args_.word_ngrams || args_.maxn || args_.minn) {
      const std::size_t maxn = args_.maxn.value_or(args_.minn.value_or(0));
      options.features = TextFeatures{.word_ngrams = args_.word_ngrams.value_or(2),
                                      .minn = args_.minn.value_or(maxn > 0 ? 1 : 0),
                                      .maxn = maxn};
    }
    options.min_count = args_.words.corpus.min_count == 5 ? 1 : args_.words.corpus.min_count;
    options.negative = training.negative;
    options.c = args_.c;
    options.bucket = args_.bucket.value_or(0);
    options.seconds = args_.seconds;
    options.multi_label = args_.multi_label;
    options.seed = args_.words.seed;
    options.label_prefix = args_.label_prefix;
    return options;
  }

  int run_supervised() {
    if (!is_fasttext_file(args_.words.output))
      usage_error("--output: expected .bin or .ftz with --supervised, found ", args_.words.output);
    std::vector<std::string> names;
    const LabelledSet set = read_labelled(args_.words.input, args_.label_prefix, names);
    ThreadPool pool(args_.words.training.deterministic ? 1 : args_.words.threads);
    const auto start = Clock::now();
    Progress progress(parse_progress_mode(args_.words.progress), "% learned");
    FastTextClassifierReport report;
    const auto model = train_fasttext_classifier(
        set.texts, names, classifier_options(), pool, &report, [&](double fraction) {
          check_interrupt();
          progress.update(
              {.done = static_cast<std::uint64_t>(100 * fraction), .fraction = fraction});
        });
    write(model);
    report_supervised(*model, set.texts.size(), report, seconds_since(start), pool);
    return 0;
  }

  void report_supervised(const FastTextModel& trained, std::size_t num_texts,
                         const FastTextClassifierReport& report, double seconds,
                         ThreadPool& pool) const {
    std::optional<ClassificationQuality> quality;
    if (!args_.test.empty()) {
      const auto model = FastTextModel::open(args_.words.output);
      std::vector<std::string> names;
      InputArgs input = args_.words.input;
      input.inputs = {args_.test};
      LabelledSet set = read_labelled(input, args_.label_prefix, names);
      for (LabelledText& text : set.texts) {
        for (std::uint32_t& label : text.labels) {
          const auto found = model->labels().find(args_.label_prefix + names[label]);
          label = found ? static_cast<std::uint32_t>(*found) : UINT32_MAX;
        }
      }
      quality = evaluate_fasttext(*model, set.texts, args_.threshold, pool);
    }
    if (args_.words.json) return print_json(trained, num_texts, report, seconds, quality);
    print(args_.words.output, ": ", grouped(trained.labels().size()), " labels, learned from ",
          counted(num_texts, "text"), " in ", fixed(seconds, 1), " s; word n-grams up to ",
          report.features.word_ngrams);
    if (report.features.maxn > 0)
      print(", character n-grams ", report.features.minn, " to ", report.features.maxn);
    print("\n");
    if (!quality) return;
    print(args_.test, ": accuracy ", fixed(quality->accuracy, 4), ", micro F1 ",
          fixed(quality->micro_f1, 4), ", macro F1 ", fixed(quality->macro_f1, 4), "\n");
    print("  precision  recall  F1      threshold  texts  label\n");
    for (const LabelQuality& label : quality->labels) {
      print("  ", fixed(label.precision(), 4), "     ", fixed(label.recall(), 4), "  ",
            fixed(label.f1(), 4), "  ", fixed(label.best_threshold, 4), "     ", label.support,
            "  ", label.label, "\n");
    }
  }

  void print_json(const FastTextModel& model, std::size_t num_texts,
                  const FastTextClassifierReport& report, double seconds,
                  const std::optional<ClassificationQuality>& quality) const {
    JsonWriter json;
    json.begin_object().field("output", args_.words.output).field("texts", num_texts);
    json.field("labels", model.labels().size()).field("words", model.words().size());
    json.field("word_ngrams", report.features.word_ngrams).field("minn", report.features.minn);
    json.field("maxn", report.features.maxn).field("c", report.c).field("seconds", seconds);
    json.key("trials").begin_array();
    for (const FastTextTrial& trial : report.trials) {
      json.begin_object().field("word_ngrams", trial.features.word_ngrams);
      json.field("minn", trial.features.minn).field("maxn", trial.features.maxn);
      json.field("c", trial.c).field("quality", trial.accuracy).end_object();
    }
    json.end_array();
    if (quality) {
      json.key("test").begin_object();
      add_quality(json, *quality);
      json.end_object();
    }
    print(json.end_object().newline().take());
  }

  FastTextArgsOfVerb args_;
};

}  // namespace

std::unique_ptr<Command> make_train_fasttext() {
  return std::make_unique<TrainFastTextCommand>();
}

}  // namespace firth::cli
