// The list of files that a tokenizer can be opened from, and the scripts of what it does not know.
#include <string>
#include <utility>

#include "firth/core/error.h"
#include "firth/io/file.h"
#include "firth/io/model_folder.h"
#include "firth/text/bpe_files.h"
#include "firth/text/sentencepiece.h"
#include "firth/text/tokenizer.h"
#include "firth/text/tokenizer_files.h"
#include "firth/text/unicode.h"
#include "firth/text/word_piece.h"

namespace firth {
namespace {

TokenizerParts read_json(const std::string& path) {
  const JsonDocument document = JsonDocument::read(path);
  return read_tokenizer_json(document.root(), path);
}

TokenizerParts read_vocabulary(const std::string& path, const std::string& folder) {
  const std::string text = read_file(path);
  return read_vocab_txt(text, read_bert_config(folder), path);
}

TokenizerParts read_folder(const std::string& folder) {
  if (const auto path = find_model_file(folder, "tokenizer.json")) return read_json(*path);
  if (const auto path = find_model_file(folder, "vocab.txt")) {
    return read_vocabulary(*path, folder);
  }
  const auto merges = find_model_file(folder, "merges.txt");
  const auto vocabulary = find_model_file(folder, "vocab.json");
  if (merges && vocabulary) return read_bpe_folder(*vocabulary, *merges, folder);
  if (const auto path = find_sentencepiece_file(folder)) {
    return read_sentencepiece_folder(*path, folder);
  }
  fail(ErrorKind::kNotFound, folder,
       ": expected tokenizer.json, vocab.txt, vocab.json with merges.txt, or a SentencePiece "
       "model, found ",
       quoted_list(list_folder(folder)));
}

// The first letter decides; a piece without one is "Common".
std::string_view script_of(std::string_view text) {
  std::string_view script = "Common";
  for_each_char(text, [&](char32_t c, std::size_t, std::size_t) {
    if (script == "Common" || script == "Inherited") {
      script = script_name(c);
    }
  });
  return script;
}

}  // namespace

std::unique_ptr<const Tokenizer> open_tokenizer(const std::filesystem::path& path) {
  const std::string name = path.string();
  if (is_folder(name)) return std::make_unique<Pipeline>(read_folder(name));
  if (path.extension() == ".txt") {
    const std::string folder = path.parent_path().string();
    return std::make_unique<Pipeline>(read_vocabulary(name, folder.empty() ? "." : folder));
  }
  if (path.extension() == ".tiktoken") {
    return std::make_unique<Pipeline>(read_tiktoken(read_file(name), name));
  }
  if (path.filename() == "vocab.json") {
    return std::make_unique<Pipeline>(read_folder(path.parent_path().string()));
  }
  if (path.extension() == ".model") {
    return std::make_unique<Pipeline>(
        make_sentencepiece(SentencePieceModel::parse(read_file(name), name)));
  }
  return std::make_unique<Pipeline>(read_json(name));
}

std::unique_ptr<const Tokenizer> open_model_tokenizer(const std::string& folder, bool lower_case) {
  TokenizerParts parts = read_folder(folder);
  const bool word_piece = dynamic_cast<const WordPiece*>(parts.model.get()) != nullptr;
  const BertTokenizerConfig settings =
      word_piece ? read_bert_config(folder) : BertTokenizerConfig{};
  if (settings.states_case) {
    parts.normalizer = std::make_unique<BertNormalizer>(settings.normalizer());
    parts.pre_tokenizer = std::make_unique<BertPreTokenizer>();
  }
  const bool lowers = parts.normalizer && parts.normalizer->has_lowercase();
  if (lower_case && !lowers) parts.normalizer = lowercase_before(std::move(parts.normalizer));
  return std::make_unique<Pipeline>(std::move(parts));
}

void count_unknown_scripts(const Tokenizer& tokenizer, std::string_view text,
                           const EncodeOptions& options,
                           std::map<std::string, std::uint64_t>& counts) {
  const std::optional<std::int32_t> unknown = tokenizer.unknown_id();
  if (!unknown) {
    return;
  }
  std::string repaired;
  if (!is_valid_utf8(text)) {
    repaired = replace_invalid_utf8(text);
    text = repaired;
  }
  const Encoding encoding = tokenizer.encode(text, options);
  const char* p = text.data();
  std::uint32_t at = 0;  // the code point at p; offsets never fall
  const auto advance = [&](std::uint32_t to) {
    for (; at < to; ++at) {
      p += utf8_length(*p);
    }
    return p;
  };
  for (std::size_t i = 0; i < encoding.ids.size(); ++i) {
    if (encoding.ids[i] == *unknown && encoding.special_tokens_mask[i] == 0) {
      const char* const begin = advance(encoding.offsets[i].begin);
      const char* const end = advance(encoding.offsets[i].end);
      const std::string_view piece(begin, static_cast<std::size_t>(end - begin));
      ++counts[std::string(script_of(piece))];
    }
  }
}

}  // namespace firth
