// `firth tokenize`: the tokens that a model sees of a text. With --json one object a line,
//   {"ids":[…],"tokens":[…],"offsets":[[b,e],…]}
// offsets in Unicode code points of the text, and with --details whatever else the reference gives.
// With --decode it goes the other way: each input is a
// list of ids, as "7592 2088", "[7592, 2088]" or an object that --json has printed. Given a
// tokenizer.json itself, its own truncation applies, as the reference does; given a model's folder,
// the model's maximum length.
#include <algorithm>
#include <charconv>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cli/input_args.h"
#include "cli/interrupt.h"
#include "cli/model_lookup.h"
#include "cli/output.h"
#include "cli/usage_error.h"
#include "cli/verbs.h"
#include "firth/core/error.h"
#include "firth/embed/open_embedder.h"
#include "firth/io/json.h"
#include "firth/io/json_writer.h"
#include "firth/models/cross_encoder.h"
#include "firth/text/tokenizer.h"

namespace firth::cli {
namespace {

struct TokenizeArgs {
  std::string model;
  std::size_t max_length = 0;
  std::string pair_field;
  bool no_special = false;
  bool decode = false;
  bool json = false;
  bool details = false;
  InputArgs input;
};

void for_each_field(TokenizeArgs& args, OptionTable& visit) {
  visit("[TEXT|PATH…]", &args.input.inputs, "",
        "texts, or files of them (text lines, .jsonl, .csv, .tsv, .gz, .zst; - is standard input) "
        "and folders of text files");
  visit.group("Tokenizer");
  visit(
      "-m,--model", &args.model, "PATH|NAME",
      "a model's folder or name, or a tokenizer's file: tokenizer.json, vocab.txt, vocab.json with "
      "merges.txt beside it, a SentencePiece .model, .tiktoken");
  visit.default_text("the only model found");
  visit("--max-length", &args.max_length, "N", "tokens of a text, special tokens included");
  visit.default_text("as the model's or the tokenizer's files say");
  visit("--pair-field", &args.pair_field, "NAME",
        "field or column that is the second text of a pair, as cross-encoders take it");
  visit("--no-special", &args.no_special, "", "leave special tokens out");
  visit("--decode", &args.decode, "",
        "turn ids into text: each input is ids with spaces or commas between, or a line of --json");
  for_each_field(args.input, visit);
  visit.group("Output");
  visit("--json", &args.json, "",
        "print a JSON object a line: ids, tokens, offsets ([begin, end) in code points); with "
        "--decode, text");
  visit("--details", &args.details, "", "with --json: type_ids, special_tokens_mask, word_ids too");
}

void write_details(const Encoding& encoding, JsonWriter& json) {
  json.key("type_ids").begin_array();
  for (const std::int32_t id : encoding.type_ids) json.value(id);
  json.end_array().key("special_tokens_mask").begin_array();
  for (const std::uint8_t flag : encoding.special_tokens_mask) json.value(std::int32_t{flag});
  json.end_array().key("word_ids").begin_array();
  for (const auto& word : encoding.word_ids) word ? json.value(*word) : json.null();
  json.end_array();
}

void print_json(const Encoding& encoding, bool details) {
  JsonWriter json;
  json.begin_object().key("ids").begin_array();
  for (const std::int32_t id : encoding.ids) json.value(id);
  json.end_array().key("tokens").begin_array();
  for (const std::string& token : encoding.tokens) json.value(token);
  json.end_array().key("offsets").begin_array();
  for (const TokenSpan& span : encoding.offsets) {
    json.begin_array().value(span.begin).value(span.end).end_array();
  }
  json.end_array();
  if (details) write_details(encoding, json);
  print(json.end_object().newline().take());
}

// For people: a token a line with its id and place, a blank line after each text.
void print_table(const Encoding& encoding) {
  for (std::size_t i = 0; i < encoding.ids.size(); ++i) {
    print(encoding.ids[i], "\t", encoding.tokens[i], "\t", encoding.offsets[i].begin, "-",
          encoding.offsets[i].end, "\n");
  }
  print("\n");
}

constexpr std::string_view kBetweenIds = " ,[]\t";

// "7592 2088", "[7592, 2088]", or an object with "ids".
std::vector<std::int32_t> read_ids(const Record& record) {
  std::vector<std::int32_t> ids;
  const std::string& text = record.text;
  const std::string where = place_of(record);
  if (text.starts_with('{')) {
    const JsonDocument document = JsonDocument::parse(text, where);
    for (const Json& id : document.root().at("ids").elements()) {
      ids.push_back(static_cast<std::int32_t>(id.as_uint(INT32_MAX)));
    }
    return ids;
  }
  for (std::size_t at = text.find_first_not_of(kBetweenIds); at != std::string::npos;) {
    const std::size_t end = std::min(text.find_first_of(kBetweenIds, at), text.size());
    std::int32_t id = -1;
    const auto [stop, code] = std::from_chars(text.data() + at, text.data() + end, id);
    if (stop != text.data() + end || code != std::errc() || id < 0) {
      fail(ErrorKind::kInvalidArgument, where,
           ": expected ids with spaces or commas between, found ",
           quoted(text.substr(at, end - at)));
    }
    ids.push_back(id);
    at = text.find_first_not_of(kBetweenIds, end);
  }
  return ids;
}

class TokenizeCommand final : public Command {
 public:
  CommandInfo info() const override {
    return {
        .name = "tokenize",
        .summary = "Shows the tokens that a model sees of a text.",
        .arguments = "[TEXT|PATH…]",
        .examples = {
            {{"firth tokenize \"unaffable\"", "id, token and place in the text, a line each"},
             {"firth tokenize --json --field text reviews.jsonl", "an object a line, for programs"},
             {"firth tokenize --model path/tokenizer.json --no-special \"a text\"",
              "of a tokenizer's file, without [CLS] and [SEP]"}}}};
  }

  void for_each_option(OptionTable& visit) override { for_each_field(args_, visit); }

  int run(const CommonArgs& common) override {
    static_cast<void>(common);
    if (args_.decode && !args_.pair_field.empty()) {
      usage_error("--pair-field: --decode reads ids, not pairs of texts");
    }
    if (args_.details && !args_.json)
      usage_error("--details: expected --json beside it, found none");
    if (!args_.pair_field.empty()) args_.input.extra_fields = {args_.pair_field};
    const std::string path = resolve_model(args_.model);
    const Opened opened = open(path);
    const Tokenizer* const tokenizer = opened.tokenizer;
    const EncodeOptions options = encode_options(opened);
    TextInput input(args_.input);
    Record record;
    while (input.next(record)) {
      args_.decode ? print_decoded(*tokenizer, record) : print_encoded(*tokenizer, record, options);
      check_interrupt();
    }
    return 0;
  }

 private:
  void print_encoded(const Tokenizer& tokenizer, const Record& record,
                     const EncodeOptions& options) const {
    const Encoding encoding = record.extra.empty()
                                  ? tokenizer.encode(record.text, options)
                                  : tokenizer.encode_pair(record.text, record.extra[0], options);
    args_.json ? print_json(encoding, args_.details) : print_table(encoding);
  }

  void print_decoded(const Tokenizer& tokenizer, const Record& record) const {
    const std::string text = tokenizer.decode(read_ids(record), args_.no_special);
    if (!args_.json) {
      print(text, "\n");
      return;
    }
    JsonWriter json;
    print(json.begin_object().key("text").value(text).end_object().newline().take());
  }

  // A tokenizer that was opened by itself, or that of a model.
  struct Opened {
    std::unique_ptr<const Embedder> embedder;
    std::unique_ptr<const Tokenizer> alone;
    const Tokenizer* tokenizer = nullptr;
  };

  static Opened open(const std::string& path) {
    Opened opened;
    // A folder without a model is a tokenizer's: its own say counts.
    const bool model = std::filesystem::exists(path + "/config.json") ||
                       std::filesystem::exists(path + "/modules.json");
    if (model) {
      OpenOptions options;
      if (is_cross_encoder(path)) options.pooling = "mean";  // its tokens are asked for, no vectors
      opened.embedder = open_embedder(path, options);
      opened.tokenizer = opened.embedder->tokenizer();
    } else {
      opened.alone = open_tokenizer(path);
      opened.tokenizer = opened.alone.get();
    }
    return opened;
  }

  EncodeOptions encode_options(const Opened& opened) const {
    EncodeOptions options{.add_special_tokens = !args_.no_special,
                          .max_length = opened.tokenizer->truncation_max_length()};
    if (opened.embedder) {
      options.max_length = opened.embedder->description().max_length;
      // Tables of static vectors never see special tokens.
      if (opened.embedder->description().num_layers == 0) options.add_special_tokens = false;
    }
    if (args_.max_length > 0) options.max_length = args_.max_length;
    return options;
  }

  TokenizeArgs args_;
};

}  // namespace

std::unique_ptr<Command> make_tokenize() {
  return std::make_unique<TokenizeCommand>();
}

}  // namespace firth::cli
