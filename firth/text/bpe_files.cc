// Reading them.
#include "firth/text/bpe_files.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <map>
#include <utility>
#include <vector>

#include "firth/core/error.h"
#include "firth/io/base64.h"
#include "firth/io/file.h"
#include "firth/text/bpe.h"
#include "firth/text/byte_level.h"
#include "firth/text/special_tokens.h"

namespace firth {
namespace {

using Kind = TemplatePiece::Kind;
using NamedTokens = std::vector<std::pair<std::string, AddedToken>>;

struct Settings {
  std::string tokenizer_class;  // without "Fast"; empty: not named
  bool add_prefix_space = false;
  bool trim_offsets = true;
};

Settings read_settings(const std::string& folder) {
  Settings settings;
  const auto document = read_json_if_there(folder, "tokenizer_config.json");
  if (!document) return settings;
  const Json root = document->root();
  const auto flag = [&](std::string_view name, bool& value) {
    if (const auto field = root.find(name); field && !field->is_null()) value = field->as_bool();
  };
  if (const auto name = root.find("tokenizer_class"); name && !name->is_null()) {
    settings.tokenizer_class = name->as_string();
  }
  if (settings.tokenizer_class.ends_with("Fast")) {
    settings.tokenizer_class.resize(settings.tokenizer_class.size() - 4);
  }
  flag("add_prefix_space", settings.add_prefix_space);
  flag("trim_offsets", settings.trim_offsets);
  return settings;
}

enum class Family : std::uint8_t { kGpt2, kRoberta, kQwen2 };

Family family_of(const Settings& settings, const Vocabulary& vocabulary,
                 const std::string& folder) {
  static constexpr std::array<std::pair<std::string_view, Family>, 8> kClasses = {
      {{"GPT2Tokenizer", Family::kGpt2},
       {"RobertaTokenizer", Family::kRoberta},
       {"BartTokenizer", Family::kRoberta},
       {"LongformerTokenizer", Family::kRoberta},
       {"LEDTokenizer", Family::kRoberta},
       {"BlenderbotTokenizer", Family::kRoberta},
       {"MvpTokenizer", Family::kRoberta},
       {"Qwen2Tokenizer", Family::kQwen2}}};
  if (settings.tokenizer_class.empty()) {
    const bool roberta =
        vocabulary.find("<s>") && vocabulary.find("</s>") && vocabulary.find("<mask>");
    return roberta ? Family::kRoberta : Family::kGpt2;
  }
  for (const auto& [name, family] : kClasses) {
    if (settings.tokenizer_class == name) return family;
  }
  fail(ErrorKind::kUnsupported, folder, "/tokenizer_config.json: tokenizer_class ",
       quoted(settings.tokenizer_class),
       " is not supported without a tokenizer.json; save one with transformers");
}

NamedTokens named_tokens(Family family) {
  const auto tokens = [](std::initializer_list<std::pair<const char*, const char*>> list) {
    NamedTokens named;
    for (const auto& [name, content] : list) {
      named.emplace_back(name, default_special_token(content));
    }
    return named;
  };
  switch (family) {
    case Family::kRoberta:
      return tokens({{"bos_token", "<s>"},
                     {"eos_token", "</s>"},
                     {"unk_token", "<unk>"},
                     {"sep_token", "</s>"},
                     {"pad_token", "<pad>"},
                     {"cls_token", "<s>"},
                     {"mask_token", "<mask>"}});
    case Family::kQwen2:
      return tokens({{"eos_token", "<|endoftext|>"},
                     {"unk_token", "<|endoftext|>"},
                     {"pad_token", "<|endoftext|>"}});
    default:
      return tokens({{"bos_token", "<|endoftext|>"},
                     {"eos_token", "<|endoftext|>"},
                     {"unk_token", "<|endoftext|>"}});
  }
}

TemplatePiece special(const std::string& token, const Vocabulary& vocabulary,
                      const std::string& where) {
  const std::optional<std::int32_t> id = vocabulary.find(token);
  if (!id) {
    fail(ErrorKind::kCorrupt, where, ": expected the special token ", quoted(token),
         ", found none");
  }
  return {Kind::kSpecial, 0, {*id}, {token}};
}

PostProcessor roberta_post_processor(const SpecialTokens& tokens, const Settings& settings,
                                     const Vocabulary& vocabulary, const std::string& where) {
  const TemplatePiece begin = special(tokens.at("cls_token").content, vocabulary, where);
  const TemplatePiece end = special(tokens.at("sep_token").content, vocabulary, where);
  const TemplatePiece first{Kind::kFirst, 0, {}, {}};
  const TemplatePiece second{Kind::kSecond, 0, {}, {}};
  PostProcessor result;
  result.single = {begin, first, end};
  result.pair = {begin, first, end, end, second, end};
  if (settings.trim_offsets) result.trims_before.push_back({settings.add_prefix_space});
  return result;
}

std::unique_ptr<const PreTokenizer> byte_level_words(const WordPattern& pattern) {
  std::vector<std::unique_ptr<const PreTokenizer>> parts;
  parts.push_back(
      std::make_unique<SplitPreTokenizer>(TextPattern(pattern), SplitBehavior::kIsolated, false));
  parts.push_back(std::make_unique<ByteLevelPreTokenizer>(
      ByteLevelOptions{.add_prefix_space = false, .use_regex = false}));
  return std::make_unique<PreTokenizerSequence>(std::move(parts));
}

std::unique_ptr<const Normalizer> nfc() {
  const JsonDocument spec = JsonDocument::parse(R"({"type": "NFC"})", "a built-in part");
  return make_normalizer(spec.root());
}

}  // namespace

TokenizerParts read_bpe_folder(const std::string& vocab_path, const std::string& merges_path,
                               const std::string& folder) {
  const Settings settings = read_settings(folder);
  Vocabulary vocabulary = Vocabulary::read(JsonDocument::read(vocab_path).root());
  const Family family = family_of(settings, vocabulary, folder);
  const SpecialTokens tokens = read_special_tokens(folder, named_tokens(family));
  TokenizerParts parts;
  parts.where = vocab_path;
  parts.added_tokens = tokens.added;
  if (family == Family::kRoberta) {
    parts.post_processor = roberta_post_processor(tokens, settings, vocabulary, vocab_path);
  }
  if (family == Family::kQwen2) {
    parts.normalizer = nfc();
    parts.pre_tokenizer = byte_level_words(kQwen2Pattern);
  } else {
    parts.pre_tokenizer = std::make_unique<ByteLevelPreTokenizer>(
        ByteLevelOptions{.add_prefix_space = settings.add_prefix_space});
  }
  MergeTable merges = read_merges_txt(read_file(merges_path), vocabulary, merges_path);
  parts.model = std::make_unique<Bpe>(std::move(vocabulary), std::move(merges), BpeOptions{});
  parts.decoder = std::make_unique<ByteLevelDecoder>();
  return parts;
}

namespace {

struct TiktokenEncoding {
  std::string_view name;
  std::size_t num_ranks;
  WordPattern pattern;
  std::vector<std::pair<std::string, std::int32_t>> specials;
};

// As tiktoken defines them.
const std::vector<TiktokenEncoding>& encodings() {
  static const std::vector<TiktokenEncoding> kEncodings = {
      {"cl100k",
       100256,
       kTiktokenCl100kPattern,
       {{"<|endoftext|>", 100257},
        {"<|fim_prefix|>", 100258},
        {"<|fim_middle|>", 100259},
        {"<|fim_suffix|>", 100260},
        {"<|endofprompt|>", 100276}}},
      {"o200k", 199998, kO200kPattern, {{"<|endoftext|>", 199999}, {"<|endofprompt|>", 200018}}},
      {"p50k", 50280, kGpt2Pattern, {{"<|endoftext|>", 50256}}},
      {"r50k", 50256, kGpt2Pattern, {{"<|endoftext|>", 50256}}},
      {"gpt2", 50256, kGpt2Pattern, {{"<|endoftext|>", 50256}}},
  };
  return kEncodings;
}

const TiktokenEncoding& encoding_of(const std::string& path, std::size_t num_ranks) {
  const std::string name = std::filesystem::path(path).filename().string();
  for (const TiktokenEncoding& encoding : encodings()) {
    if (name.find(encoding.name) != std::string::npos) return encoding;
  }
  for (const TiktokenEncoding& encoding : encodings()) {
    if (encoding.num_ranks == num_ranks) return encoding;
  }
  fail(ErrorKind::kUnsupported, path, ": the file does not say how words are cut: expected a name ",
       "with cl100k, o200k, p50k, r50k or gpt2 in it, or as many ranks as one of those has, found ",
       num_ranks, " ranks");
}

using Ranks = std::vector<std::pair<std::string, std::int32_t>>;  // bytes and rank

constexpr std::size_t kMaxTokenBytes = 1024;

std::pair<std::string, std::int32_t> read_rank(std::string_view line, const std::string& where) {
  const std::size_t space = line.find(' ');
  const std::optional<std::string> bytes = decode_base64(line.substr(0, space));
  std::int32_t rank = -1;
  if (space != std::string_view::npos) {
    const char* const end = line.data() + line.size();
    const auto [stop, code] = std::from_chars(line.data() + space + 1, end, rank);
    if (stop != end || code != std::errc()) rank = -1;
  }
  if (!bytes || bytes->empty() || rank < 0 || rank > kMaxTokenId) {
    fail(ErrorKind::kCorrupt, where, ": expected a token in base64, a space and a rank from 0 to ",
         kMaxTokenId, ", found ", quoted(line));
  }
  if (bytes->size() > kMaxTokenBytes) {
    fail(ErrorKind::kUnsupported, where, ": expected a token of at most ", kMaxTokenBytes,
         " bytes, found ", bytes->size());
  }
  return {*bytes, rank};
}

Ranks read_ranks(std::string_view text, const std::string& path) {
  Ranks ranks;
  std::size_t number = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    std::string_view line = text.substr(begin, end - begin);
    if (line.ends_with('\r')) line.remove_suffix(1);
    begin = end + 1;
    ++number;
    if (!line.empty()) ranks.push_back(read_rank(line, path + ":" + std::to_string(number)));
  }
  return ranks;
}

// tiktoken joins the neighbours that make the token of the lowest rank: every way to cut a token in
// two is a merge, and all of one token have its rank.
MergeTable merges_of(const Ranks& ranks) {
  std::map<std::string_view, std::int32_t> ids(ranks.begin(), ranks.end());
  std::vector<Merge> merges;
  std::vector<std::uint32_t> merge_ranks;
  for (const auto& [bytes, rank] : ranks) {
    const std::string_view token = bytes;
    for (std::size_t at = 1; at < token.size(); ++at) {
      const auto left = ids.find(token.substr(0, at));
      if (left == ids.end()) continue;
      const auto right = ids.find(token.substr(at));
      if (right == ids.end()) continue;
      merges.push_back({left->second, right->second, rank});
      merge_ranks.push_back(static_cast<std::uint32_t>(rank));
    }
  }
  return {std::move(merges), std::move(merge_ranks)};
}

}  // namespace

TokenizerParts read_tiktoken(std::string_view text, const std::string& path) {
  const Ranks ranks = read_ranks(text, path);
  const TiktokenEncoding& encoding = encoding_of(path, ranks.size());
  std::vector<std::pair<std::string, std::int32_t>> tokens;
  for (const auto& [bytes, rank] : ranks) tokens.emplace_back(spell_bytes(bytes), rank);
  TokenizerParts parts;
  parts.where = path;
  for (const auto& [content, id] : encoding.specials) {
    tokens.emplace_back(content, id);
    parts.added_tokens.push_back(default_special_token(content));
  }
  parts.pre_tokenizer = byte_level_words(encoding.pattern);
  parts.model = std::make_unique<Bpe>(Vocabulary::from_tokens(tokens, path), merges_of(ranks),
                                      BpeOptions{.ignore_merges = true});
  parts.decoder = std::make_unique<ByteLevelDecoder>();
  for (unsigned byte = 0; byte < 256; ++byte) {
    const char letter = static_cast<char>(byte);
    if (!parts.model->vocabulary().find(spell_bytes({&letter, 1}))) {
      fail(ErrorKind::kCorrupt, path, ": expected a rank for every byte, found none for byte ",
           byte);
    }
  }
  return parts;
}

}  // namespace firth
