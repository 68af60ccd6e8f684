// The parts of a tokenizer, from a model file.
#include "firth/text/sentencepiece.h"

#include <algorithm>
#include <cfloat>
#include <utility>

#include "firth/text/sentencepiece_decoder.h"
#include "firth/text/sentencepiece_normalizer.h"
#include "firth/text/sentencepiece_symbols.h"
#include "firth/text/unigram.h"

namespace firth {
namespace {

using Type = SentencePieceModel::PieceType;

std::unique_ptr<const TokenModel> make_unigram(const SentencePieceModel& model) {
  float least = FLT_MAX;
  float greatest = FLT_MIN;  // the smallest positive number: so SentencePiece begins
  for (const auto& piece : model.pieces) {
    if (piece.type == Type::kNormal) {
      least = std::min(least, piece.score);
      greatest = std::max(greatest, piece.score);
    }
  }
  std::vector<UnigramPiece> pieces;
  pieces.reserve(model.pieces.size());
  for (const auto& piece : model.pieces) {
    const bool is_user_defined = piece.type == Type::kUserDefined;
    // What a person has defined beats any way to cut it.
    const double score =
        is_user_defined ? static_cast<float>(piece.text.size()) * greatest - 0.1 : piece.score;
    pieces.push_back({piece.text, score, piece.type == Type::kNormal || is_user_defined});
  }
  const UnigramOptions options{.unk_id = static_cast<std::int32_t>(model.unk_id),
                               .byte_fallback = model.byte_fallback,
                               .single_precision = true,
                               .unknown_score = least - 10.0F};
  return std::make_unique<Unigram>(pieces, options, model.where);
}

}  // namespace

TokenizerParts make_sentencepiece(const SentencePieceModel& model) {
  TokenizerParts parts;
  parts.where = model.where;
  parts.normalizer = std::make_unique<SentencePieceNormalizer>(model);
  if (model.type == SentencePieceModel::Type::kUnigram) {
    parts.model = make_unigram(model);
  } else {
    parts.model = std::make_unique<SentencePieceSymbols>(model);
  }
  parts.decoder = std::make_unique<SentencePieceDecoder>(model);
  return parts;
}

}  // namespace firth
