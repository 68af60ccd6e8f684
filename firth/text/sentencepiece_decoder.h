// SentencePiece's way back: control symbols are nothing, the unknown piece is its surface ("⁇"),
// bytes are joined, "▁" is a space, and the one before the text goes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "firth/text/decoder.h"
#include "firth/text/sentencepiece_model.h"
#include "firth/text/sentencepiece_normalizer.h"

namespace firth {

class SentencePieceDecoder : public Decoder {
 public:
  explicit SentencePieceDecoder(const SentencePieceModel& model);

  void decode(std::vector<std::string>& tokens) const override;

 private:
  struct Reserved {
    SentencePieceModel::PieceType type;
    char byte = 0;
  };

  std::unordered_map<std::string, Reserved> reserved_;  // pieces that no text holds
  std::string unk_surface_;
  bool drops_first_space_;
  bool drops_all_first_spaces_;
  std::optional<SentencePieceNormalizer> denormalizer_;
};

}  // namespace firth
