// The file of a SentencePiece model (`spiece.model`, `sentencepiece.bpe.model`, `tokenizer.model`):
// a protobuf message ModelProto, of which what tokenizing needs is read. Every length is checked
// against the bytes there are; fields that are not known are passed over.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace firth {

struct SentencePieceModel {
  enum class PieceType : std::uint8_t {
    kNormal = 1,
    kUnknown = 2,
    kControl = 3,      // never found in a text
    kUserDefined = 4,  // always found in a text
    kUnused = 5,
    kByte = 6,
  };

  struct Piece {
    std::string text;
    float score = 0;
    PieceType type = PieceType::kNormal;
  };

  enum class Type : std::uint8_t { kUnigram = 1, kBpe = 2, kWord = 3, kChar = 4 };

  struct Normalizer {
    std::string precompiled_charsmap;  // empty: texts stay as they are
    bool add_dummy_prefix = true;
    bool remove_extra_whitespaces = true;
    bool escape_whitespaces = true;
  };

  // Errors: corrupt (cut, lengths that lie, pieces that are empty or occur twice, no unknown piece,
  // bytes missing), unsupported (types that are not known).
  static SentencePieceModel parse(std::string_view bytes, std::string where);

  bool has_type(std::size_t id, PieceType wanted) const { return pieces[id].type == wanted; }

  std::string where;  // what errors name
  std::vector<Piece> pieces;
  Type type = Type::kUnigram;
  bool byte_fallback = false;
  bool treat_whitespace_as_suffix = false;
  std::string unk_surface = " \u2047 ";
  Normalizer normalizer;
  Normalizer denormalizer;  // only its map is of use
  std::size_t unk_id = 0;
};

}  // namespace firth
