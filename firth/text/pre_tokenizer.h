// The second part of a tokenizer: cuts the normalized text into words, which the model then sees
// one by one. One class a `type` of tokenizer.json; make_pre_tokenizer holds the list.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "firth/io/json.h"
#include "firth/text/normalized_text.h"

namespace firth {

// A piece of the text, in bytes. A piece that is an added token already has its id and is not cut
// further.
struct Piece {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::optional<std::int32_t> id;
};

struct PreTokenizedText {
  NormalizedText text;
  std::vector<Piece> pieces;  // none is empty
};

class PreTokenizer {
 public:
  virtual ~PreTokenizer() = default;
  virtual void pre_tokenize(PreTokenizedText& text) const = 0;
};

// What becomes of the parts that a pattern matches.
enum class SplitBehavior : std::uint8_t {
  kRemoved,
  kIsolated,            // each a piece of its own
  kMergedWithPrevious,  // joined to the part before, unless that is a match too
  kMergedWithNext,
  kContiguous,  // neighbouring matches are one piece
};

// A part of a piece, relative to it; the parts cover the piece.
struct SplitPart {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool is_match = false;
};

// Cuts every piece that is not an added token; `find` appends the parts of a piece.
using FindParts = std::function<void(std::string_view piece, std::vector<SplitPart>& parts)>;
void split_pieces(PreTokenizedText& text, SplitBehavior behavior, const FindParts& find);

class BertPreTokenizer : public PreTokenizer {
 public:
  void pre_tokenize(PreTokenizedText& text) const override;
};

std::unique_ptr<const PreTokenizer> make_pre_tokenizer(const Json& spec);

}  // namespace firth
