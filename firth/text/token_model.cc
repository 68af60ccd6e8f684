// WordLevel, and the list of models.
#include "firth/text/token_model.h"

#include <utility>

#include "firth/core/error.h"
#include "firth/text/bpe.h"
#include "firth/text/unigram.h"
#include "firth/text/word_piece.h"

namespace firth {

void TokenModel::append_ids(std::string_view word, State& state,
                            std::vector<std::int32_t>& ids) const {
  state.tokens.clear();
  tokenize(word, state.tokens);
  for (const ModelToken& token : state.tokens) {
    ids.push_back(token.id);
  }
}

std::int32_t require_unknown_id(std::optional<std::int32_t> id, std::string_view unk_token) {
  if (!id) {
    fail(ErrorKind::kCorrupt, "tokenizer: the text has a word that the vocabulary lacks, and the ",
         "vocabulary has no unknown token ", quoted(unk_token), " to stand for it");
  }
  return *id;
}

WordLevel::WordLevel(Vocabulary vocabulary, std::string_view unk_token)
    : vocabulary_(std::move(vocabulary)),
      unk_token_(unk_token),
      unknown_id_(vocabulary_.find(unk_token)) {}

void WordLevel::tokenize(std::string_view word, std::vector<ModelToken>& tokens) const {
  const std::optional<std::int32_t> id = vocabulary_.find(word);
  tokens.push_back({id ? *id : require_unknown_id(unknown_id_, unk_token_), 0, word.size()});
}

std::unique_ptr<const TokenModel> make_token_model(const Json& spec) {
  const std::optional<Json> type_field = spec.find("type");
  // Old files name no type; their fields tell.
  const std::string_view type = type_field                              ? type_field->as_string()
                                : spec.has("merges")                    ? "BPE"
                                : spec.has("continuing_subword_prefix") ? "WordPiece"
                                : spec.at("vocab").is_array()           ? "Unigram"
                                                                        : "WordLevel";
  if (type == "WordPiece") {
    WordPieceOptions options;
    options.unk_token = spec.at("unk_token").as_string();
    options.continuing_subword_prefix = spec.at("continuing_subword_prefix").as_string();
    options.max_input_chars_per_word = spec.at("max_input_chars_per_word").as_uint();
    return std::make_unique<WordPiece>(Vocabulary::read(spec.at("vocab")), options);
  }
  if (type == "BPE") return Bpe::read(spec);
  if (type == "WordLevel") {
    return std::make_unique<WordLevel>(Vocabulary::read(spec.at("vocab")),
                                       spec.at("unk_token").as_string());
  }
  if (type == "Unigram") return make_unigram(spec);
  fail(ErrorKind::kUnsupported, spec.where(), ": model type ", quoted(type), " is not supported");
}

}  // namespace firth
