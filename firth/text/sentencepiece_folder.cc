// A folder of a Hugging Face model that has a SentencePiece file and no tokenizer.json. What
// transformers 5 makes of it depends on the tokenizer's class:
//
//   XLM-RoBERTa   ids of fairseq: <s> <pad> </s> <unk>, the pieces from the fourth on, <mask>
//   CamemBERT     five of its own, the pieces from the second on, <mask>
//   T5            the pieces, then <extra_id_99> … <extra_id_0>
//   Llama         the pieces; merges by the order of the pieces, spaces by Metaspace
//
// None of them follows SentencePiece itself in all: spaces at the ends and in a row are
// transformers', and special tokens in the text are found.
#include <algorithm>
#include <array>
#include <map>
#include <tuple>
#include <utility>

#include "firth/core/error.h"
#include "firth/io/file.h"
#include "firth/io/model_folder.h"
#include "firth/text/bpe.h"
#include "firth/text/metaspace.h"
#include "firth/text/precompiled.h"
#include "firth/text/sentencepiece.h"
#include "firth/text/special_tokens.h"
#include "firth/text/unicode.h"
#include "firth/text/unigram.h"

namespace firth {
namespace {

using Kind = TemplatePiece::Kind;

// What the settings of the folder say.
struct Settings {
  std::string tokenizer_class;  // without "Fast"; empty: no file names one
  bool add_bos_token = false;
  bool add_eos_token = false;
  bool add_prefix_space = true;
  bool legacy = false;
  std::size_t extra_ids = 100;
};

constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kClassOfModel = {
    {{"xlm-roberta", "XLMRobertaTokenizer"},
     {"camembert", "CamembertTokenizer"},
     {"t5", "T5Tokenizer"},
     {"mt5", "T5Tokenizer"},
     {"umt5", "T5Tokenizer"},
     {"llama", "LlamaTokenizer"}}};

Settings read_settings(const std::string& folder) {
  Settings settings;
  if (const auto document = read_json_if_there(folder, "tokenizer_config.json")) {
    const Json root = document->root();
    const auto flag = [&](std::string_view name, bool& value) {
      if (const auto field = root.find(name); field && !field->is_null()) value = field->as_bool();
    };
    if (const auto name = root.find("tokenizer_class"); name && !name->is_null()) {
      settings.tokenizer_class = name->as_string();
    }
    flag("add_bos_token", settings.add_bos_token);
    flag("add_eos_token", settings.add_eos_token);
    flag("add_prefix_space", settings.add_prefix_space);
    flag("legacy", settings.legacy);
    if (const auto count = root.find("extra_ids"); count && !count->is_null()) {
      settings.extra_ids = count->as_uint(100'000);
    }
  }
  if (settings.tokenizer_class.ends_with("Fast")) {
    settings.tokenizer_class.resize(settings.tokenizer_class.size() - 4);
  }
  if (!settings.tokenizer_class.empty()) return settings;
  if (const auto document = read_json_if_there(folder, "config.json")) {
    if (const auto type = document->root().find("model_type"); type && type->is_string()) {
      settings.tokenizer_class = type->as_string();
      for (const auto& [model, name] : kClassOfModel) {
        if (type->as_string() == model) settings.tokenizer_class = name;
      }
    }
  }
  return settings;
}

TemplatePiece special(const std::string& token, const Vocabulary& vocabulary,
                      const std::string& where) {
  const std::optional<std::int32_t> id = vocabulary.find(token);
  if (!id) {
    fail(ErrorKind::kCorrupt, where, ": expected the special token ", quoted(token),
         " among the pieces, found none");
  }
  return {Kind::kSpecial, 0, {*id}, {token}};
}

// Parts written as tokenizer.json has them.
template <class Make>
auto from_json(Make&& make, std::string_view spec) {
  const JsonDocument document = JsonDocument::parse(spec, "a built-in part");
  return make(document.root());
}

// The parts that XLM-RoBERTa, CamemBERT and T5 share; `pieces` are all by id.
TokenizerParts make_unigram_parts(const SentencePieceModel& model, const Settings& settings,
                                  const std::vector<UnigramPiece>& pieces, std::int32_t unk_id) {
  TokenizerParts parts;
  parts.where = model.where;
  if (!model.normalizer.precompiled_charsmap.empty()) {
    parts.normalizer = std::make_unique<Precompiled>(
        CharsMap(model.normalizer.precompiled_charsmap, model.where + ": precompiled_charsmap"));
  }
  MetaspaceOptions metaspace;
  metaspace.prepend_scheme =
      settings.add_prefix_space ? PrependScheme::kAlways : PrependScheme::kNever;
  std::vector<std::unique_ptr<const PreTokenizer>> cuts;
  cuts.push_back(from_json(make_pre_tokenizer, R"({"type": "WhitespaceSplit"})"));
  cuts.push_back(std::make_unique<Metaspace>(metaspace));
  parts.pre_tokenizer = std::make_unique<PreTokenizerSequence>(std::move(cuts));
  parts.decoder = std::make_unique<MetaspaceDecoder>(metaspace);
  UnigramOptions options;
  options.unk_id = unk_id;
  parts.model = std::make_unique<Unigram>(pieces, options, model.where);
  return parts;
}

// Control and user-defined pieces are found in a text; `tokens` come first.
std::vector<AddedToken> added_tokens(const SentencePieceModel& model, const SpecialTokens& tokens) {
  std::vector<AddedToken> added = tokens.added;
  for (const auto& piece : model.pieces) {
    const bool control = piece.type == SentencePieceModel::PieceType::kControl;
    if (!control && piece.type != SentencePieceModel::PieceType::kUserDefined) continue;
    const auto same = [&](const AddedToken& token) { return token.content == piece.text; };
    if (std::ranges::none_of(added, same)) {
      added.push_back({.content = piece.text, .normalized = false, .special = control});
    }
  }
  return added;
}

std::vector<UnigramPiece> with_pieces(std::vector<UnigramPiece> head,
                                      const SentencePieceModel& model, std::size_t first) {
  for (std::size_t id = first; id < model.pieces.size(); ++id) {
    head.push_back({model.pieces[id].text, model.pieces[id].score});
  }
  return head;
}

TokenizerParts make_roberta(const SentencePieceModel& model, const std::string& folder,
                            const Settings& settings, bool camembert) {
  AddedToken mask = default_special_token("<mask>");
  mask.lstrip = camembert;
  const SpecialTokens tokens =
      read_special_tokens(folder, {{"bos_token", default_special_token("<s>")},
                                   {"eos_token", default_special_token("</s>")},
                                   {"unk_token", default_special_token("<unk>")},
                                   {"sep_token", default_special_token("</s>")},
                                   {"pad_token", default_special_token("<pad>")},
                                   {"cls_token", default_special_token("<s>")},
                                   {"mask_token", mask}});
  const std::string& bos = tokens.at("bos_token").content;
  const std::string& eos = tokens.at("eos_token").content;
  const std::string& pad = tokens.at("pad_token").content;
  const std::string& unk = tokens.at("unk_token").content;
  std::vector<UnigramPiece> pieces =
      camembert
          ? with_pieces({{"<s>NOTUSED"}, {pad}, {"</s>NOTUSED"}, {unk}, {"<unk>NOTUSED", -100}},
                        model, 1)
          : with_pieces({{bos}, {pad}, {eos}, {unk}}, model, 3);
  pieces.push_back({tokens.at("mask_token").content});
  TokenizerParts parts = make_unigram_parts(model, settings, pieces, 3);
  parts.added_tokens = added_tokens(model, tokens);
  const TemplatePiece first{Kind::kFirst, 0, {}, {}};
  const TemplatePiece second{Kind::kSecond, 0, {}, {}};
  const TemplatePiece begin = special(bos, parts.model->vocabulary(), model.where);
  const TemplatePiece end = special(eos, parts.model->vocabulary(), model.where);
  parts.post_processor.single = {begin, first, end};
  parts.post_processor.pair = {begin, first, end, end, second, end};
  return parts;
}

TokenizerParts make_t5(const SentencePieceModel& model, const std::string& folder,
                       const Settings& settings) {
  SpecialTokens tokens =
      read_special_tokens(folder, {{"eos_token", default_special_token("</s>")},
                                   {"unk_token", default_special_token("<unk>")},
                                   {"pad_token", default_special_token("<pad>")}});
  std::vector<std::string> extra;
  for (std::size_t i = settings.extra_ids; i-- > 0;) {
    extra.push_back("<extra_id_" + std::to_string(i) + ">");
    tokens.added.push_back(default_special_token(extra.back()));
  }
  std::vector<UnigramPiece> pieces = with_pieces({}, model, 0);
  for (const std::string& token : extra) {
    pieces.push_back({token});
  }
  TokenizerParts parts = make_unigram_parts(model, settings, pieces, 2);
  parts.added_tokens = added_tokens(model, tokens);
  const TemplatePiece end =
      special(tokens.at("eos_token").content, parts.model->vocabulary(), model.where);
  parts.post_processor.single = {{Kind::kFirst, 0, {}, {}}, end};
  parts.post_processor.pair = {{Kind::kFirst, 0, {}, {}}, end, {Kind::kSecond, 0, {}, {}}, end};
  return parts;
}

// All ways to put a piece together from two, by the order of pieces; among those of one piece the
// shorter left part first.
std::vector<Merge> merges_of(const Vocabulary& vocabulary) {
  using Key = std::tuple<std::int32_t, std::size_t, std::size_t>;  // result, lengths in characters
  std::vector<std::pair<Key, Merge>> found;
  vocabulary.for_each([&](std::string_view piece, std::int32_t id) {
    std::vector<std::size_t> ends;
    for_each_char(piece, [&](char32_t, std::size_t, std::size_t end) { ends.push_back(end); });
    for (std::size_t i = 0; i + 1 < ends.size(); ++i) {
      const auto left = vocabulary.find(piece.substr(0, ends[i]));
      const auto right = vocabulary.find(piece.substr(ends[i]));
      if (left && right) {
        found.push_back({{id, i + 1, ends.size() - i - 1}, {*left, *right, id}});
      }
    }
  });
  std::ranges::stable_sort(found, {}, [](const auto& entry) { return entry.first; });
  std::vector<Merge> merges;
  for (const auto& [key, merge] : found) {
    merges.push_back(merge);
  }
  return merges;
}

TokenizerParts make_llama(const SentencePieceModel& model, const std::string& folder,
                          const Settings& settings) {
  const SpecialTokens tokens =
      read_special_tokens(folder, {{"bos_token", default_special_token("<s>")},
                                   {"eos_token", default_special_token("</s>")},
                                   {"unk_token", default_special_token("<unk>")}});
  std::vector<std::string_view> texts;
  for (const auto& piece : model.pieces) {
    texts.push_back(piece.text);
  }
  Vocabulary vocabulary = Vocabulary::from_list(texts);
  MergeTable merges(merges_of(vocabulary));
  BpeOptions options;
  options.fuse_unk = true;
  options.byte_fallback = true;
  TokenizerParts parts;
  parts.where = model.where;
  parts.model = std::make_unique<Bpe>(std::move(vocabulary), std::move(merges), options);
  MetaspaceOptions metaspace;
  metaspace.split = false;
  metaspace.prepend_scheme = !settings.add_prefix_space ? PrependScheme::kNever
                             : settings.legacy          ? PrependScheme::kAlways
                                                        : PrependScheme::kFirst;
  parts.pre_tokenizer = std::make_unique<Metaspace>(metaspace);
  parts.decoder = from_json(make_decoder, settings.add_prefix_space ? R"({"type": "Sequence",
      "decoders": [{"type": "Replace", "pattern": {"String": "\u2581"}, "content": " "},
                   {"type": "ByteFallback"}, {"type": "Fuse"},
                   {"type": "Strip", "content": " ", "start": 1, "stop": 0}]})"
                                                                    : R"({"type": "Sequence",
      "decoders": [{"type": "Replace", "pattern": {"String": "\u2581"}, "content": " "},
                   {"type": "ByteFallback"}, {"type": "Fuse"}]})");
  parts.added_tokens = added_tokens(model, tokens);
  const auto surround = [&](Kind kind, std::int32_t type_id, std::vector<TemplatePiece>& pieces) {
    const Vocabulary& words = parts.model->vocabulary();
    const auto add = [&](std::string_view name) {
      pieces.push_back(special(tokens.at(name).content, words, model.where));
      pieces.back().type_id = type_id;
    };
    if (settings.add_bos_token) add("bos_token");
    pieces.push_back({kind, type_id, {}, {}});
    if (settings.add_eos_token) add("eos_token");
  };
  parts.post_processor.single.clear();
  parts.post_processor.pair.clear();
  surround(Kind::kFirst, 0, parts.post_processor.single);
  surround(Kind::kFirst, 0, parts.post_processor.pair);
  surround(Kind::kSecond, 1, parts.post_processor.pair);
  return parts;
}

}  // namespace

std::optional<std::string> find_sentencepiece_file(const std::string& folder) {
  for (const char* name :
       {"sentencepiece.bpe.model", "spiece.model", "tokenizer.model", "spm.model"}) {
    if (auto path = find_model_file(folder, name)) return path;
  }
  return std::nullopt;
}

TokenizerParts read_sentencepiece_folder(const std::string& path, const std::string& folder) {
  const SentencePieceModel model = SentencePieceModel::parse(read_file(path), path);
  const Settings settings = read_settings(folder);
  const std::string& name = settings.tokenizer_class;
  if (name.empty()) return make_sentencepiece(model);
  if (name == "XLMRobertaTokenizer") return make_roberta(model, folder, settings, false);
  if (name == "CamembertTokenizer") return make_roberta(model, folder, settings, true);
  if (name == "T5Tokenizer") return make_t5(model, folder, settings);
  if (name == "LlamaTokenizer") return make_llama(model, folder, settings);
  fail(ErrorKind::kUnsupported, path, ": how ", quoted(name), " uses a SentencePiece model is not ",
       "known; known are XLMRobertaTokenizer, CamembertTokenizer, T5Tokenizer and LlamaTokenizer. ",
       "Save the tokenizer as tokenizer.json, or name the .model file itself");
}

}  // namespace firth
