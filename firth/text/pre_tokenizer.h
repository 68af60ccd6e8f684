// The second part of a tokenizer: cuts the normalized text into words, which the model then sees
// one by one. One class a `type` of tokenizer.json; make_pre_tokenizer holds the list.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
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

// What a space in the text means to a pre-tokenizer that is given the whole of it.
enum class SpaceRole : std::uint8_t {
  kUnknown,
  kSeparates,  // white space lies between words, and no word depends on what is beyond it
  kBegins,     // a space begins a word, and no word depends on what is before it
};

class PreTokenizer {
 public:
  virtual ~PreTokenizer() = default;
  virtual void pre_tokenize(PreTokenizedText& text) const = 0;

  virtual SpaceRole space_role() const { return SpaceRole::kUnknown; }

  // Whether what becomes of a piece depends on the piece alone.
  virtual bool sees_pieces_alone() const { return true; }
};

// What becomes of the parts that a pattern matches.
enum class SplitBehavior : std::uint8_t {
  kRemoved,
  kIsolated,            // each a piece of its own
  kMergedWithPrevious,  // joined to the part before, unless that is a match too
  kMergedWithNext,
  kContiguous,  // neighbouring matches are one piece
};

// Cuts every piece that is not an added token; `find` appends the parts of a piece, relative to it,
// which cover it.
using FindParts = std::function<void(std::string_view piece, std::vector<PatternPart>& parts)>;
void split_pieces(PreTokenizedText& text, SplitBehavior behavior, const FindParts& find);

// Rewrites every piece that is not an added token: rewrite(text, piece, out) appends what becomes
// of bytes [piece.begin, piece.end) of `text` to out.text, and its pieces, in bytes of out.text.
// Only for the characters' sake: cutting alone is split_pieces.
template <class Rewrite>
void rewrite_pieces(PreTokenizedText& text, Rewrite&& rewrite) {
  PreTokenizedText out{NormalizedText(text.text.places()), {}};
  out.text.reserve(text.text.size() + text.text.size() / 4 + 8);
  out.pieces.reserve(text.pieces.size());
  for (const Piece& piece : text.pieces) {
    if (piece.id) {
      const std::size_t begin = out.text.size();
      out.text.append(text.text, piece.begin, piece.end);
      out.pieces.push_back({begin, out.text.size(), piece.id});
    } else {
      rewrite(text.text, piece, out);
    }
  }
  text = std::move(out);
}

class BertPreTokenizer : public PreTokenizer {
 public:
  void pre_tokenize(PreTokenizedText& text) const override;

  SpaceRole space_role() const override { return SpaceRole::kSeparates; }
};

// A string of one character. Errors: corrupt.
char32_t read_char(const Json& value);

class PreTokenizerSequence : public PreTokenizer {
 public:
  explicit PreTokenizerSequence(std::vector<std::unique_ptr<const PreTokenizer>> parts)
      : parts_(std::move(parts)) {}

  void pre_tokenize(PreTokenizedText& text) const override {
    for (const auto& part : parts_) {
      part->pre_tokenize(text);
    }
  }

  SpaceRole space_role() const override;
  bool sees_pieces_alone() const override;

  const std::vector<std::unique_ptr<const PreTokenizer>>& parts() const { return parts_; }

 private:
  std::vector<std::unique_ptr<const PreTokenizer>> parts_;
};

std::unique_ptr<const PreTokenizer> make_pre_tokenizer(const Json& spec);

}  // namespace firth
