// `firth train word2vec`: vectors of words, or of any items, from the company they keep.
#include <chrono>

#include "cli/usage_error.h"
#include "cli/verbs.h"
#include "cli/word_training.h"
#include "firth/io/atomic_file.h"
#include "firth/words/word_output.h"

namespace firth::cli {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

class TrainWord2VecCommand final : public Command {
 public:
  CommandInfo info() const override {
    return {
        .name = "train word2vec",
        .summary = "Learns vectors of words, or of other items, from the company they keep.",
        .arguments = "CORPUS… -o PATH",
        .examples = {{{"firth train word2vec corpus.txt -o words.bin",
                       "skip-gram, dimension 100, word2vec's binary form"},
                      {"firth train word2vec corpus.txt.zst -o words.vec --cbow --dim 300 "
                       "--epochs 10",
                       "CBOW, word2vec's text form"},
                      {"firth train word2vec baskets.csv --field items --separator , -o items.npy",
                       "items of baskets; their names lie beside the .npy"}}},
        .notes =
            "PATH ends in .bin or .vec (word2vec's forms), .npy, .safetensors or .jsonl, or "
            "names a folder, which sentence-transformers opens too. Words are what stands "
            "between blanks: lower-case and cut your texts before if that is what you want."};
  }

  void for_each_option(OptionTable& visit) override {
    for_each_corpus_field(args_, visit);
    for_each_training_field(args_, visit);
    visit("--tied", &args_.training.tied, "",
          "one table for words and outputs: neighbours themselves attract");
    visit("--draw", &args_.draw, "FILE.svg",
          "draw the words' way through the epochs as an animated picture; with --dim 2");
    for_each_running_field(args_, visit);
  }

  int run(const CommonArgs& /*common*/) override {
    require_argument(*this, "CORPUS", !args_.input.inputs.empty());
    settle_args(args_);
    check_word_output(args_.output);
    if (!args_.draw.empty() && args_.training.dim != 2)
      usage_error("--draw: expected with --dim 2, found with --dim ", args_.training.dim);
    ThreadPool pool(args_.threads);
    TrainingSeconds seconds;
    auto start = Clock::now();
    const Corpus corpus = read_corpus(args_, pool);
    seconds.reading = seconds_since(start);
    start = Clock::now();
    WordTrainer trainer(corpus, args_.training, pool);
    start_from(trainer, args_, corpus);
    MotionPicture picture;
    const std::vector<EpochReport> epochs =
        train_words(trainer, args_, args_.draw.empty() ? nullptr : &picture);
    seconds.training = seconds_since(start);
    start = Clock::now();
    write_word_vectors(args_.output, corpus.words, trainer.vectors());
    if (!args_.draw.empty()) write_file(args_.draw, picture.svg(corpus.words));
    seconds.writing = seconds_since(start);
    report_training(args_, corpus, epochs, seconds);
    return 0;
  }

 private:
  WordTrainingArgs args_;
};

}  // namespace

std::unique_ptr<Command> make_train_word2vec() {
  return std::make_unique<TrainWord2VecCommand>();
}

}  // namespace firth::cli
