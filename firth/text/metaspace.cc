// Spaces to signs, and back.
#include "firth/text/metaspace.h"

#include <utility>

#include "firth/core/error.h"

namespace firth {
namespace {

PrependScheme read_scheme(const Json& value) {
  const std::string_view name = value.as_string();
  if (name == "first") return PrependScheme::kFirst;
  if (name == "never") return PrependScheme::kNever;
  if (name == "always") return PrependScheme::kAlways;
  fail(ErrorKind::kCorrupt, value.where(), ": expected 'first', 'never' or 'always', found ",
       value.describe());
}

}  // namespace

MetaspaceOptions read_metaspace(const Json& spec) {
  MetaspaceOptions options;
  options.replacement.clear();
  append_utf8(read_char(spec.at("replacement")), options.replacement);
  const auto scheme = spec.find("prepend_scheme");
  if (scheme) {
    options.prepend_scheme = read_scheme(*scheme);
  }
  const auto legacy = spec.find("add_prefix_space");
  if (legacy && !legacy->is_null() && !legacy->as_bool()) {
    if (scheme && options.prepend_scheme != PrependScheme::kNever) {
      fail(ErrorKind::kCorrupt, legacy->where(), ": false contradicts prepend_scheme ",
           scheme->describe());
    }
    options.prepend_scheme = PrependScheme::kNever;
  }
  if (const auto split = spec.find("split"); split && !split->is_null()) {
    options.split = split->as_bool();
  }
  return options;
}

bool Metaspace::prepends(const NormalizedText& text, const Piece& piece) const {
  const std::string_view bytes =
      std::string_view(text.text()).substr(piece.begin, piece.end - piece.begin);
  const bool begins = bytes.starts_with(' ') || bytes.starts_with(options_.replacement);
  switch (options_.prepend_scheme) {
    case PrependScheme::kAlways:
      return !begins;
    case PrependScheme::kFirst:
      return !begins && text.is_first(piece.begin);
    default:
      return false;
  }
}

void Metaspace::rewrite(const NormalizedText& text, const Piece& piece,
                        PreTokenizedText& out) const {
  const std::string_view all = text.text();
  const std::string_view sign = options_.replacement;
  std::size_t open = out.text.size();  // the piece under construction
  const auto cut = [&] {
    if (options_.split && open < out.text.size()) {
      out.pieces.push_back({open, out.text.size(), std::nullopt});
      open = out.text.size();
    }
  };
  if (prepends(text, piece)) {
    out.text.append(sign, text, piece.begin);
  }
  std::size_t copied = piece.begin;
  for (std::size_t at = piece.begin; at < piece.end;) {
    const bool is_space = all[at] == ' ';
    if (!is_space && (all[at] != sign[0] || all.compare(at, sign.size(), sign) != 0)) {
      ++at;
      continue;
    }
    out.text.append(text, copied, at);
    cut();
    if (is_space) {
      out.text.append(sign, text, at);
      copied = ++at;
    } else {
      copied = at;
      at += sign.size();
    }
  }
  out.text.append(text, copied, piece.end);
  if (open < out.text.size()) {
    out.pieces.push_back({open, out.text.size(), std::nullopt});
  }
}

void Metaspace::pre_tokenize(PreTokenizedText& text) const {
  rewrite_pieces(text, [&](const NormalizedText& from, const Piece& piece, PreTokenizedText& out) {
    rewrite(from, piece, out);
  });
}

void MetaspaceDecoder::decode(std::vector<std::string>& tokens) const {
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const bool drops = i == 0 && options_.prepend_scheme != PrependScheme::kNever;
    replace_all(tokens[i], options_.replacement, drops ? "" : " ");
  }
}

}  // namespace firth
