// The decoders and the list of them.
#include "firth/text/decoder.h"

#include <array>
#include <string_view>
#include <utility>

#include "firth/core/error.h"

namespace firth {
namespace {

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  std::size_t at = text.find(from);
  if (at == std::string::npos) {
    return;
  }
  std::string result;
  std::size_t copied = 0;
  for (; at != std::string::npos; at = text.find(from, copied)) {
    result.append(text, copied, at - copied);
    result += to;
    copied = at + from.size();
  }
  result.append(text, copied);
  text = std::move(result);
}

// In the reference's order; each works on what the one before has left.
void clean_up(std::string& token) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 11> kRules = {{
      {" .", "."},
      {" ?", "?"},
      {" !", "!"},
      {" ,", ","},
      {" ' ", "'"},
      {" n't", "n't"},
      {" 'm", "'m"},
      {" do not", " don't"},
      {" 's", "'s"},
      {" 've", "'ve"},
      {" 're", "'re"},
  }};
  for (const auto& [from, to] : kRules) {
    replace_all(token, from, to);
  }
}

}  // namespace

void WordPieceDecoder::decode(std::vector<std::string>& tokens) const {
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    std::string& token = tokens[i];
    if (i > 0 && token.starts_with(prefix_)) {
      token.erase(0, prefix_.size());
    } else if (i > 0) {
      token.insert(0, 1, ' ');
    }
    if (cleanup_) {
      clean_up(token);
    }
  }
}

std::unique_ptr<const Decoder> make_decoder(const Json& spec) {
  const std::string_view type = spec.at("type").as_string();
  if (type == "WordPiece") {
    return std::make_unique<WordPieceDecoder>(std::string(spec.at("prefix").as_string()),
                                              spec.at("cleanup").as_bool());
  }
  fail(ErrorKind::kUnsupported, spec.where(), ": decoder type ", quoted(type), " is not supported");
}

}  // namespace firth
