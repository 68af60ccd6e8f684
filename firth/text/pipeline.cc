// The parts in turn, with offsets; then truncation, special tokens and decoding.
#include "firth/text/pipeline.h"

#include <algorithm>
#include <array>
#include <utility>

#include "firth/core/error.h"

namespace firth {

struct Pipeline::PipelineState : Tokenizer::State {
  BertEncoder::State words;                  // if there is a BERT encoder
  std::unique_ptr<TokenModel::State> model;  // never null
  std::vector<std::int32_t> body;            // ids of the text without special tokens
};

namespace {

// Keeps `count` elements, the first or the last.
template <class T>
void keep(std::vector<T>& values, std::size_t count, bool from_left) {
  if (from_left) {
    values.erase(values.begin(), values.end() - static_cast<std::ptrdiff_t>(count));
  } else {
    values.resize(count);
  }
}

void keep(Encoding& encoding, std::size_t count, bool from_left) {
  if (count >= encoding.ids.size()) {
    return;
  }
  keep(encoding.ids, count, from_left);
  keep(encoding.tokens, count, from_left);
  keep(encoding.offsets, count, from_left);
  keep(encoding.type_ids, count, from_left);
  keep(encoding.special_tokens_mask, count, from_left);
  keep(encoding.word_ids, count, from_left);
}

template <class T>
void extend(std::vector<T>& to, const std::vector<T>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

void trim(const std::vector<TrimOffsets>& trims, Encoding& encoding) {
  for (const TrimOffsets& trim : trims) {
    for (std::size_t i = 0; i < encoding.tokens.size(); ++i) {
      encoding.offsets[i] = trim.trim(encoding.tokens[i], encoding.offsets[i], i);
    }
  }
}

void append_special(const TemplatePiece& piece, Encoding& to) {
  const std::size_t n = piece.ids.size();
  extend(to.ids, piece.ids);
  extend(to.tokens, piece.tokens);
  to.offsets.resize(to.offsets.size() + n);
  to.type_ids.resize(to.type_ids.size() + n, piece.type_id);
  to.special_tokens_mask.resize(to.special_tokens_mask.size() + n, 1);
  to.word_ids.resize(to.word_ids.size() + n);
}

void append_text(const Encoding& from, std::int32_t type_id, Encoding& to) {
  extend(to.ids, from.ids);
  extend(to.tokens, from.tokens);
  extend(to.offsets, from.offsets);
  to.type_ids.resize(to.ids.size(), type_id);
  extend(to.special_tokens_mask, from.special_tokens_mask);
  extend(to.word_ids, from.word_ids);
}

// How two texts of n1 and n2 tokens share `budget`: the shorter one stays whole while it fits in
// half of it (the reference's "longest first").
std::pair<std::size_t, std::size_t> share(std::size_t n1, std::size_t n2, std::size_t budget) {
  const bool swapped = n1 > n2;
  std::size_t shorter = std::min(n1, n2);
  std::size_t longer = shorter > budget ? shorter : std::max(shorter, budget - shorter);
  if (shorter + longer > budget) {
    shorter = budget / 2;
    longer = shorter + budget % 2;
  }
  return swapped ? std::pair(longer, shorter) : std::pair(shorter, longer);
}

bool is_ascii(std::string_view text) {
  unsigned char all = 0;
  for (const char byte : text) all |= static_cast<unsigned char>(byte);
  return all < 0x80;
}

std::uint32_t num_chars(std::string_view text) {
  return static_cast<std::uint32_t>(std::count_if(text.begin(), text.end(), [](char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0) != 0x80;
  }));
}

// The text itself, or a repaired copy that `repaired` holds.
std::string_view valid_text(std::string_view text, std::string& repaired) {
  if (is_valid_utf8(text)) {
    return text;
  }
  repaired = replace_invalid_utf8(text);
  return repaired;
}

}  // namespace

Pipeline::Pipeline(TokenizerParts parts)
    : parts_(std::move(parts)),
      added_(parts_.added_tokens, parts_.model->vocabulary(), parts_.normalizer.get()) {
  check_template(false);
  check_template(true);
  const auto* normalizer = dynamic_cast<const BertNormalizer*>(parts_.normalizer.get());
  const auto* pre_tokenizer = dynamic_cast<const BertPreTokenizer*>(parts_.pre_tokenizer.get());
  const auto* model = dynamic_cast<const WordPiece*>(parts_.model.get());
  if (normalizer != nullptr && pre_tokenizer != nullptr && model != nullptr &&
      !added_.has_normalized()) {
    fast_ = std::make_unique<BertEncoder>(normalizer->options(), *model);
  }
  bytes_ = BpeEncoder::make(parts_.pre_tokenizer.get(), *parts_.model);
}

void Pipeline::check_template(bool is_pair) const {
  for (const TemplatePiece& piece : parts_.post_processor.pieces(is_pair)) {
    for (std::size_t i = 0; i < piece.ids.size(); ++i) {
      if (!id_to_token(piece.ids[i])) {
        fail(ErrorKind::kCorrupt, parts_.where, ": post-processor: token ", quoted(piece.tokens[i]),
             " has the id ", piece.ids[i], ", which the vocabulary lacks");
      }
    }
  }
}

std::unique_ptr<Tokenizer::State> Pipeline::make_state() const {
  auto state = std::make_unique<PipelineState>();
  state->model = parts_.model->make_state();
  return state;
}

std::size_t Pipeline::text_budget(const EncodeOptions& options, bool is_pair) const {
  const std::size_t num_added =
      options.add_special_tokens ? parts_.post_processor.num_added(is_pair) : 0;
  if (options.max_length < num_added) {
    fail(ErrorKind::kInvalidArgument, "max_length: expected at least ", num_added,
         ", for the special tokens alone, found ", options.max_length);
  }
  return options.max_length - num_added;
}

EncodeStats Pipeline::encode_ids(std::string_view text, const EncodeOptions& options, State& state,
                                 std::vector<std::int32_t>& ids) const {
  auto* own = dynamic_cast<PipelineState*>(&state);
  if (own == nullptr) {
    fail(ErrorKind::kInvalidArgument, "tokenizer: the state was made by another kind of tokenizer");
  }
  std::string repaired;
  text = valid_text(text, repaired);
  std::vector<std::int32_t>& body = own->body;
  body.clear();
  const std::size_t candidate = fast_ ? added_.first_candidate(text) : 0;
  if (bytes_) {
    encode_bytes(text, *own, body);
  } else if (!fast_) {
    append_ids(normalize_and_split(text, Places::kNone), *own->model, body);
  } else if (candidate == text.size()) {
    encode_part(text, *own, body);
  } else {
    for (const Piece& piece : added_.split_text(text)) {
      const std::string_view part = text.substr(piece.begin, piece.end - piece.begin);
      if (piece.id) {
        body.push_back(*piece.id);
      } else {
        encode_part(part, *own, body);
      }
    }
  }
  EncodeStats stats;
  stats.full_length =
      body.size() + (options.add_special_tokens ? parts_.post_processor.num_added(false) : 0);
  if (options.max_length > 0) {
    const std::size_t budget = text_budget(options, false);
    if (budget < body.size()) {
      keep(body, budget, parts_.truncation.from_left);
    }
  }
  if (const std::optional<std::int32_t> unknown = unknown_id()) {
    stats.num_unknown = static_cast<std::size_t>(std::count(body.begin(), body.end(), *unknown));
  }
  for (const TemplatePiece& piece : parts_.post_processor.single) {
    if (piece.kind == TemplatePiece::Kind::kFirst) {
      extend(ids, body);
    } else if (options.add_special_tokens) {
      extend(ids, piece.ids);
    }
  }
  return stats;
}

void Pipeline::encode_bytes(std::string_view text, PipelineState& state,
                            std::vector<std::int32_t>& ids) const {
  const auto encode_plain = [&](std::string_view part) {
    if (!parts_.normalizer || (parts_.normalizer->keeps_ascii() && is_ascii(part))) {
      encode_normalized_bytes(part, state, ids);
      return;
    }
    NormalizedText normalized(part, 0, Places::kNone);
    parts_.normalizer->normalize(normalized);
    encode_normalized_bytes(normalized.text(), state, ids);
  };
  if (added_.first_candidate(text) == text.size()) {
    encode_plain(text);
    return;
  }
  for (const Piece& piece : added_.split_text(text)) {
    if (piece.id) {
      ids.push_back(*piece.id);
    } else {
      encode_plain(text.substr(piece.begin, piece.end - piece.begin));
    }
  }
}

void Pipeline::encode_normalized_bytes(std::string_view text, PipelineState& state,
                                       std::vector<std::int32_t>& ids) const {
  auto& model_state = static_cast<Bpe::State&>(*state.model);
  if (!added_.has_normalized()) {
    bytes_->encode(text, model_state, ids);
    return;
  }
  for (const Piece& piece : added_.split_normalized(text)) {
    if (piece.id) {
      ids.push_back(*piece.id);
    } else {
      bytes_->encode(text.substr(piece.begin, piece.end - piece.begin), model_state, ids);
    }
  }
}

void Pipeline::append_normalized(std::string_view text, std::uint32_t first_char,
                                 PreTokenizedText& out) const {
  NormalizedText part(text, first_char, out.text.places());
  if (parts_.normalizer) {
    parts_.normalizer->normalize(part);
  }
  const std::size_t shift = out.text.size();
  for (const Piece& piece : added_.split_normalized(part.text())) {
    out.pieces.push_back({shift + piece.begin, shift + piece.end, piece.id});
  }
  out.text.append(part);
}

PreTokenizedText Pipeline::normalize_and_split(std::string_view text, Places places) const {
  PreTokenizedText result{NormalizedText(places), {}};
  std::uint32_t first_char = 0;
  for (const Piece& piece : added_.split_text(text)) {
    const std::string_view part = text.substr(piece.begin, piece.end - piece.begin);
    if (piece.id) {
      const std::size_t begin = result.text.size();
      result.text.append(NormalizedText(part, first_char, places));
      result.pieces.push_back({begin, result.text.size(), piece.id});
    } else {
      append_normalized(part, first_char, result);
    }
    first_char += num_chars(part);
  }
  if (parts_.pre_tokenizer) {
    parts_.pre_tokenizer->pre_tokenize(result);
  }
  return result;
}

void Pipeline::encode_part(std::string_view part, PipelineState& state,
                           std::vector<std::int32_t>& ids) const {
  if (fast_->encode(part, state.words, ids)) {
    return;
  }
  PreTokenizedText split{NormalizedText(Places::kNone), {}};
  append_normalized(part, 0, split);
  parts_.pre_tokenizer->pre_tokenize(split);
  append_ids(split, *state.model, ids);
}

void Pipeline::append_ids(const PreTokenizedText& split, TokenModel::State& state,
                          std::vector<std::int32_t>& ids) const {
  const std::string_view all = split.text.text();
  state.text_end = all.data() + all.size();
  std::array<std::string_view, TokenModel::kBatch> words;
  std::size_t num_words = 0;
  const auto put = [&] {
    parts_.model->append_ids(std::span(words.data(), num_words), state, ids);
    num_words = 0;
  };
  for (const Piece& piece : split.pieces) {
    if (piece.id) {
      put();
      ids.push_back(*piece.id);
      continue;
    }
    words[num_words++] = all.substr(piece.begin, piece.end - piece.begin);
    if (num_words == words.size()) put();
  }
  put();
  state.text_end = nullptr;
}

Encoding Pipeline::encode_text(std::string_view text) const {
  std::string repaired;
  const PreTokenizedText split = normalize_and_split(valid_text(text, repaired), Places::kKept);
  const std::string_view all = split.text.text();
  Encoding result;
  std::vector<ModelToken> tokens;
  for (std::uint32_t word = 0; word < split.pieces.size(); ++word) {
    const Piece& piece = split.pieces[word];
    const std::string_view bytes = all.substr(piece.begin, piece.end - piece.begin);
    tokens.clear();
    if (piece.id) {
      tokens.push_back({*piece.id, 0, bytes.size()});
    } else {
      parts_.model->tokenize(bytes, tokens);
    }
    for (const ModelToken& token : tokens) {
      result.ids.push_back(token.id);
      result.tokens.emplace_back(piece.id ? bytes : parts_.model->spelling(token, bytes));
      result.offsets.push_back(
          split.text.original(piece.begin + token.begin, piece.begin + token.end));
      result.word_ids.emplace_back(word);
    }
  }
  result.type_ids.resize(result.ids.size());
  result.special_tokens_mask.resize(result.ids.size());
  return result;
}

void Pipeline::truncate(std::vector<Encoding>& texts, const EncodeOptions& options) const {
  const std::size_t budget = text_budget(options, texts.size() == 2);
  const Truncation& truncation = parts_.truncation;
  if (texts.size() == 1) {
    keep(texts[0], budget, truncation.from_left);
    return;
  }
  const std::size_t n1 = texts[0].ids.size();
  const std::size_t n2 = texts[1].ids.size();
  if (n1 + n2 <= budget) {
    return;
  }
  auto [keep1, keep2] = share(n1, n2, budget);
  if (truncation.strategy != Truncation::Strategy::kLongestFirst) {
    const bool first = truncation.strategy == Truncation::Strategy::kOnlyFirst;
    const std::size_t other = first ? n2 : n1;
    if (other >= budget) {
      fail(ErrorKind::kInvalidArgument, "max_length: the text that is not to be cut has ", other,
           " tokens, expected fewer than ", budget);
    }
    keep1 = first ? budget - other : n1;
    keep2 = first ? n2 : budget - other;
  }
  keep(texts[0], keep1, truncation.from_left);
  keep(texts[1], keep2, truncation.from_left);
}

Encoding Pipeline::assemble(std::vector<Encoding> texts, const EncodeOptions& options) const {
  if (options.max_length > 0) {
    truncate(texts, options);
  }
  const PostProcessor& post_processor = parts_.post_processor;
  for (Encoding& text : texts) {
    trim(post_processor.trims_before, text);
    trim(post_processor.trims_after, text);  // special tokens have no places to trim
  }
  Encoding result;
  for (const TemplatePiece& piece : post_processor.pieces(texts.size() == 2)) {
    if (piece.kind != TemplatePiece::Kind::kSpecial) {
      append_text(texts[piece.kind == TemplatePiece::Kind::kFirst ? 0 : 1], piece.type_id, result);
    } else if (options.add_special_tokens) {
      append_special(piece, result);
    }
  }
  return result;
}

Encoding Pipeline::encode(std::string_view text, const EncodeOptions& options) const {
  std::vector<Encoding> texts(1);
  texts[0] = encode_text(text);
  return assemble(std::move(texts), options);
}

Encoding Pipeline::encode_pair(std::string_view text, std::string_view pair,
                               const EncodeOptions& options) const {
  std::vector<Encoding> texts(2);
  texts[0] = encode_text(text);
  texts[1] = encode_text(pair);
  return assemble(std::move(texts), options);
}

std::string Pipeline::decode(std::span<const std::int32_t> ids, bool skip_special_tokens) const {
  std::vector<std::string> tokens;
  for (const std::int32_t id : ids) {
    const bool is_added = added_.by_id(id) != nullptr;
    if (!is_added && !parts_.model->vocabulary().has_id(id)) {
      continue;
    }
    const std::string_view token =
        is_added ? added_.decoded(id) : parts_.model->vocabulary().token(id);
    if (!skip_special_tokens || !added_.is_special(token)) {
      tokens.emplace_back(token);
    }
  }
  if (parts_.decoder) {
    parts_.decoder->decode(tokens);
  }
  std::string text;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    text += i > 0 && !parts_.decoder ? " " : "";
    text += tokens[i];
  }
  return text;
}

std::size_t Pipeline::vocab_size() const {
  return std::max(parts_.model->vocabulary().size(), added_.end_id());
}

std::optional<std::int32_t> Pipeline::token_to_id(std::string_view token) const {
  const std::optional<std::int32_t> added = added_.find(token);
  return added ? added : parts_.model->vocabulary().find(token);
}

std::optional<std::string> Pipeline::id_to_token(std::int32_t id) const {
  if (const AddedToken* token = added_.by_id(id)) {
    return token->content;
  }
  const Vocabulary& vocabulary = parts_.model->vocabulary();
  return vocabulary.has_id(id) ? std::optional(std::string(vocabulary.token(id))) : std::nullopt;
}

}  // namespace firth
