// Joining neighbours, and the seams at which a text falls into independent parts.
#include "firth/text/sentencepiece_symbols.h"

#include <algorithm>
#include <cstdio>
#include <functional>
#include <queue>
#include <utility>

#include "firth/text/unicode.h"
#include "firth/text/word_cache.h"

namespace firth {
namespace {

using Type = SentencePieceModel::PieceType;

constexpr std::string_view kSpace = "\u2581";

bool is_in_text(Type type) {
  return type == Type::kNormal || type == Type::kUserDefined || type == Type::kUnused;
}

std::size_t char_length(std::string_view text, std::size_t at) {
  return utf8_length(text[at]);
}

}  // namespace

// The symbols of one segment while they are joined.
class SentencePieceSymbols::Joiner {
 public:
  explicit Joiner(const SentencePieceSymbols& model) : model_(model) {}

  void clear() {
    symbols_.clear();
    parts_.clear();
  }

  void add(std::int32_t id, std::size_t end) {
    const auto i = static_cast<std::uint32_t>(symbols_.size());
    symbols_.push_back({i - 1, i + 1, static_cast<std::uint32_t>(end), id, false});
  }

  // A symbol that is never joined.
  void add_frozen(std::int32_t id, std::size_t end) {
    add(id, end);
    symbols_.back().is_frozen = true;
  }

  void join_all() {
    if (symbols_.size() < 2) return;
    symbols_.size() <= kFew ? join_few() : join_many();
  }

  // f(id, begin, end) for each symbol, unused ones taken apart.
  template <class F>
  void for_each(F&& f) const {
    std::size_t begin = 0;
    for (std::size_t i = 0; i < symbols_.size(); i = symbols_[i].next) {
      put(symbols_[i].id, begin, symbols_[i].end, f);
      begin = symbols_[i].end;
    }
  }

 private:
  static constexpr std::size_t kFew = 48;
  static constexpr std::uint32_t kNoKey = UINT32_MAX;

  struct Symbol {
    std::uint32_t previous;
    std::uint32_t next;
    std::uint32_t end;  // in the segment
    std::int32_t id;    // -1 = none
    bool is_frozen;
    bool is_gone = false;
  };

  struct Candidate {
    std::uint32_t order;
    std::uint32_t left;
    std::uint32_t right;
    std::uint32_t left_end;  // of both when the candidate was found
    std::uint32_t right_end;

    friend bool operator>(const Candidate& a, const Candidate& b) {
      return std::pair(a.order, a.left) > std::pair(b.order, b.left);
    }
  };

  // The id that two neighbours make; -1 if they make none.
  std::int32_t joined(std::size_t left) {
    const std::size_t right = symbols_[left].next;
    if (right >= symbols_.size()) return -1;
    const Symbol& a = symbols_[left];
    const Symbol& b = symbols_[right];
    if (a.id < 0 || b.id < 0 || a.is_frozen || b.is_frozen) return -1;
    const std::uint32_t rank = model_.merges_.rank(a.id, b.id);
    if (rank == MergeTable::kNone) return -1;
    const std::int32_t id = model_.merges_.result(rank);
    if (model_.has_unused_ && model_.is_unused_[static_cast<std::size_t>(id)]) {
      parts_[id] = {a.id, b.id, symbols_[right].end - a.end};
    }
    return id;
  }

  void join(std::size_t left, std::int32_t id) {
    Symbol& a = symbols_[left];
    Symbol& b = symbols_[a.next];
    b.is_gone = true;
    a.id = id;
    a.end = b.end;
    a.next = b.next;
    if (b.next < symbols_.size()) symbols_[b.next].previous = static_cast<std::uint32_t>(left);
  }

  std::uint32_t order_at(std::size_t left) {
    const std::int32_t id = joined(left);
    return id < 0 ? kNoKey : model_.order_[static_cast<std::size_t>(id)];
  }

  void join_few() {
    std::uint32_t orders[kFew] = {};
    const std::size_t n = symbols_.size();
    for (std::size_t i = 0; i < n; ++i) orders[i] = order_at(i);
    while (true) {
      const std::uint32_t* const least = std::min_element(orders, orders + n);
      if (*least == kNoKey) return;
      const auto left = static_cast<std::size_t>(least - orders);
      orders[symbols_[left].next] = kNoKey;
      join(left, joined(left));
      if (left > 0) orders[symbols_[left].previous] = order_at(symbols_[left].previous);
      orders[left] = order_at(left);
    }
  }

  void join_many() {
    std::priority_queue<Candidate, std::vector<Candidate>, std::greater<>> agenda;
    const auto offer = [&](std::size_t left) {
      const std::uint32_t order = order_at(left);
      if (order == kNoKey) return;
      const std::uint32_t right = symbols_[left].next;
      agenda.push({order, static_cast<std::uint32_t>(left), right, symbols_[left].end,
                   symbols_[right].end});
    };
    for (std::size_t i = 0; i < symbols_.size(); ++i) offer(i);
    while (!agenda.empty()) {
      const Candidate top = agenda.top();
      agenda.pop();
      const Symbol& a = symbols_[top.left];
      const Symbol& b = symbols_[top.right];
      if (a.is_gone || b.is_gone || a.end != top.left_end || b.end != top.right_end) continue;
      join(top.left, joined(top.left));
      if (top.left > 0) offer(symbols_[top.left].previous);
      offer(top.left);
    }
  }

  template <class F>
  void put(std::int32_t id, std::size_t begin, std::size_t end, F&& f) const {
    const auto parts = parts_.find(id);
    if (parts == parts_.end()) {
      f(id, begin, end);
      return;
    }
    // A piece is taken apart as it was found last, whatever it was made of here.
    const std::size_t middle = end - parts->second.right_length;
    put(parts->second.left, begin, middle, f);
    put(parts->second.right, middle, end, f);
  }

  struct Parts {
    std::int32_t left;
    std::int32_t right;
    std::uint32_t right_length;  // in bytes
  };

  const SentencePieceSymbols& model_;
  std::vector<Symbol> symbols_;
  std::unordered_map<std::int32_t, Parts> parts_;  // of unused pieces
};

struct SentencePieceSymbols::OwnState : TokenModel::State {
  explicit OwnState(const SentencePieceSymbols& model) : joiner(model) {}

  Joiner joiner;
  WordCache cache;
  std::vector<std::int32_t> segment_ids;
};

SentencePieceSymbols::SentencePieceSymbols(const SentencePieceModel& model)
    : type_(model.type),
      unk_id_(static_cast<std::int32_t>(model.unk_id)),
      byte_fallback_(model.byte_fallback) {
  read_pieces(model);
  if (type_ == SentencePieceModel::Type::kBpe) find_merges(model);
  find_seams(model);
}

void SentencePieceSymbols::read_pieces(const SentencePieceModel& model) {
  std::vector<std::string_view> texts;
  std::vector<std::pair<std::string_view, std::int32_t>> user_defined;
  for (const auto& piece : model.pieces) {
    const auto id = static_cast<std::int32_t>(texts.size());
    texts.push_back(piece.text);
    is_unused_.push_back(piece.type == Type::kUnused);
    has_unused_ = has_unused_ || piece.type == Type::kUnused;
    if (piece.type == Type::kUserDefined) {
      user_defined.emplace_back(piece.text, id);
      begins_symbol_[static_cast<unsigned char>(piece.text[0])] = true;
    }
  }
  vocabulary_ = Vocabulary::from_list(texts);
  user_defined_ = DoubleArray(std::move(user_defined));
  for (std::size_t byte = 0; byte < byte_ids_.size(); ++byte) {
    char name[8];
    std::snprintf(name, sizeof name, "<0x%02X>", static_cast<unsigned>(byte));
    byte_ids_[byte] = vocabulary_.find(name).value_or(unk_id_);
  }
  for (std::size_t id = 0; id < model.pieces.size(); ++id) {
    if (is_in_text(model.pieces[id].type)) {
      symbol_ids_.emplace(vocabulary_.token(static_cast<std::int32_t>(id)),
                          static_cast<std::int32_t>(id));
    }
  }
}

void SentencePieceSymbols::find_merges(const SentencePieceModel& model) {
  std::vector<std::size_t> by_score(model.pieces.size());
  for (std::size_t i = 0; i < by_score.size(); ++i) by_score[i] = i;
  std::ranges::stable_sort(by_score, std::greater<>(),
                           [&](std::size_t id) { return model.pieces[id].score; });
  order_.resize(by_score.size());
  for (std::uint32_t i = 0; i < by_score.size(); ++i) {
    const bool tied =
        i > 0 && model.pieces[by_score[i]].score == model.pieces[by_score[i - 1]].score;
    order_[by_score[i]] = tied ? order_[by_score[i - 1]] : i;
  }
  // Characters first: a longer piece may be made of some that are no pieces themselves.
  std::vector<std::string_view> multiple;
  for (const auto& piece : model.pieces) {
    if (!is_in_text(piece.type)) continue;
    const std::string_view text = piece.text;
    if (char_length(text, 0) < text.size()) multiple.push_back(text);
    for_each_char(text, [&](char32_t, std::size_t begin, std::size_t end) {
      const std::string_view c = text.substr(begin, end - begin);
      if (!symbol_ids_.contains(c)) spellings_.emplace_back(c);
    });
  }
  std::ranges::sort(spellings_);
  spellings_.erase(std::unique(spellings_.begin(), spellings_.end()), spellings_.end());
  auto next_id = static_cast<std::int32_t>(model.pieces.size());
  for (const std::string& spelling : spellings_) symbol_ids_.emplace(spelling, next_id++);
  std::vector<Merge> merges;
  for (const std::string_view text : multiple) {
    const std::int32_t result = symbol_ids_.at(text);
    for (std::size_t cut = char_length(text, 0); cut < text.size(); cut += char_length(text, cut)) {
      const auto left = symbol_ids_.find(text.substr(0, cut));
      const auto right = symbol_ids_.find(text.substr(cut));
      if (left != symbol_ids_.end() && right != symbol_ids_.end()) {
        merges.push_back({left->second, right->second, result});
      }
    }
  }
  merges_ = MergeTable(std::move(merges));
}

void SentencePieceSymbols::find_seams(const SentencePieceModel& model) {
  cuts_before_space_ = cuts_behind_space_ = type_ == SentencePieceModel::Type::kBpe && !has_unused_;
  for (const auto& piece : model.pieces) {
    if (!is_in_text(piece.type)) continue;
    bool was_space = false;
    for_each_char(piece.text, [&](char32_t c, std::size_t begin, std::size_t) {
      const bool is_space = c == U'\u2581';
      cuts_before_space_ = cuts_before_space_ && (begin == 0 || was_space || !is_space);
      cuts_behind_space_ = cuts_behind_space_ && (begin == 0 || !was_space || is_space);
      was_space = is_space;
    });
  }
}

std::size_t SentencePieceSymbols::symbol_length(std::string_view text, std::int32_t& id) const {
  std::size_t longest = 0;
  if (begins_symbol_[static_cast<unsigned char>(text[0])]) {
    user_defined_.for_each_prefix(text, [&](std::size_t length, std::int32_t its_id) {
      longest = length;
      id = its_id;
    });
  }
  return longest;
}

std::size_t SentencePieceSymbols::segment_end(std::string_view text, std::size_t begin) const {
  if (has_unused_ || type_ == SentencePieceModel::Type::kWord) return text.size();
  std::int32_t id = 0;
  const auto symbol_at = [&](std::size_t at) { return symbol_length(text.substr(at), id); };
  if (const std::size_t length = symbol_at(begin)) return begin + length;
  bool was_space = text.substr(begin).starts_with(kSpace);
  for (std::size_t at = begin + char_length(text, begin); at < text.size();) {
    const bool is_space = text[at] == kSpace[0] && text.compare(at, kSpace.size(), kSpace) == 0;
    if (is_space != was_space && (is_space ? cuts_before_space_ : cuts_behind_space_)) return at;
    if (symbol_at(at) > 0) return at;
    was_space = is_space;
    at += char_length(text, at);
  }
  return text.size();
}

void SentencePieceSymbols::add_symbols(std::string_view segment, Joiner& joiner) const {
  const bool words = type_ == SentencePieceModel::Type::kWord;
  for (std::size_t at = 0; at < segment.size();) {
    std::int32_t id = 0;
    if (const std::size_t length = words ? 0 : symbol_length(segment.substr(at), id)) {
      at += length;
      joiner.add_frozen(id, at);
      continue;
    }
    const std::size_t begin = at;
    at += char_length(segment, at);
    if (words) at = std::min(segment.find(kSpace, at), segment.size());
    const auto known = symbol_ids_.find(segment.substr(begin, at - begin));
    joiner.add(known == symbol_ids_.end() ? -1 : known->second, at);
  }
}

void SentencePieceSymbols::append_tokens(std::string_view segment, std::size_t offset,
                                         Joiner& joiner, std::vector<ModelToken>& tokens) const {
  joiner.clear();
  add_symbols(segment, joiner);
  joiner.join_all();
  const auto num_pieces = static_cast<std::int32_t>(is_unused_.size());
  joiner.for_each([&](std::int32_t id, std::size_t begin, std::size_t end) {
    const bool is_piece = id >= 0 && id < num_pieces;
    append_token(segment.substr(begin, end - begin),
                 {is_piece ? id : unk_id_, offset + begin, offset + end}, tokens);
  });
}

void SentencePieceSymbols::append_token(std::string_view bytes, const ModelToken& token,
                                        std::vector<ModelToken>& tokens) const {
  if (token.id == unk_id_ && byte_fallback_) {
    for (const char byte : bytes) {
      tokens.push_back({byte_ids_[static_cast<unsigned char>(byte)], token.begin, token.end});
    }
  } else if (token.id == unk_id_ && !tokens.empty() && tokens.back().id == unk_id_) {
    tokens.back().end = token.end;
  } else {
    tokens.push_back(token);
  }
}

void SentencePieceSymbols::tokenize(std::string_view text, std::vector<ModelToken>& tokens) const {
  Joiner joiner(*this);
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = segment_end(text, begin);
    append_tokens(text.substr(begin, end - begin), begin, joiner, tokens);
    begin = end;
  }
}

void SentencePieceSymbols::append_ids(std::string_view text, State& state,
                                      std::vector<std::int32_t>& ids) const {
  auto& own = static_cast<OwnState&>(state);
  const std::size_t before = ids.size();
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = segment_end(text, begin);
    const std::string_view segment = text.substr(begin, end - begin);
    const WordCache::Key key(segment, text.size() - begin);
    const std::size_t start = ids.size();
    if (!own.cache.append(key, ids)) {
      own.tokens.clear();
      append_tokens(segment, 0, own.joiner, own.tokens);
      for (const ModelToken& token : own.tokens) ids.push_back(token.id);
      own.cache.remember(key, std::span(ids).subspan(start));
    }
    // Unknown neighbours are one token, also across a seam.
    if (!byte_fallback_ && start > before && ids[start - 1] == unk_id_ && ids[start] == unk_id_) {
      ids.erase(ids.begin() + static_cast<std::ptrdiff_t>(start));
    }
    begin = end;
  }
}

std::unique_ptr<TokenModel::State> SentencePieceSymbols::make_state() const {
  return std::make_unique<OwnState>(*this);
}

std::string_view SentencePieceSymbols::spelling(const ModelToken& token,
                                                std::string_view text) const {
  return token.id == unk_id_ ? text.substr(token.begin, token.end - token.begin)
                             : vocabulary_.token(token.id);
}

}  // namespace firth
