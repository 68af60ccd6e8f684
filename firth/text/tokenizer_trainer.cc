// Counting, learning, and writing tokenizer.json.
#include "firth/text/tokenizer_trainer.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "firth/core/error.h"
#include "firth/io/json_writer.h"

namespace firth {
namespace {

constexpr std::string_view kByteLevelPart =
    R"({"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":true})";
constexpr std::string_view kMetaspacePart =
    R"({"type":"Metaspace","replacement":"▁","prepend_scheme":"always","split":true})";

// [CLS] text [SEP]; the ids are put in when they are known.
constexpr std::string_view kBertTemplate =
    R"({"type":"TemplateProcessing","single":[)"
    R"({"SpecialToken":{"id":"[CLS]","type_id":0}},{"Sequence":{"id":"A","type_id":0}},)"
    R"({"SpecialToken":{"id":"[SEP]","type_id":0}}],"pair":[)"
    R"({"SpecialToken":{"id":"[CLS]","type_id":0}},{"Sequence":{"id":"A","type_id":0}},)"
    R"({"SpecialToken":{"id":"[SEP]","type_id":0}},{"Sequence":{"id":"B","type_id":1}},)"
    R"({"SpecialToken":{"id":"[SEP]","type_id":1}}],"special_tokens":{)"
    R"("[CLS]":{"id":"[CLS]","ids":[0],"tokens":["[CLS]"]},)"
    R"("[SEP]":{"id":"[SEP]","ids":[0],"tokens":["[SEP]"]}}})";

bool is_among(const std::vector<std::string>& tokens, std::string_view token) {
  return std::ranges::find(tokens, token) != tokens.end();
}

bool has_part(const std::string& json, std::string_view type) {
  return json.find(R"("type":")" + std::string(type) + '"') != std::string::npos;
}

// The token among the special ones that is called as unknown tokens are.
std::string usual_unk_token(const std::vector<std::string>& special_tokens) {
  for (const char* usual : {"[UNK]", "<unk>", "<UNK>"}) {
    if (is_among(special_tokens, usual)) return usual;
  }
  return "";
}

// The decoder that undoes what the pre-tokenizer and the trainer do.
std::string suited_decoder(const TokenizerRecipe& recipe, const TrainerOptions& options) {
  JsonWriter json;
  json.begin_object();
  const auto* word_piece = std::get_if<WordPieceTrainerOptions>(&options);
  const auto* bpe = std::get_if<BpeTrainerOptions>(&options);
  if (is_byte_level(recipe)) return std::string(kByteLevelPart);
  if (has_part(recipe.pre_tokenizer, "Metaspace")) return std::string(kMetaspacePart);
  if (word_piece != nullptr) {
    json.field("type", "WordPiece").field("prefix", word_piece->continuing_subword_prefix);
    return json.field("cleanup", true).end_object().take();
  }
  if (bpe != nullptr && !bpe->end_of_word_suffix.empty()) {
    return json.field("type", "BPEDecoder")
        .field("suffix", bpe->end_of_word_suffix)
        .end_object()
        .take();
  }
  return "null";
}

// A model that was learned: its section of the file, and the ids of the special tokens.
struct LearnedModel {
  std::string json;
  std::vector<TokenId> special_tokens;
};

// The ids of special tokens: those that the vocabulary gives, for others the next ones.
std::vector<TokenId> special_ids(const std::vector<std::string>& special_tokens,
                                 const std::vector<TokenId>& vocabulary) {
  std::vector<TokenId> found;
  std::int32_t next = 0;
  for (const auto& [token, id] : vocabulary) next = std::max(next, id + 1);
  for (const std::string& special : special_tokens) {
    if (std::ranges::find(found, special, &TokenId::first) != found.end()) continue;
    const auto at = std::ranges::find(vocabulary, special, &TokenId::first);
    found.emplace_back(special, at != vocabulary.end() ? at->second : next++);
  }
  return found;
}

std::vector<TokenId> with_ids(const std::vector<std::string>& tokens) {
  std::vector<TokenId> vocabulary;
  vocabulary.reserve(tokens.size());
  for (const std::string& token : tokens) {
    vocabulary.emplace_back(token, static_cast<std::int32_t>(vocabulary.size()));
  }
  return vocabulary;
}

void write_vocabulary(const std::vector<TokenId>& vocabulary, JsonWriter& json) {
  json.key("vocab").begin_object();
  for (const auto& [token, id] : vocabulary) json.field(token, id);
  json.end_object();
}

void write_text_or_null(std::string_view name, const std::string& text, JsonWriter& json) {
  json.key(name);
  text.empty() ? json.null() : json.value(text);
}

LearnedModel learn(const BpeTrainerOptions& options, const TokenizerRecipe& recipe,
                   std::span<const WordCount> words, ThreadPool& /*pool*/,
                   const TrainingProgress& progress) {
  const LearnedBpe bpe = train_bpe(words, options, progress);
  const std::vector<TokenId> vocabulary = with_ids(bpe.tokens);
  JsonWriter json;
  json.begin_object().field("type", "BPE").key("dropout").null();
  write_text_or_null("unk_token", recipe.unk_token, json);
  write_text_or_null("continuing_subword_prefix", options.continuing_subword_prefix, json);
  write_text_or_null("end_of_word_suffix", options.end_of_word_suffix, json);
  json.field("fuse_unk", recipe.fuse_unk).field("byte_fallback", recipe.byte_fallback);
  json.field("ignore_merges", recipe.ignore_merges);
  write_vocabulary(vocabulary, json);
  json.key("merges").begin_array();
  for (const auto& [left, right] : bpe.merges) {
    json.begin_array().value(bpe.tokens[static_cast<std::size_t>(left)]);
    json.value(bpe.tokens[static_cast<std::size_t>(right)]).end_array();
  }
  json.end_array().end_object();
  return {json.take(), special_ids(options.special_tokens, vocabulary)};
}

LearnedModel learn(const WordPieceTrainerOptions& options, const TokenizerRecipe& recipe,
                   std::span<const WordCount> words, ThreadPool& /*pool*/,
                   const TrainingProgress& progress) {
  const std::vector<TokenId> vocabulary = with_ids(train_word_piece(words, options, progress));
  JsonWriter json;
  json.begin_object().field("type", "WordPiece");
  json.field("unk_token", recipe.unk_token.empty() ? "[UNK]" : recipe.unk_token);
  json.field("continuing_subword_prefix", options.continuing_subword_prefix);
  json.field("max_input_chars_per_word", recipe.max_input_chars_per_word);
  write_vocabulary(vocabulary, json);
  json.end_object();
  return {json.take(), special_ids(options.special_tokens, vocabulary)};
}

LearnedModel learn(const WordLevelTrainerOptions& options, const TokenizerRecipe& recipe,
                   std::span<const WordCount> words, ThreadPool& /*pool*/,
                   const TrainingProgress& /*progress*/) {
  const std::vector<TokenId> vocabulary = train_word_level(words, options);
  JsonWriter json;
  json.begin_object().field("type", "WordLevel");
  write_vocabulary(vocabulary, json);
  json.field("unk_token", recipe.unk_token.empty() ? "<unk>" : recipe.unk_token).end_object();
  return {json.take(), special_ids(options.special_tokens, vocabulary)};
}

LearnedModel learn(const UnigramTrainerOptions& options, const TokenizerRecipe& /*recipe*/,
                   std::span<const WordCount> words, ThreadPool& pool,
                   const TrainingProgress& progress) {
  const LearnedUnigram unigram = train_unigram(words, options, pool, progress);
  JsonWriter json;
  json.begin_object().field("type", "Unigram").key("unk_id");
  unigram.unk_id ? json.value(*unigram.unk_id) : json.null();
  json.key("vocab").begin_array();
  std::vector<TokenId> vocabulary;
  for (const auto& [piece, score] : unigram.pieces) {
    json.begin_array().value(piece).value(score).end_array();
    vocabulary.emplace_back(piece, static_cast<std::int32_t>(vocabulary.size()));
  }
  json.end_array().field("byte_fallback", false).end_object();
  // Of a token that occurs twice the last one counts.
  std::ranges::reverse(vocabulary);
  return {json.take(), special_ids(options.special_tokens, vocabulary)};
}

// Writes a post-processor with the ids that its tokens have now.
class PostProcessorWriter {
 public:
  PostProcessorWriter(const std::vector<TokenId>& special_tokens, JsonWriter& json)
      : special_tokens_(special_tokens), json_(json) {}

  void write(const Json& spec) {
    json_.begin_object();
    for (const auto& [name, value] : spec.fields()) {
      json_.key(name);
      if (name == "special_tokens") {
        write_template_tokens(value);
      } else if (name == "cls" || name == "sep") {
        const std::string_view token = value.at(std::size_t{0}).as_string();
        json_.begin_array().value(token).value(id_of(token)).end_array();
      } else if (name == "processors") {
        json_.begin_array();
        for (const Json& part : value.elements()) write(part);
        json_.end_array();
      } else {
        json_.raw(value.text());
      }
    }
    json_.end_object();
  }

 private:
  void write_template_tokens(const Json& tokens) {
    json_.begin_object();
    for (const auto& [name, token] : tokens.fields()) {
      json_.key(name).begin_object().key("id").raw(token.at("id").text());
      json_.key("ids").begin_array();
      for (const Json& each : token.at("tokens").elements()) json_.value(id_of(each.as_string()));
      json_.end_array().key("tokens").raw(token.at("tokens").text()).end_object();
    }
    json_.end_object();
  }

  std::int32_t id_of(std::string_view token) const {
    const auto at = std::ranges::find(special_tokens_, token, &TokenId::first);
    if (at == special_tokens_.end()) {
      fail(ErrorKind::kInvalidArgument, "special tokens: expected ", quoted(token),
           " among them, which the post-processor puts around texts");
    }
    return at->second;
  }

  const std::vector<TokenId>& special_tokens_;
  JsonWriter& json_;
};

void write_added_tokens(const std::vector<TokenId>& tokens, const TokenizerRecipe& recipe,
                        JsonWriter& json) {
  std::vector<TokenId> by_id = tokens;
  std::ranges::stable_sort(by_id, std::ranges::less(), &TokenId::second);
  json.key("added_tokens").begin_array();
  for (const auto& [content, id] : by_id) {
    const auto known = std::ranges::find(recipe.added_tokens, content, &AddedToken::content);
    const AddedToken token =
        known != recipe.added_tokens.end()
            ? *known
            : AddedToken{.content = content, .normalized = false, .special = true};
    json.begin_object().field("id", id).field("content", content);
    json.field("single_word", token.single_word).field("lstrip", token.lstrip);
    json.field("rstrip", token.rstrip).field("normalized", token.normalized);
    json.field("special", token.special).end_object();
  }
  json.end_array();
}

std::string tokenizer_json(const LearnedModel& model, const TokenizerRecipe& recipe) {
  JsonWriter json;
  json.begin_object().field("version", "1.0");
  json.key("truncation").null().key("padding").null();
  write_added_tokens(model.special_tokens, recipe, json);
  json.key("normalizer").raw(recipe.normalizer).key("pre_tokenizer").raw(recipe.pre_tokenizer);
  json.key("post_processor");
  const JsonDocument post_processor = JsonDocument::parse(recipe.post_processor, "post-processor");
  if (post_processor.root().is_null()) {
    json.null();
  } else {
    PostProcessorWriter(model.special_tokens, json).write(post_processor.root());
  }
  json.key("decoder").raw(recipe.decoder).key("model").raw(model.json);
  return json.end_object().newline().take();
}

// What both complete() and follow() give the options.
void share(const TokenizerRecipe& recipe, TrainerOptions& options, const IsSet& is_set) {
  std::visit(
      [&](auto& fields) {
        if constexpr (requires { fields.initial_alphabet; }) {
          if (!is_set("initial_alphabet") && is_byte_level(recipe)) {
            fields.initial_alphabet = byte_alphabet();
          }
        }
        if constexpr (requires { fields.unk_token; }) fields.unk_token = recipe.unk_token;
      },
      options);
}

template <class Part>
std::unique_ptr<const Part> make_part(const std::string& json, const char* where,
                                      std::unique_ptr<const Part> (*make)(const Json&)) {
  const JsonDocument document = JsonDocument::parse(json, where);
  return document.root().is_null() ? nullptr : make(document.root());
}

}  // namespace

void complete(TokenizerRecipe& recipe, TrainerOptions& options, const IsSet& is_set) {
  const auto& special_tokens =
      std::visit([](const auto& fields) { return fields.special_tokens; }, options);
  if (!is_set("unk_token") && recipe.unk_token.empty()) {
    recipe.unk_token = usual_unk_token(special_tokens);
    if (recipe.unk_token.empty() && std::holds_alternative<UnigramTrainerOptions>(options)) {
      recipe.unk_token = "<unk>";
    }
  }
  if (is_byte_level(recipe)) {
    recipe.post_processor = kByteLevelPart;
  } else if (std::holds_alternative<WordPieceTrainerOptions>(options) &&
             is_among(special_tokens, "[CLS]") && is_among(special_tokens, "[SEP]")) {
    recipe.post_processor = kBertTemplate;
  }
  recipe.decoder = suited_decoder(recipe, options);
  share(recipe, options, is_set);
}

void follow(TokenizerRecipe& recipe, TrainerOptions& options, const IsSet& is_set) {
  std::vector<std::string> special_tokens;
  for (const AddedToken& token : recipe.added_tokens) special_tokens.push_back(token.content);
  std::visit(
      [&](auto& fields) {
        if (!is_set("special_tokens")) fields.special_tokens = special_tokens;
        if constexpr (requires { fields.end_of_word_suffix; }) {
          if (!is_set("end_of_word_suffix")) fields.end_of_word_suffix = recipe.end_of_word_suffix;
          const std::string& prefix = recipe.continuing_subword_prefix;
          if (!is_set("continuing_subword_prefix") && !prefix.empty()) {
            fields.continuing_subword_prefix = prefix;
          }
        }
      },
      options);
  share(recipe, options, is_set);
}

TokenizerTrainer::TokenizerTrainer(TokenizerRecipe recipe, TrainerOptions options, ThreadPool& pool)
    : recipe_(std::move(recipe)),
      options_(std::move(options)),
      normalizer_(make_part(recipe_.normalizer, "normalizer", make_normalizer)),
      pre_tokenizer_(make_part(recipe_.pre_tokenizer, "pre-tokenizer", make_pre_tokenizer)),
      pool_(pool),
      counter_(normalizer_.get(), pre_tokenizer_.get(), pool) {}

TokenizerTrainer::~TokenizerTrainer() = default;

void TokenizerTrainer::add(std::span<const std::string_view> texts) {
  counter_.add(texts);
}

std::string TokenizerTrainer::train(const TrainingProgress& progress) {
  const WordCounts counts = counter_.take();
  const std::vector<WordCount> words = counts.sorted();
  const LearnedModel model = std::visit(
      [&](const auto& options) { return learn(options, recipe_, words, pool_, progress); },
      options_);
  return tokenizer_json(model, recipe_);
}

}  // namespace firth
