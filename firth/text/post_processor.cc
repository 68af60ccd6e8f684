// Reading templates, and the list of post-processors.
#include "firth/text/post_processor.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "firth/core/error.h"
#include "firth/text/byte_level.h"
#include "firth/text/unicode.h"
#include "firth/text/vocabulary.h"

namespace firth {
namespace {

using Kind = TemplatePiece::Kind;

struct SpecialToken {
  std::vector<std::int32_t> ids;
  std::vector<std::string> tokens;
};

using SpecialTokens = std::map<std::string, SpecialToken, std::less<>>;

SpecialTokens read_special_tokens(const Json& object) {
  SpecialTokens result;
  for (const auto& [name, value] : object.fields()) {
    SpecialToken token;
    for (const Json& id : value.at("ids").elements()) {
      token.ids.push_back(static_cast<std::int32_t>(id.as_uint(kMaxTokenId)));
    }
    for (const Json& text : value.at("tokens").elements()) {
      token.tokens.emplace_back(text.as_string());
    }
    if (token.ids.size() != token.tokens.size()) {
      fail(ErrorKind::kCorrupt, value.where(), ": expected as many ids as tokens, found ",
           token.ids.size(), " ids and ", token.tokens.size(), " tokens");
    }
    result[std::string(name)] = std::move(token);
  }
  return result;
}

TemplatePiece read_sequence(const Json& spec) {
  const Json id = spec.at("id");
  const std::string_view name = id.as_string();
  if (name != "A" && name != "B") {
    fail(ErrorKind::kCorrupt, id.where(), ": expected 'A' or 'B', found ", id.describe());
  }
  const auto type_id = static_cast<std::int32_t>(spec.at("type_id").as_uint(INT32_MAX));
  return {name == "A" ? Kind::kFirst : Kind::kSecond, type_id, {}, {}};
}

TemplatePiece read_special(const Json& spec, const SpecialTokens& specials) {
  const Json id = spec.at("id");
  const auto it = specials.find(id.as_string());
  if (it == specials.end()) {
    fail(ErrorKind::kCorrupt, id.where(), ": the template names a token ", id.describe(),
         " that its special_tokens lack");
  }
  const auto type_id = static_cast<std::int32_t>(spec.at("type_id").as_uint(INT32_MAX));
  return {Kind::kSpecial, type_id, it->second.ids, it->second.tokens};
}

std::vector<TemplatePiece> read_template(const Json& array, const SpecialTokens& specials,
                                         bool is_pair) {
  std::vector<TemplatePiece> pieces;
  for (const Json& element : array.elements()) {
    if (const std::optional<Json> sequence = element.find("Sequence")) {
      pieces.push_back(read_sequence(*sequence));
      if (pieces.back().kind == Kind::kSecond && !is_pair) {
        fail(ErrorKind::kCorrupt, element.where(), ": the template for one text names text B");
      }
    } else {
      pieces.push_back(read_special(element.at("SpecialToken"), specials));
    }
  }
  return pieces;
}

PostProcessor make_template(const Json& spec) {
  const SpecialTokens specials = read_special_tokens(spec.at("special_tokens"));
  PostProcessor result;
  result.single = read_template(spec.at("single"), specials, false);
  result.pair = read_template(spec.at("pair"), specials, true);
  return result;
}

// ["[SEP]", 102]
std::pair<std::string, std::int32_t> read_token_and_id(const Json& array) {
  return {std::string(array.at(std::size_t{0}).as_string()),
          static_cast<std::int32_t>(array.at(std::size_t{1}).as_uint(kMaxTokenId))};
}

PostProcessor make_bert(const Json& spec) {
  const auto [cls, cls_id] = read_token_and_id(spec.at("cls"));
  const auto [sep, sep_id] = read_token_and_id(spec.at("sep"));
  return bert_post_processor(cls, cls_id, sep, sep_id);
}

// <s> A </s> and <s> A </s> </s> B </s>, all of type 0.
PostProcessor make_roberta(const Json& spec) {
  const auto [cls, cls_id] = read_token_and_id(spec.at("cls"));
  const auto [sep, sep_id] = read_token_and_id(spec.at("sep"));
  const TemplatePiece first{Kind::kFirst, 0, {}, {}};
  const TemplatePiece second{Kind::kSecond, 0, {}, {}};
  const TemplatePiece begin{Kind::kSpecial, 0, {cls_id}, {cls}};
  const TemplatePiece end{Kind::kSpecial, 0, {sep_id}, {sep}};
  PostProcessor result;
  result.single = {begin, first, end};
  result.pair = {begin, first, end, end, second, end};
  const bool add_prefix_space = spec.at("add_prefix_space").as_bool();
  if (spec.at("trim_offsets").as_bool()) result.trims_before.push_back({add_prefix_space});
  return result;
}

PostProcessor make_byte_level(const Json& spec) {
  const ByteLevelOptions options = read_byte_level_options(spec);
  PostProcessor result;
  if (options.trim_offsets) result.trims_before.push_back({options.add_prefix_space});
  return result;
}

PostProcessor make_sequence(const Json& spec) {
  PostProcessor result;
  bool has_template = false;
  const Json processors = spec.at("processors");
  for (const Json& item : processors.elements()) {
    PostProcessor next = make_post_processor(item);
    const bool is_byte_level = item.at("type").as_string() == "ByteLevel";
    if (has_template && !is_byte_level) {
      fail(ErrorKind::kUnsupported, processors.where(),
           ": expected one template at most, found two");
    }
    auto& trims = has_template ? result.trims_after : result.trims_before;
    trims.insert(trims.end(), next.trims_before.begin(), next.trims_before.end());
    if (is_byte_level) continue;
    has_template = true;
    result.single = std::move(next.single);
    result.pair = std::move(next.pair);
    result.trims_after = std::move(next.trims_after);
  }
  return result;
}

bool is_trimmed(char32_t c) {
  return c == byte_character(' ') || is_whitespace(c);
}

}  // namespace

TokenSpan TrimOffsets::trim(std::string_view token, TokenSpan place, std::size_t index) const {
  std::uint32_t leading = 0;   // white space characters at the beginning
  std::uint32_t trailing = 0;  // at the end
  bool inside = false;
  for_each_char(token, [&](char32_t c, std::size_t, std::size_t) {
    const bool space = is_trimmed(c);
    inside = inside || !space;
    leading += !inside;
    trailing = space ? trailing + 1 : 0;
  });
  if (leading > 0) {
    const bool is_first = index == 0 || place.begin == 0;
    if (is_first && add_prefix_space && leading == 1) leading = 0;
    place.begin = std::min(place.begin + leading, place.end);
  }
  if (trailing > 0 && place.end >= trailing) {
    place.end = std::max(place.end - trailing, place.begin);
  }
  return place;
}

std::size_t PostProcessor::num_added(bool is_pair) const {
  std::size_t n = 0;
  for (const TemplatePiece& piece : pieces(is_pair)) {
    n += piece.ids.size();
  }
  return n;
}

PostProcessor bert_post_processor(const std::string& cls, std::int32_t cls_id,
                                  const std::string& sep, std::int32_t sep_id) {
  const TemplatePiece first{Kind::kFirst, 0, {}, {}};
  const TemplatePiece second{Kind::kSecond, 1, {}, {}};
  const TemplatePiece begin{Kind::kSpecial, 0, {cls_id}, {cls}};
  const TemplatePiece end{Kind::kSpecial, 0, {sep_id}, {sep}};
  const TemplatePiece second_end{Kind::kSpecial, 1, {sep_id}, {sep}};
  PostProcessor result;
  result.single = {begin, first, end};
  result.pair = {begin, first, end, second, second_end};
  return result;
}

PostProcessor make_post_processor(const Json& spec) {
  const std::string_view type = spec.at("type").as_string();
  if (type == "TemplateProcessing") return make_template(spec);
  if (type == "BertProcessing") return make_bert(spec);
  if (type == "RobertaProcessing") return make_roberta(spec);
  if (type == "ByteLevel") return make_byte_level(spec);
  if (type == "Sequence") return make_sequence(spec);
  fail(ErrorKind::kUnsupported, spec.where(), ": post-processor type ", quoted(type),
       " is not supported");
}

}  // namespace firth
