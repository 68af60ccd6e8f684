// Greedy longest match.
#include "firth/text/word_piece.h"

#include <algorithm>
#include <utility>

namespace firth {
namespace {

std::size_t num_chars(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0) != 0x80;
  }));
}

}  // namespace

WordPiece::WordPiece(Vocabulary vocabulary, const WordPieceOptions& options)
    : options_(options),
      vocabulary_(std::move(vocabulary)),
      unknown_id_(vocabulary_.find(options.unk_token)),
      continuation_(trie_.node_of(options.continuing_subword_prefix)) {
  vocabulary_.for_each([&](std::string_view token, std::int32_t id) { trie_.insert(token, id); });
}

bool WordPiece::cover(std::string_view word, std::vector<ModelToken>& tokens) const {
  const std::size_t before = tokens.size();
  for (std::size_t begin = 0; begin < word.size();) {
    const auto match =
        trie_.longest_prefix(word.substr(begin), begin == 0 ? ByteTrie::kRoot : continuation_);
    if (match.length == 0) {
      tokens.resize(before);
      return false;
    }
    tokens.push_back({match.value, begin, begin + match.length});
    begin += match.length;
  }
  return true;
}

void WordPiece::tokenize(std::string_view word, std::vector<ModelToken>& tokens) const {
  if (num_chars(word) > options_.max_input_chars_per_word || !cover(word, tokens)) {
    tokens.push_back({require_unknown_id(unknown_id_, options_.unk_token), 0, word.size()});
  }
}

}  // namespace firth
