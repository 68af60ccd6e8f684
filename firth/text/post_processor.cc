// Reading templates, and the list of post-processors.
#include "firth/text/post_processor.h"

#include <map>
#include <utility>

#include "firth/core/error.h"
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
  return {read_template(spec.at("single"), specials, false),
          read_template(spec.at("pair"), specials, true)};
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

}  // namespace

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
  return {{begin, first, end}, {begin, first, end, second, second_end}};
}

PostProcessor make_post_processor(const Json& spec) {
  const std::string_view type = spec.at("type").as_string();
  if (type == "TemplateProcessing") return make_template(spec);
  if (type == "BertProcessing") return make_bert(spec);
  fail(ErrorKind::kUnsupported, spec.where(), ": post-processor type ", quoted(type),
       " is not supported");
}

}  // namespace firth
