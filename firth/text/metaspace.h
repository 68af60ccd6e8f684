// Metaspace, SentencePiece's way with spaces: each becomes a sign ("▁"), one more is put before a
// text, and words begin with it. As a decoder the signs become spaces again.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "firth/text/decoder.h"
#include "firth/text/pre_tokenizer.h"

namespace firth {

enum class PrependScheme : std::uint8_t {
  kFirst,  // where the text begins
  kNever,
  kAlways,  // to every piece
};

struct MetaspaceOptions {
  std::string replacement = "\u2581";  // one character
  PrependScheme prepend_scheme = PrependScheme::kAlways;
  bool split = true;
};

// Also of older files, which have add_prefix_space. Errors: corrupt.
MetaspaceOptions read_metaspace(const Json& spec);

class Metaspace : public PreTokenizer {
 public:
  explicit Metaspace(MetaspaceOptions options) : options_(std::move(options)) {}

  void pre_tokenize(PreTokenizedText& text) const override;

  SpaceRole space_role() const override {
    return options_.split ? SpaceRole::kBegins : SpaceRole::kUnknown;
  }

  bool sees_pieces_alone() const override {
    return options_.prepend_scheme != PrependScheme::kFirst;
  }

 private:
  bool prepends(const NormalizedText& text, const Piece& piece) const;
  void rewrite(const NormalizedText& text, const Piece& piece, PreTokenizedText& out) const;

  MetaspaceOptions options_;
};

class MetaspaceDecoder : public Decoder {
 public:
  explicit MetaspaceDecoder(MetaspaceOptions options) : options_(std::move(options)) {}

  void decode(std::vector<std::string>& tokens) const override;

 private:
  MetaspaceOptions options_;
};

}  // namespace firth
