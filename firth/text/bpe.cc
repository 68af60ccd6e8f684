// Reading a model, and cutting words.
#include "firth/text/bpe.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "firth/core/error.h"
#include "firth/text/unicode.h"

namespace firth {
namespace {

constexpr std::string_view kSpaceMark = "\u2581";  // SentencePiece's
constexpr char32_t kNumCharacterIds = 0x10000;

std::optional<Json> find_value(const Json& spec, std::string_view name) {
  const std::optional<Json> value = spec.find(name);
  return value && !value->is_null() ? value : std::nullopt;
}

// Reads merges; `where()` says where the present one stands, and is asked only where it is wrong.
template <class Where>
class MergeReader {
 public:
  MergeReader(const Vocabulary& vocabulary, std::size_t prefix_length, Where where)
      : vocabulary_(vocabulary), prefix_length_(prefix_length), where_(std::move(where)) {}

  void add(std::string_view left, std::string_view right) {
    if (right.size() < prefix_length_) {
      fail(ErrorKind::kCorrupt, where_(), ": expected a second token that begins with the prefix, ",
           "of ", prefix_length_, " bytes, found ", quoted(right));
    }
    spelling_ = left;
    spelling_ += right.substr(prefix_length_);
    merges_.push_back({id_of(left), id_of(right), id_of(spelling_)});
  }

  // "a b": exactly two parts.
  void add_line(std::string_view line) {
    const std::size_t space = line.find(' ');
    if (space == std::string_view::npos || line.find(' ', space + 1) != std::string_view::npos) {
      fail(ErrorKind::kCorrupt, where_(), ": expected two tokens with a space between, found ",
           quoted(line));
    }
    add(line.substr(0, space), line.substr(space + 1));
  }

  MergeTable take() { return MergeTable(std::move(merges_)); }

 private:
  std::int32_t id_of(std::string_view token) const {
    const std::optional<std::int32_t> id = vocabulary_.find(token);
    if (!id) {
      fail(ErrorKind::kCorrupt, where_(), ": expected tokens of the vocabulary, found ",
           quoted(token), ", which it lacks");
    }
    return *id;
  }

  const Vocabulary& vocabulary_;
  std::size_t prefix_length_;
  Where where_;
  std::string spelling_;
  std::vector<Merge> merges_;
};

MergeTable read_merges(const Json& array, std::size_t prefix_length, const Vocabulary& vocabulary) {
  const std::vector<Json> items = array.elements();
  const Json* item = nullptr;
  MergeReader reader(vocabulary, prefix_length, [&] { return item->where(); });
  for (const Json& element : items) {
    item = &element;
    if (element.is_string()) {
      const std::string_view line = element.as_string();
      if (!line.starts_with("#version")) reader.add_line(line);
      continue;
    }
    const std::vector<Json> pair = element.is_array() ? element.elements() : std::vector<Json>();
    if (pair.size() != 2) {
      fail(ErrorKind::kCorrupt, element.where(), ": expected a pair of tokens, found ",
           element.describe());
    }
    reader.add(pair[0].as_string(), pair[1].as_string());
  }
  return reader.take();
}

void check_dropout(const Json& spec) {
  const std::optional<Json> dropout = find_value(spec, "dropout");
  if (dropout && !(dropout->as_double() >= 0 && dropout->as_double() <= 1)) {
    fail(ErrorKind::kCorrupt, dropout->where(), ": expected a number from 0 to 1, found ",
         dropout->describe());
  }
}

BpeOptions read_options(const Json& spec) {
  BpeOptions options;
  if (const auto value = find_value(spec, "unk_token")) options.unk_token = value->as_string();
  if (const auto value = find_value(spec, "continuing_subword_prefix")) {
    options.continuing_subword_prefix = value->as_string();
  }
  if (const auto value = find_value(spec, "end_of_word_suffix")) {
    options.end_of_word_suffix = value->as_string();
  }
  const auto flag = [&](std::string_view name) {
    const auto value = find_value(spec, name);
    return value && value->as_bool();
  };
  options.fuse_unk = flag("fuse_unk");
  options.byte_fallback = flag("byte_fallback");
  options.ignore_merges = flag("ignore_merges");
  return options;
}

}  // namespace

std::unique_ptr<const Bpe> Bpe::read(const Json& spec) {
  check_dropout(spec);
  BpeOptions options = read_options(spec);
  Vocabulary vocabulary = Vocabulary::read(spec.at("vocab"));
  MergeTable merges =
      read_merges(spec.at("merges"), options.continuing_subword_prefix.size(), vocabulary);
  return std::make_unique<Bpe>(std::move(vocabulary), std::move(merges), std::move(options));
}

MergeTable read_merges_txt(std::string_view text, const Vocabulary& vocabulary,
                           const std::string& where) {
  std::size_t number = 0;
  MergeReader reader(vocabulary, 0, [&] { return where + ":" + std::to_string(number); });
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    std::string_view line = text.substr(begin, end - begin);
    if (line.ends_with('\r')) line.remove_suffix(1);
    begin = end + 1;
    ++number;
    if (!line.starts_with("#version")) reader.add_line(line);
  }
  return reader.take();
}

Bpe::Bpe(Vocabulary vocabulary, MergeTable merges, BpeOptions options)
    : vocabulary_(std::move(vocabulary)), merges_(std::move(merges)), options_(std::move(options)) {
  if (options_.unk_token) unknown_id_ = vocabulary_.find(*options_.unk_token);
  for (unsigned byte = 0; byte < byte_ids_.size(); ++byte) {
    char spelling[8];
    std::snprintf(spelling, sizeof spelling, "<0x%02X>", byte);
    byte_ids_[byte] = vocabulary_.find(spelling).value_or(-1);
  }
  character_ids_.assign(kNumCharacterIds, -1);
  vocabulary_.for_each([&](std::string_view token, std::int32_t id) {
    if (token.empty() || token.size() > 3 || utf8_length(token[0]) != token.size()) return;
    const char* p = token.data();
    character_ids_[decode_utf8(p)] = id;
  });
  find_seams();
}

// Merges are stated by the spellings of tokens, which are those of the text but for unknown
// characters.
void Bpe::find_seams() {
  cuts_before_space_ = !options_.ignore_merges && options_.continuing_subword_prefix.empty() &&
                       options_.end_of_word_suffix.empty() && vocabulary_.find(kSpaceMark) &&
                       !options_.unk_token.value_or("").ends_with(kSpaceMark);
  for (const Merge& merge : merges_.merges()) {
    if (!cuts_before_space_) return;
    cuts_before_space_ = !vocabulary_.token(merge.right).starts_with(kSpaceMark) ||
                         vocabulary_.token(merge.left).ends_with(kSpaceMark);
  }
}

std::unique_ptr<TokenModel::State> Bpe::make_state() const {
  return std::make_unique<State>();
}

std::optional<std::int32_t> Bpe::find_symbol(std::string_view character, bool first, bool last,
                                             std::string& spelling) const {
  const bool prefixed = !first && !options_.continuing_subword_prefix.empty();
  const bool suffixed = last && !options_.end_of_word_suffix.empty();
  if (!prefixed && !suffixed && character.size() <= 3) {
    const char* p = character.data();
    const std::int32_t id = character_ids_[decode_utf8(p)];
    if (id >= 0) return id;
    spelling = character;
    return std::nullopt;
  }
  spelling.clear();
  if (prefixed) spelling += options_.continuing_subword_prefix;
  spelling += character;
  if (suffixed) spelling += options_.end_of_word_suffix;
  return vocabulary_.find(spelling);
}

bool Bpe::start_bytes(std::string_view spelling, State& state) const {
  for (const char byte : spelling) {
    if (byte_ids_[static_cast<unsigned char>(byte)] < 0) return false;
  }
  for (const char byte : spelling) {
    state.merger.ids.push_back(byte_ids_[static_cast<unsigned char>(byte)]);
    state.lengths.push_back(1);
  }
  return true;
}

void Bpe::start(std::string_view word, State& state) const {
  state.merger.ids.clear();
  state.lengths.clear();
  std::uint32_t unknown_length = 0;  // of the unknown token that is open; 0 = none
  const auto end_unknown = [&] {
    if (unknown_length == 0) return;
    state.merger.ids.push_back(require_unknown_id(unknown_id_, *options_.unk_token));
    state.lengths.push_back(unknown_length);
    unknown_length = 0;
  };
  std::string spelling;
  for_each_char(word, [&](char32_t, std::size_t begin, std::size_t end) {
    const std::string_view character = word.substr(begin, end - begin);
    const auto length = static_cast<std::uint32_t>(character.size());
    if (const auto id = find_symbol(character, begin == 0, end == word.size(), spelling)) {
      end_unknown();
      state.merger.ids.push_back(*id);
      state.lengths.push_back(length);
    } else if (options_.byte_fallback && start_bytes(spelling, state)) {
      return;  // an open unknown token comes behind the bytes, as in the reference
    } else if (options_.unk_token) {
      require_unknown_id(unknown_id_, *options_.unk_token);
      if (!options_.fuse_unk) end_unknown();
      unknown_length += length;
    }
  });
  end_unknown();
}

void Bpe::tokenize(std::string_view word, std::vector<ModelToken>& tokens) const {
  if (options_.ignore_merges) {
    if (const auto id = vocabulary_.find(word)) {
      tokens.push_back({*id, 0, word.size()});
      return;
    }
  }
  State state;
  start(word, state);
  state.merger.merge(merges_);
  std::size_t begin = 0;
  state.merger.for_each([&](std::size_t first, std::size_t last, std::int32_t id) {
    std::size_t end = begin;
    for (std::size_t i = first; i < last; ++i) end += state.lengths[i];
    // Bytes of a suffix are no part of the word, and characters may have been left out before.
    const std::size_t shown = std::min(begin, word.size() - 1);
    tokens.push_back({id, shown, std::clamp(end, shown + 1, word.size())});
    begin = end;
  });
}

// The end of the part of `word` that begins at `begin`.
std::size_t Bpe::cut(std::string_view word, std::size_t begin) const {
  if (!cuts_before_space_) return word.size();
  std::size_t at = begin;
  while (word.substr(at).starts_with(kSpaceMark)) at += kSpaceMark.size();
  return std::min(word.find(kSpaceMark, at), word.size());
}

void Bpe::append_ids(std::string_view word, TokenModel::State& state,
                     std::vector<std::int32_t>& ids) const {
  auto& own = static_cast<State&>(state);
  for (std::size_t begin = 0; begin < word.size();) {
    const std::size_t end = cut(word, begin);
    const std::string_view part = word.substr(begin, end - begin);
    const WordCache::Key key(part, word.size() - begin);
    if (!own.cache.append(key, ids)) {
      const std::size_t before = ids.size();
      append_part(part, own, ids);
      own.cache.remember(key, std::span(ids).subspan(before));
    }
    begin = end;
  }
}

void Bpe::append_part(std::string_view part, State& state, std::vector<std::int32_t>& ids) const {
  if (options_.ignore_merges) {
    if (const auto id = vocabulary_.find(part)) {
      ids.push_back(*id);
      return;
    }
  }
  start(part, state);
  state.merger.merge(merges_);
  state.merger.for_each([&](std::size_t, std::size_t, std::int32_t id) { ids.push_back(id); });
}

}  // namespace firth
