// `firth train tokenizer`: a tokenizer.json learned from texts.
#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "cli/input_args.h"
#include "cli/interrupt.h"
#include "cli/output.h"
#include "cli/progress.h"
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

// The four kinds of tokenizers: what they are called here and in tokenizer.json, how their words
// are cut unless told otherwise, and how their trainers are set up.
struct Kind {
  std::string_view name;
  std::string_view model_type;
  std::string_view preset;
  TrainerOptions options;
};

const std::vector<Kind>& kinds() {
  static const std::vector<Kind> kinds = {
      {"bpe", "BPE", "byte-level", BpeTrainerOptions{}},
      {"wordpiece", "WordPiece", "bert",
       WordPieceTrainerOptions{.special_tokens = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"}}},
      {"word", "WordLevel", "whitespace", WordLevelTrainerOptions{.special_tokens = {"[UNK]"}}},
  };
  return kinds;
}

// Options of the trainers, given or not; each has the type of a field.
using Given = std::variant<std::optional<std::size_t>, std::optional<double>,
                           std::optional<std::string>, std::vector<std::string>>;

Given not_given(std::size_t /*field*/) {
  return std::optional<std::size_t>();
}

Given not_given(const std::optional<std::size_t>& /*field*/) {
  return std::optional<std::size_t>();
}

[[maybe_unused]] Given not_given(double /*field*/) {
  return std::optional<double>();
}

Given not_given(const std::string& /*field*/) {
  return std::optional<std::string>();
}

Given not_given(const std::vector<std::string>& /*field*/) {
  return std::vector<std::string>();
}

bool is_given(const Given& given) {
  if (const auto* list = std::get_if<std::vector<std::string>>(&given)) return !list->empty();
  if (const auto* text = std::get_if<std::optional<std::string>>(&given)) return text->has_value();
  if (const auto* number = std::get_if<std::optional<double>>(&given)) return number->has_value();
  return std::get<std::optional<std::size_t>>(given).has_value();
}

std::vector<std::string> split_at_commas(const std::vector<std::string>& lists) {
  std::vector<std::string> parts;
  for (std::string_view list : lists) {
    for (std::size_t comma = 0; !list.empty(); list.remove_prefix(comma)) {
      comma = std::min(list.find(','), list.size());
      if (comma > 0) parts.emplace_back(list.substr(0, comma));
      comma = std::min(comma + 1, list.size());
    }
  }
  return parts;
}

void take(std::size_t& field, const Given& given) {
  field = *std::get<std::optional<std::size_t>>(given);
}

void take(std::optional<std::size_t>& field, const Given& given) {
  field = std::get<std::optional<std::size_t>>(given);
}

[[maybe_unused]] void take(double& field, const Given& given) {
  field = *std::get<std::optional<double>>(given);
}

void take(std::string& field, const Given& given) {
  field = *std::get<std::optional<std::string>>(given);
}

void take(std::vector<std::string>& field, const Given& given) {
  field = split_at_commas(std::get<std::vector<std::string>>(given));
}

// "vocab_size" as an option: "--vocab-size".
std::string flag_of(std::string_view field) {
  std::string flag = "--" + std::string(field);
  std::ranges::replace(flag, '_', '-');
  return flag;
}

std::string_view value_name(const Given& given) {
  if (std::holds_alternative<std::vector<std::string>>(given)) return "TOKEN[,TOKEN…]";
  if (std::holds_alternative<std::optional<std::string>>(given)) return "TEXT";
  return std::holds_alternative<std::optional<double>>(given) ? "X" : "N";
}

Target target_of(Given& given) {
  return std::visit([](auto& value) { return Target(&value); }, given);
}

// "bpe, wordpiece": the kinds that have an option.
std::string kinds_with(std::string_view field) {
  std::string names;
  for (const Kind& kind : kinds()) {
    std::visit(
        [&](const auto& options) {
          for_each_field(options, [&](std::string_view name, const auto&, std::string_view) {
            if (name == field) names.append(names.empty() ? "" : ", ").append(kind.name);
          });
        },
        kind.options);
  }
  return names;
}

struct TrainTokenizerArgs {
  std::string kind;
  InputArgs input;
  std::string output;
  std::string like;
  std::string preset;
  std::string normalizer;
  std::string pre_tokenizer;
  std::string unk_token;
  std::map<std::string, Given, std::less<>> given;  // by field
  std::size_t threads = 0;
  std::string progress = "auto";
  bool json = false;
};

std::string default_of(std::size_t field) {
  return std::to_string(field);
}

[[maybe_unused]] std::string default_of(double field) {
  std::ostringstream out;
  out << field;
  return out.str();
}

std::string default_of(const std::optional<std::size_t>& field) {
  return field ? std::to_string(*field) : "";
}

std::string default_of(const std::string& field) {
  return field;
}

std::string default_of(const std::vector<std::string>& field) {
  std::string list;
  for (const std::string& token : field) list.append(list.empty() ? "" : ",").append(token);
  return list;
}

// "bpe 30000, unigram 8000", or one value where all agree.
std::string defaults_of(std::string_view field) {
  std::vector<std::pair<std::string_view, std::string>> found;
  for (const Kind& kind : kinds()) {
    std::visit(
        [&](const auto& options) {
          for_each_field(options, [&](std::string_view name, const auto& value, std::string_view) {
            if (name == field) found.emplace_back(kind.name, default_of(value));
          });
        },
        kind.options);
  }
  const auto& first = found.front().second;
  if (std::ranges::all_of(found, [&](const auto& one) { return one.second == first; }))
    return first;
  std::string text;
  for (const auto& [kind, value] : found) {
    if (value.empty()) continue;
    text.append(text.empty() ? "" : "; ").append(kind).append(": ").append(value);
  }
  return text;
}

// The options of all trainers, each once.
void visit_trainer_options(TrainTokenizerArgs& args, OptionTable& visit) {
  args.given.clear();
  for (const Kind& kind : kinds()) {
    std::visit(
        [&](const auto& options) {
          for_each_field(options, [&](std::string_view name, const auto& value,
                                      std::string_view help) {
            const auto [at, is_new] = args.given.try_emplace(std::string(name), not_given(value));
            if (!is_new) return;
            visit(flag_of(name), target_of(at->second), value_name(at->second),
                  std::string(help) + " (" + kinds_with(name) + ")");
            visit.default_text(defaults_of(name));
          });
        },
        kind.options);
  }
}

void for_each_field(TrainTokenizerArgs& args, OptionTable& visit) {
  visit("KIND", &args.kind, "", "what to learn: bpe, wordpiece or word");
  visit("[TEXT|PATH…]", &args.input.inputs, "",
        "texts to learn from: files (text lines, .jsonl, .csv, .tsv, .gz, .zst; - is standard "
        "input) and folders of text files");
  visit("-o,--output", &args.output, "FILE", "the tokenizer.json to write");
  visit.group("Words");
  visit("--preset", &args.preset, "NAME", "how texts are cut into words, as known tokenizers do",
        recipe_names());
  visit.default_text("bpe: byte-level; wordpiece: bert; word: whitespace");
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
  visit_trainer_options(args, visit);
  visit("--unk-token", &args.unk_token, "TOKEN", "the token that stands for what is not known");
  visit.default_text("[UNK], <unk> or <UNK> if it is a special token");
  for_each_field(args.input, visit);
  visit.group("Running");
  visit("--threads", &args.threads, "N", "threads; the result is the same with any number");
  visit.default_text("all that the process may use");
  visit("--progress", &args.progress, "MODE", "when to show progress on stderr",
        {"auto", "always", "never"});
  visit.group("Output");
  visit("--json", &args.json, "", "print the report as one JSON object");
}

const Kind& find_kind(const std::string& name) {
  std::vector<std::string> names;
  std::string list;
  for (const Kind& kind : kinds()) {
    if (kind.name == name) return kind;
    names.emplace_back(kind.name);
    list += (list.empty() ? "" : ", ") + names.back();
  }
  usage_error("train tokenizer: expected one of ", list, ", found ", quoted(name),
              suggestion(name, names));
}

// The kind's options with those that were given.
TrainerOptions trainer_options(const Kind& kind, const TrainTokenizerArgs& args,
                               const TokenizerRecipe& recipe) {
  TrainerOptions options = kind.options;
  std::vector<std::string> known;
  std::visit(
      [&](auto& fields) {
        for_each_field(fields, [&](std::string_view name, auto& field, std::string_view) {
          known.emplace_back(name);
          if (is_given(args.given.at(std::string(name)))) {
            take(field, args.given.at(std::string(name)));
            return;
          }
          using Field = std::remove_reference_t<decltype(field)>;
          if constexpr (std::is_same_v<Field, std::vector<std::string>>) {
            if (args.like.empty()) return;
            field.clear();
            for (const AddedToken& token : recipe.added_tokens) field.push_back(token.content);
          } else if constexpr (std::is_same_v<Field, std::string>) {
            if (name == "initial_alphabet" && is_byte_level(recipe)) field = byte_alphabet();
            if (args.like.empty()) return;
            if (name == "end_of_word_suffix") field = recipe.end_of_word_suffix;
            if (name == "continuing_subword_prefix") field = recipe.continuing_subword_prefix;
          }
        });
      },
      options);
  for (const auto& [name, given] : args.given) {
    if (is_given(given) && std::ranges::find(known, name) == known.end()) {
      usage_error(flag_of(name), ": expected with ", kinds_with(name), ", found with ", kind.name);
    }
  }
  return options;
}

TokenizerRecipe recipe_of(const Kind& kind, const TrainTokenizerArgs& args) {
  TokenizerRecipe recipe;
  if (!args.like.empty()) {
    if (!args.preset.empty()) usage_error("--preset: expected without --like, found both");
    recipe = read_recipe(JsonDocument::read(args.like).root());
    if (recipe.model_type != kind.model_type) recipe.unk_token.clear();
  } else {
    recipe = preset_recipe(args.preset.empty() ? kind.preset : args.preset);
  }
  if (!args.normalizer.empty()) recipe.normalizer = normalizer_json(args.normalizer);
  if (!args.pre_tokenizer.empty()) {
    recipe.pre_tokenizer = pre_tokenizer_json(args.pre_tokenizer);
    // The preset's decoder would undo what is no longer done.
    if (args.like.empty() && args.preset.empty()) {
      recipe.post_processor = recipe.decoder = "null";
    }
  }
  return recipe;
}

std::vector<std::string> special_tokens_of(const TrainerOptions& options) {
  return std::visit([](const auto& fields) { return fields.special_tokens; }, options);
}

bool is_among(const std::vector<std::string>& tokens, std::string_view token) {
  return std::ranges::find(tokens, token) != tokens.end();
}

std::string unk_token_of(const TrainTokenizerArgs& args, const TokenizerRecipe& recipe,
                         const TrainerOptions& options) {
  if (!args.unk_token.empty()) return args.unk_token;
  if (!recipe.unk_token.empty()) return recipe.unk_token;
  const std::vector<std::string> tokens = special_tokens_of(options);
  for (const char* usual : {"[UNK]", "<unk>", "<UNK>"}) {
    if (is_among(tokens, usual)) return usual;
  }
  return "";
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
    const Kind& kind = find_kind(args_.kind);
    if (args_.output.empty()) usage_error("--output: expected the file to write, found nothing");
    TokenizerRecipe recipe = recipe_of(kind, args_);
    const TrainerOptions options = trainer_options(kind, args_, recipe);
    recipe.unk_token = unk_token_of(args_, recipe, options);
    ThreadPool pool(args_.threads);
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
