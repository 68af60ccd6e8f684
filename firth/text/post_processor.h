// The fourth part of a tokenizer: puts special tokens around the text, or around two of them, and
// trims the places of tokens. All kinds become one: a template for a text and one for a pair, and
// what is trimmed before and after it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "firth/core/embedder.h"
#include "firth/io/json.h"

namespace firth {

struct TemplatePiece {
  enum class Kind : std::uint8_t { kFirst, kSecond, kSpecial };

  Kind kind = Kind::kFirst;
  std::int32_t type_id = 0;
  std::vector<std::int32_t> ids;    // of a special token; usually one
  std::vector<std::string> tokens;  // its spelling, an entry an id
};

// Leaves white space at the ends of tokens (also spelled Ġ) out of their places, but not the space
// that a prefix has put before the first token.
struct TrimOffsets {
  bool add_prefix_space = true;

  // `index` counts the tokens of a text from 0.
  TokenSpan trim(std::string_view token, TokenSpan place, std::size_t index) const;
};

struct PostProcessor {
  std::vector<TemplatePiece> single = {{TemplatePiece::Kind::kFirst, 0, {}, {}}};
  std::vector<TemplatePiece> pair = {{TemplatePiece::Kind::kFirst, 0, {}, {}},
                                     {TemplatePiece::Kind::kSecond, 1, {}, {}}};

  std::vector<TrimOffsets> trims_before;  // of each text
  std::vector<TrimOffsets> trims_after;

  const std::vector<TemplatePiece>& pieces(bool is_pair) const { return is_pair ? pair : single; }

  std::size_t num_added(bool is_pair) const;
};

// [CLS] A [SEP] and [CLS] A [SEP] B [SEP].
PostProcessor bert_post_processor(const std::string& cls, std::int32_t cls_id,
                                  const std::string& sep, std::int32_t sep_id);

PostProcessor make_post_processor(const Json& spec);

}  // namespace firth
