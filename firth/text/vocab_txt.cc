// BERT before tokenizer.json: vocab.txt and the settings of transformers' BertTokenizer, whose
// defaults and order of adding tokens are followed.
#include <utility>

#include "firth/core/error.h"
#include "firth/text/special_tokens.h"
#include "firth/text/tokenizer_files.h"

namespace firth {
namespace {

void read_settings(const Json& root, BertTokenizerConfig& config) {
  if (const auto value = root.find("do_lower_case"); value && !value->is_null()) {
    config.do_lower_case = value->as_bool();
    const auto name = root.find("tokenizer_class");
    config.states_case = !name || name->is_null() || name->as_string() == "BertTokenizer" ||
                         name->as_string() == "BertTokenizerFast";
  }
  if (const auto value = root.find("tokenize_chinese_chars"); value && !value->is_null()) {
    config.tokenize_chinese_chars = value->as_bool();
  }
  if (const auto value = root.find("strip_accents"); value && !value->is_null()) {
    config.strip_accents = value->as_bool();
  }
}

std::int32_t require_token(const Vocabulary& vocabulary, const std::string& token,
                           const std::string& where) {
  const std::optional<std::int32_t> id = vocabulary.find(token);
  if (!id) {
    fail(ErrorKind::kCorrupt, where, ": expected a line with the token ", quoted(token),
         ", found none");
  }
  return *id;
}

}  // namespace

BertNormalizerOptions BertTokenizerConfig::normalizer() const {
  return {.clean_text = true,
          .handle_chinese_chars = tokenize_chinese_chars,
          .strip_accents = strip_accents,
          .lowercase = do_lower_case};
}

BertTokenizerConfig read_bert_config(const std::string& folder) {
  BertTokenizerConfig config;
  if (const auto document = read_json_if_there(folder, "tokenizer_config.json")) {
    read_settings(document->root(), config);
  }
  const SpecialTokens tokens = read_special_tokens(folder, {{"unk_token", config.unk},
                                                            {"sep_token", config.sep},
                                                            {"pad_token", config.pad},
                                                            {"cls_token", config.cls},
                                                            {"mask_token", config.mask}});
  config.unk = tokens.at("unk_token");
  config.sep = tokens.at("sep_token");
  config.pad = tokens.at("pad_token");
  config.cls = tokens.at("cls_token");
  config.mask = tokens.at("mask_token");
  config.added_tokens = tokens.added;
  return config;
}

TokenizerParts read_vocab_txt(std::string_view text, const BertTokenizerConfig& config,
                              std::string where) {
  if (!is_valid_utf8(text)) {
    fail(ErrorKind::kCorrupt, where, ": expected UTF-8, found bytes that are not");
  }
  Vocabulary vocabulary = Vocabulary::from_lines(text);
  require_token(vocabulary, config.unk.content, where);
  const std::int32_t cls_id = require_token(vocabulary, config.cls.content, where);
  const std::int32_t sep_id = require_token(vocabulary, config.sep.content, where);
  TokenizerParts parts;
  parts.where = std::move(where);
  parts.normalizer = std::make_unique<BertNormalizer>(config.normalizer());
  parts.pre_tokenizer = std::make_unique<BertPreTokenizer>();
  parts.model = std::make_unique<WordPiece>(std::move(vocabulary),
                                            WordPieceOptions{.unk_token = config.unk.content,
                                                             .continuing_subword_prefix = "##",
                                                             .max_input_chars_per_word = 100});
  parts.added_tokens = config.added_tokens;
  parts.post_processor =
      bert_post_processor(config.cls.content, cls_id, config.sep.content, sep_id);
  parts.decoder = std::make_unique<WordPieceDecoder>("##", true);
  return parts;
}

}  // namespace firth
