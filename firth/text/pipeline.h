// A tokenizer made of parts: added tokens, normalizer, pre-tokenizer, model, post-processor,
// decoder. encode() follows every character through them; encode_ids() leaves places out, keeps
// what models remember of words, and takes a shorter way where there is one (bert_encoder.h). The
// ids are the same.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "firth/text/added_tokens.h"
#include "firth/text/bert_encoder.h"
#include "firth/text/bpe_encoder.h"
#include "firth/text/decoder.h"
#include "firth/text/normalizer.h"
#include "firth/text/post_processor.h"
#include "firth/text/pre_tokenizer.h"
#include "firth/text/token_model.h"
#include "firth/text/tokenizer.h"

namespace firth {

// What the truncation section of tokenizer.json says; max_length is the caller's.
struct Truncation {
  enum class Strategy : std::uint8_t { kLongestFirst, kOnlyFirst, kOnlySecond };

  std::size_t max_length = 0;
  Strategy strategy = Strategy::kLongestFirst;
  bool from_left = false;  // cuts the beginning
};

struct TokenizerParts {
  std::string where;                                  // what errors name: the file
  std::unique_ptr<const Normalizer> normalizer;       // may be null
  std::unique_ptr<const PreTokenizer> pre_tokenizer;  // may be null: the text is one word
  std::unique_ptr<const TokenModel> model;
  std::vector<AddedToken> added_tokens;
  PostProcessor post_processor;
  std::unique_ptr<const Decoder> decoder;  // null: tokens are joined by spaces
  Truncation truncation;
};

class Pipeline : public Tokenizer {
 public:
  // Errors (corrupt): a template names an id that no token has.
  explicit Pipeline(TokenizerParts parts);

  std::unique_ptr<State> make_state() const override;
  using Tokenizer::encode_ids;
  EncodeStats encode_ids(std::string_view text, const EncodeOptions& options, State& state,
                         std::vector<std::int32_t>& ids) const override;
  Encoding encode(std::string_view text, const EncodeOptions& options) const override;
  Encoding encode_pair(std::string_view text, std::string_view pair,
                       const EncodeOptions& options) const override;
  std::string decode(std::span<const std::int32_t> ids, bool skip_special_tokens) const override;
  std::size_t vocab_size() const override;
  std::optional<std::int32_t> token_to_id(std::string_view token) const override;
  std::optional<std::string> id_to_token(std::int32_t id) const override;

  std::optional<std::int32_t> unknown_id() const override { return parts_.model->unknown_id(); }

  std::size_t truncation_max_length() const override { return parts_.truncation.max_length; }

 private:
  struct PipelineState;

  PreTokenizedText normalize_and_split(std::string_view text, Places places) const;
  void append_normalized(std::string_view text, std::uint32_t first_char,
                         PreTokenizedText& out) const;
  void append_ids(const PreTokenizedText& split, TokenModel::State& state,
                  std::vector<std::int32_t>& ids) const;

  // The fast way of byte-level BPE.
  void encode_bytes(std::string_view text, PipelineState& state,
                    std::vector<std::int32_t>& ids) const;
  void encode_normalized_bytes(std::string_view text, PipelineState& state,
                               std::vector<std::int32_t>& ids) const;

  // A part without added tokens: BERT's fast way, or the long one where that must be.
  void encode_part(std::string_view part, PipelineState& state,
                   std::vector<std::int32_t>& ids) const;
  Encoding encode_text(std::string_view text) const;  // without special tokens
  Encoding assemble(std::vector<Encoding> texts, const EncodeOptions& options) const;
  void truncate(std::vector<Encoding>& texts, const EncodeOptions& options) const;
  std::size_t text_budget(const EncodeOptions& options, bool is_pair) const;
  void check_template(bool is_pair) const;

  TokenizerParts parts_;
  AddedTokens added_;
  // Null if the parts are others.
  std::unique_ptr<const BertEncoder> fast_;
  std::unique_ptr<const BpeEncoder> bytes_;
};

}  // namespace firth
