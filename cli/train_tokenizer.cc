// `firth train tokenizer`: a tokenizer.json learned from texts.
#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "cli/input_args.h"
#include "cli/interrupt.h"
#include "cli/model_args.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/trainer_flags.h"
#include "cli/usage_error.h"
#include "cli/verbs.h"
#include "firth/core/error.h"
#include "firth/core/thread_pool.h"
#include "firth/io/atomic_file.h"
#include "firth/io/json.h"
#include "firth/io/json_writer.h"
#include "firth/text/tokenizer.h"
#include "firth/text/tokenizer_trainer.h"

namespace firth::cli {
namespace {

struct TrainTokenizerArgs {
  std::string kind;
  InputArgs input;
  std::string output;
  std::string like;
  std::string preset;
  std::string normalizer;
  std::string pre_tokenizer;
  std::optional<std::string> unk_token;
  TrainerFlags trainer;
  std::size_t threads = 0;
  std::string progress = "auto";
  bool json = false;
};

void for_each_field(TrainTokenizerArgs& args, OptionTable& visit) {
  visit("KIND", &args.kind, "", "what to learn: bpe, wordpiece, unigram or word");
  visit("[TEXT|PATH…]", &args.input.inputs, "",
        "texts to learn from: files (text lines, .jsonl, .csv, .tsv, .gz, .zst; - is standard "
        "input) and folders of text files");
  visit("-o,--output", &args.output, "FILE", "the tokenizer.json to write");
  visit.group("Words");
  visit("--preset", &args.preset, "NAME", "how texts are cut into words, as known tokenizers do",
        recipe_names());
  visit.default_text("bpe: byte-level; wordpiece: bert; unigram: metaspace; word: whitespace");
  visit("--like", &args.like, "PATH",
        "a tokenizer.json whose normalizer, pre-tokenizer, post-processor, decoder and special "
        "tokens to take");
  visit("--normalizer", &args.normalizer, "NAME[,NAME…]",
        "another normalizer: nfc, nfd, nfkc, nfkd, lowercase, strip, strip-accents, nmt, bert, "
        "bert-cased, none, or a JSON object as in tokenizer.json");
  visit("--pre-tokenizer", &args.pre_tokenizer, "NAME[,NAME…]",
        "another pre-tokenizer: byte-level, byte-level-prefix, bert, metaspace, whitespace, "
        "whitespace-split, punctuation, digits, scripts, none, or a JSON object");
  visit.group("Training");
  args.trainer.visit_all(visit);
  visit("--unk-token", &args.unk_token, "TOKEN", "the token that stands for what is not known");
  visit.default_text("[UNK], <unk> or <UNK> if it is a special token; unigram: else <unk>");
  for_each_field(args.input, visit);
  visit.group("Running");
  visit("--threads", &args.threads, "N", "threads; the result is the same with any number");
  visit.default_text("all that the process may use");
  visit("--progress", &args.progress, "MODE", "when to show progress on stderr",
        {"auto", "always", "never"});
  visit.group("Output");
  visit("--json", &args.json, "", "print the report as one JSON object");
}

TokenizerRecipe recipe_of(const TokenizerKind& kind, const TrainTokenizerArgs& args) {
  TokenizerRecipe recipe;
  if (args.like.empty()) {
    recipe = preset_recipe(args.preset.empty() ? kind.preset : args.preset);
  } else {
    if (!args.preset.empty()) usage_error("--preset: expected without --like, found both");
    recipe = read_recipe(JsonDocument::read(args.like).root());
    if (recipe.model_type != kind.model_type) recipe.unk_token.clear();
  }
  if (!args.normalizer.empty()) recipe.normalizer = normalizer_json(args.normalizer);
  if (!args.pre_tokenizer.empty()) recipe.pre_tokenizer = pre_tokenizer_json(args.pre_tokenizer);
  if (args.unk_token) recipe.unk_token = *args.unk_token;
  return recipe;
}

class TrainTokenizerCommand final : public Command {
 public:
  CommandInfo info() const override {
    return {.name = "train tokenizer",
            .summary = "Learns a tokenizer from your texts and writes a tokenizer.json.",
            .arguments = "KIND [TEXT|PATH…] -o FILE",
            .examples = {{{"firth train tokenizer bpe corpus.txt -o tokenizer.json",
                           "byte-level BPE as GPT-2 has it, 30,000 tokens"},
                          {"firth train tokenizer wordpiece reviews.jsonl --field text "
                           "--vocab-size 8000 -o tokenizer.json",
                           "BERT's, from a field of JSON lines"},
                          {"firth train tokenizer bpe corpus.txt --like old/tokenizer.json -o "
                           "tokenizer.json",
                           "cut and decoded as another one, with a vocabulary of your texts"}}},
            .notes =
                "Merges and vocabulary are those of the library tokenizers with the same options, "
                "wherever its own do not differ from run to run. The file is read by it, by "
                "transformers, and by firth."};
  }

  void for_each_option(OptionTable& visit) override { for_each_field(args_, visit); }

  int run(const CommonArgs& /*common*/) override {
    require_argument(*this, "KIND", !args_.kind.empty());
    const TokenizerKind& kind = find_tokenizer_kind(args_.kind);
    if (args_.output.empty()) usage_error("--output: expected the file to write, found nothing");
    TokenizerRecipe recipe = recipe_of(kind, args_);
    TrainerOptions options = args_.trainer.options_of(kind);
    const auto is_set = [this](std::string_view field) {
      return field == "unk_token" ? args_.unk_token.has_value() : args_.trainer.is_given(field);
    };
    args_.like.empty() ? complete(recipe, options, is_set) : follow(recipe, options, is_set);
    ThreadPool pool(checked_threads(args_.threads));
    TokenizerTrainer trainer(std::move(recipe), options, pool);
    AtomicFile file(args_.output);
    const auto start = std::chrono::steady_clock::now();
    read(trainer);
    learn(trainer, file);
    seconds_ = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    file.commit();
    report();
    return 0;
  }

 private:
  void read(TokenizerTrainer& trainer) {
    TextInput input(args_.input);
    Progress progress(parse_progress_mode(args_.progress), "texts");
    while (true) {
      const std::vector<Record> block = read_block(input);
      if (block.empty()) return;
      trainer.add(text_views(block));
      num_texts_ += block.size();
      progress.update({.done = num_texts_, .fraction = input.fraction()});
      check_interrupt();
    }
  }

  void learn(TokenizerTrainer& trainer, AtomicFile& file) {
    Progress progress(parse_progress_mode(args_.progress), "% learned");
    const std::string json = trainer.train([&](std::string_view, double fraction) {
      check_interrupt();
      progress.update({.done = static_cast<std::uint64_t>(100 * fraction), .fraction = fraction});
    });
    file.write(json);
    const JsonDocument document = JsonDocument::parse(json, args_.output);
    vocab_size_ = document.root().at("model").at("vocab").size();
  }

  void report() const {
    if (!args_.json) {
      print(args_.output, ": ", grouped(vocab_size_), " tokens, learned from ",
            counted(num_texts_, "text"), " in ", duration_text(seconds_), "\n");
      return;
    }
    JsonWriter json;
    json.begin_object().field("output", args_.output).field("kind", args_.kind);
    json.field("vocab_size", vocab_size_).field("texts", num_texts_);
    print(json.field("seconds", seconds_).end_object().newline().take());
  }

  TrainTokenizerArgs args_;
  std::uint64_t num_texts_ = 0;
  std::size_t vocab_size_ = 0;
  double seconds_ = 0;
};

}  // namespace

std::unique_ptr<Command> make_train_tokenizer() {
  return std::make_unique<TrainTokenizerCommand>();
}

}  // namespace firth::cli
