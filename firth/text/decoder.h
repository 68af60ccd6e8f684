// The last part of a tokenizer: tokens back to text. One class a `type` of tokenizer.json;
// make_decoder holds the list.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "firth/io/json.h"

namespace firth {

class Decoder {
 public:
  virtual ~Decoder() = default;

  // Rewrites the tokens so that the text is their concatenation.
  virtual void decode(std::vector<std::string>& tokens) const = 0;
};

// Takes the prefix off continuations, puts a space before every other token but the first, and with
// `cleanup` undoes the spacing of English punctuation.
class WordPieceDecoder : public Decoder {
 public:
  WordPieceDecoder(std::string prefix, bool cleanup)
      : prefix_(std::move(prefix)), cleanup_(cleanup) {}

  void decode(std::vector<std::string>& tokens) const override;

 private:
  std::string prefix_;
  bool cleanup_;
};

// Replaces every occurrence of `from`; an empty one occurs before and behind every character.
void replace_all(std::string& text, std::string_view from, std::string_view to);

std::unique_ptr<const Decoder> make_decoder(const Json& spec);

}  // namespace firth
