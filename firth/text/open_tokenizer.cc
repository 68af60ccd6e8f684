// The list of files that a tokenizer can be opened from, and the scripts of what it does not know.
#include <string>

#include "firth/core/error.h"
#include "firth/io/file.h"
#include "firth/io/model_folder.h"
#include "firth/text/tokenizer.h"
#include "firth/text/tokenizer_files.h"
#include "firth/text/unicode.h"

namespace firth {
namespace {

std::unique_ptr<const Tokenizer> open_json(const std::string& path) {
  const JsonDocument document = JsonDocument::read(path);
  return std::make_unique<Pipeline>(read_tokenizer_json(document.root(), path));
}

std::unique_ptr<const Tokenizer> open_vocab_txt(const std::string& path,
                                                const std::string& folder) {
  const std::string text = read_file(path);
  return std::make_unique<Pipeline>(read_vocab_txt(text, read_bert_config(folder), path));
}

std::unique_ptr<const Tokenizer> open_folder(const std::string& folder) {
  if (const auto path = find_model_file(folder, "tokenizer.json")) {
    return open_json(*path);
  }
  if (const auto path = find_model_file(folder, "vocab.txt")) {
    return open_vocab_txt(*path, folder);
  }
  fail(ErrorKind::kNotFound, folder, ": expected tokenizer.json or vocab.txt, found ",
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
  if (is_folder(name)) {
    return open_folder(name);
  }
  if (path.extension() == ".txt") {
    const std::string folder = path.parent_path().string();
    return open_vocab_txt(name, folder.empty() ? "." : folder);
  }
  return open_json(name);
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
