// The alphabet, then merge by merge.
//
// All words lie in one array of symbols that know the lengths of themselves and of the one before,
// so that a merge touches the places of its pair and their neighbours only, however long a word is.
// What a merge does to the counts of other pairs is summed by neighbour first: the table of pairs
// is asked once for each distinct neighbour, not for each place.
//
// The queue of pairs is the reference's, because its order shows in the result. A pair stands in it
// with the count and the places that it had when it came in; a count that is out of date is brought
// up to date when the pair comes out. A token may arise twice, from different pairs, and then a
// pair with it may stand in the queue twice, with different places; it then becomes two merges, of
// which the later one gives the rank.
#include "firth/text/bpe_trainer.h"

#include <algorithm>
#include <array>
#include <memory>
#include <queue>
#include <string_view>
#include <unordered_map>

#include "firth/core/error.h"
#include "firth/text/unicode.h"

namespace firth {
namespace {

constexpr std::size_t kNumCodePoints = 0x110000;

// Tokens by id, and ids by token.
class TokenTable {
 public:
  std::int32_t find_or_add(std::string_view token) {
    const auto [at, is_new] = ids_.try_emplace(std::string(token), size());
    if (is_new) tokens_.push_back(&at->first);
    return at->second;
  }

  bool contains(std::string_view token) const { return ids_.contains(std::string(token)); }

  const std::string& operator[](std::int32_t id) const {
    return *tokens_[static_cast<std::size_t>(id)];
  }

  std::int32_t size() const { return static_cast<std::int32_t>(tokens_.size()); }

  std::vector<std::string> tokens() const {
    std::vector<std::string> tokens;
    tokens.reserve(tokens_.size());
    for (const std::string* token : tokens_) tokens.push_back(*token);
    return tokens;
  }

 private:
  std::unordered_map<std::string, std::int32_t> ids_;
  std::vector<const std::string*> tokens_;  // keys of ids_, which stay where they are
};

std::string spelled(char32_t c) {
  std::string text;
  append_utf8(c, text);
  return text;
}

// The characters to begin with, in the order of their code points.
std::vector<char32_t> find_alphabet(std::span<const WordCount> words,
                                    const BpeTrainerOptions& options) {
  std::vector<std::uint64_t> counts(kNumCodePoints);
  for (const WordCount& item : words) {
    for_each_char(item.word,
                  [&](char32_t c, std::size_t, std::size_t) { counts[c] += item.count; });
  }
  for_each_char(options.initial_alphabet,
                [&](char32_t c, std::size_t, std::size_t) { counts[c] = UINT64_MAX; });
  std::vector<char32_t> alphabet;
  for (char32_t c = 0; c < kNumCodePoints; ++c) {
    if (counts[c] > 0) alphabet.push_back(c);
  }
  if (options.limit_alphabet && *options.limit_alphabet < alphabet.size()) {
    std::ranges::stable_sort(alphabet, std::ranges::greater(),
                             [&](char32_t c) { return counts[c]; });
    alphabet.resize(*options.limit_alphabet);
    std::ranges::sort(alphabet);
  }
  return alphabet;
}

// Ids of characters by their place in a word, given out as they come.
class CharacterIds {
 public:
  CharacterIds(const BpeTrainerOptions& options, TokenTable& tokens)
      : options_(options), tokens_(tokens), ids_(kNumCodePoints) {
    for (auto& forms : ids_) forms.fill(kNotAsked);
  }

  // kLeftOut for characters that are not in the alphabet.
  std::int32_t operator()(char32_t c, bool first, bool last) {
    const std::size_t form = (first ? 0u : 1u) + (last ? 2u : 0u);
    std::int32_t& id = ids_[c][form];
    if (id == kNotAsked) id = find_or_add(c, first, last);
    return id;
  }

  static constexpr std::int32_t kLeftOut = -1;

 private:
  static constexpr std::int32_t kNotAsked = -2;

  std::int32_t find_or_add(char32_t c, bool first, bool last) {
    const std::string alone = spelled(c);
    if (!tokens_.contains(alone)) return kLeftOut;
    return tokens_.find_or_add((first ? "" : options_.continuing_subword_prefix) + alone +
                               (last ? options_.end_of_word_suffix : ""));
  }

  const BpeTrainerOptions& options_;
  TokenTable& tokens_;
  std::vector<std::array<std::int32_t, 4>> ids_;
};

using Pair = std::uint64_t;  // orders as (left, right) do

Pair make_pair(std::int32_t left, std::int32_t right) {
  return std::uint64_t{static_cast<std::uint32_t>(left)} << 32 | static_cast<std::uint32_t>(right);
}

std::int32_t left_of(Pair pair) {
  return static_cast<std::int32_t>(pair >> 32);
}

std::int32_t right_of(Pair pair) {
  return static_cast<std::int32_t>(pair & UINT32_MAX);
}

// What is known of each pair that ever was.
class PairTable {
 public:
  struct Entry {
    Pair pair = kNoPair;
    std::int64_t count = 0;  // may fall below 0: pairs that are too long are taken off, never added
    std::uint32_t num_queued = 0;
    std::uint32_t list = 0;  // of the first lists
  };

  PairTable() : entries_(1 << 12) {}

  // Valid until the next call.
  Entry& operator[](Pair pair) {
    if (2 * num_taken_ > entries_.size()) grow();
    Entry& entry = place_of(pair);
    if (entry.pair == kNoPair) {
      entry.pair = pair;
      ++num_taken_;
    }
    return entry;
  }

 private:
  static constexpr Pair kNoPair = UINT64_MAX;

  Entry& place_of(Pair pair) {
    const std::size_t mask = entries_.size() - 1;
    const std::uint64_t hash = pair * 0x9E3779B97F4A7C15u;
    std::size_t at = (hash ^ hash >> 32) & mask;
    while (entries_[at].pair != pair && entries_[at].pair != kNoPair) at = (at + 1) & mask;
    return entries_[at];
  }

  void grow() {
    const std::vector<Entry> old = std::exchange(entries_, std::vector<Entry>(4 * entries_.size()));
    for (const Entry& entry : old) {
      if (entry.pair != kNoPair) place_of(entry.pair) = entry;
    }
  }

  std::vector<Entry> entries_;  // a power of two
  std::size_t num_taken_ = 0;
};

using Place = std::uint32_t;  // of a symbol among all symbols
using Places = std::span<Place>;

// Memory for lists of places, which are written once and live as long as the training.
class PlaceLists {
 public:
  Places take(std::size_t size) {
    if (size > left_) {
      left_ = std::max(kBlock, size);
      blocks_.push_back(std::make_unique_for_overwrite<Place[]>(left_));
      free_ = blocks_.back().get();
    }
    const Places list(free_, size);
    free_ += size;
    left_ -= size;
    return list;
  }

 private:
  static constexpr std::size_t kBlock = std::size_t{1} << 20;

  std::vector<std::unique_ptr<Place[]>> blocks_;
  Place* free_ = nullptr;
  std::size_t left_ = 0;
};

class Merger {
 public:
  Merger(std::span<const WordCount> words, CharacterIds ids, std::size_t max_token_length)
      : max_token_length_(max_token_length) {
    add_words(words, ids);
    count_pairs();
  }

  struct Queued {
    std::uint64_t count = 0;
    Pair pair = 0;
    Places places;
    std::uint64_t number = 0;  // of pairs that are in the queue twice, the one that came first

    friend bool operator<(const Queued& a, const Queued& b) {
      if (a.count != b.count) return a.count < b.count;
      return a.pair != b.pair ? a.pair > b.pair : a.number > b.number;
    }
  };

  // The pair that is merged next; nullopt if there is none.
  std::optional<Queued> next() {
    while (!queue_.empty()) {
      Queued top = queue_.top();
      queue_.pop();
      PairTable::Entry& entry = pairs_[top.pair];
      const auto count = static_cast<std::uint64_t>(entry.count);
      if (top.count == count) {
        is_queued_again_ = --entry.num_queued > 0;
        return top;
      }
      top.count = count;
      queue_.push(top);
    }
    return std::nullopt;
  }

  // Joins the pair that next() gave to the token `id`.
  void merge(Queued top, std::int32_t id) {
    if (is_queued_again_) top.places = all_places_in_words(top);
    make_room(id);
    const std::int32_t left = left_of(top.pair);
    const std::int32_t right = right_of(top.pair);
    for (const Place place : top.places) join(place, left, right, id);
    for (const std::int32_t other : neighbours_before_.ids) {
      const Neighbour& change = before_[static_cast<std::size_t>(other)];
      pairs_[make_pair(other, left)].count -= change.removed;
      pairs_[make_pair(other, id)].count += change.added;
    }
    for (const std::int32_t other : neighbours_behind_.ids) {
      const Neighbour& change = behind_[static_cast<std::size_t>(other)];
      pairs_[make_pair(right, other)].count -= change.removed;
      pairs_[make_pair(id, other)].count += change.added;
    }
    queue_new_pairs(id);
  }

 private:
  struct Symbol {
    std::int32_t id = kJoined;
    std::uint32_t length = 0;    // in symbols of the beginning
    std::uint32_t before = 0;    // length of the symbol before; 0 = the word begins here
    std::uint32_t word = kNone;  // whose symbol it is
  };

  static constexpr std::int32_t kJoined = -1;  // to the symbol on its left
  static constexpr std::uint32_t kNone = UINT32_MAX;

  // What a merge changes about one neighbour of the joined pair.
  struct Neighbour {
    std::int64_t removed = 0;
    std::int64_t added = 0;
    std::uint32_t num_places = 0;  // of the new pair
    Places places;
    bool is_known = false;
  };

  struct Neighbours {
    std::vector<std::int32_t> ids;                          // each once
    std::vector<std::pair<std::int32_t, Place>> new_pairs;  // neighbour and place

    void clear() {
      ids.clear();
      new_pairs.clear();
    }
  };

  void make_room(std::int32_t id) {
    const auto num_ids = static_cast<std::size_t>(id) + 1;
    if (num_ids <= before_.size()) return;
    before_.resize(num_ids + num_ids / 2);
    behind_.resize(before_.size());
  }

  void add_words(std::span<const WordCount> words, CharacterIds& ids) {
    counts_.reserve(words.size());
    for (const WordCount& item : words) {
      const std::size_t begin = symbols_.size();
      for_each_char(item.word, [&](char32_t c, std::size_t from, std::size_t to) {
        const std::int32_t id = ids(c, from == 0, to == item.word.size());
        if (id == CharacterIds::kLeftOut) return;
        make_room(id);
        const std::uint32_t before = symbols_.size() > begin ? 1 : 0;
        symbols_.push_back({id, 1, before, static_cast<std::uint32_t>(counts_.size())});
      });
      if (symbols_.size() < begin + 2) {
        symbols_.resize(begin);  // nothing to merge
        continue;
      }
      counts_.push_back(static_cast<std::int64_t>(item.count));
    }
    if (symbols_.size() >= kNone) {
      fail(ErrorKind::kUnsupported, "training: expected fewer than ", kNone,
           " characters in the distinct words, found ", symbols_.size());
    }
    symbols_.push_back({});  // behind the last word
  }

  bool begins_pair(std::size_t place) const {
    return symbols_[place].word == symbols_[place + 1].word;
  }

  void count_pairs() {
    std::vector<std::uint32_t> list_of(symbols_.size() - 1);
    std::vector<Queued> found;
    std::vector<std::size_t> sizes;
    for (std::size_t i = 0; i + 1 < symbols_.size(); ++i) {
      if (!begins_pair(i)) continue;
      const Pair pair = make_pair(symbols_[i].id, symbols_[i + 1].id);
      PairTable::Entry& entry = pairs_[pair];
      if (entry.num_queued == 0) {
        entry.num_queued = 1;
        entry.list = static_cast<std::uint32_t>(found.size());
        found.push_back({.count = 0, .pair = pair, .places = {}, .number = num_queued_++});
        sizes.push_back(0);
      }
      list_of[i] = entry.list;
      ++sizes[entry.list];
      entry.count += counts_[symbols_[i].word];
    }
    for (std::size_t i = 0; i < found.size(); ++i) {
      found[i].places = lists_.take(sizes[i]);
      found[i].count = static_cast<std::uint64_t>(pairs_[found[i].pair].count);
      sizes[i] = 0;
    }
    for (std::size_t i = 0; i + 1 < symbols_.size(); ++i) {
      if (begins_pair(i)) {
        found[list_of[i]].places[sizes[list_of[i]]++] = static_cast<Place>(i);
      }
    }
    queue_ = std::priority_queue<Queued>(std::less<Queued>(), std::move(found));
  }

  Neighbour& neighbour(std::int32_t id, std::vector<Neighbour>& all, Neighbours& found) {
    Neighbour& one = all[static_cast<std::size_t>(id)];
    if (!one.is_known) {
      one = {};
      one.is_known = true;
      found.ids.push_back(id);
    }
    return one;
  }

  // Joins the symbol at `place` with the one behind it, if they still are the pair.
  void join(Place place, std::int32_t left, std::int32_t right, std::int32_t id) {
    Symbol& symbol = symbols_[place];
    Symbol& other = symbols_[place + symbol.length];
    if (symbol.id != left || other.id != right || other.word != symbol.word) return;
    const std::int64_t count = counts_[symbol.word];
    const std::uint32_t length = symbol.length + other.length;
    if (symbol.before > 0) {
      const Place at = place - symbol.before;
      change(symbols_[at], at, count, length, before_, neighbours_before_);
    }
    Symbol& next = symbols_[place + length];
    if (next.word == symbol.word) {
      change(next, place, count, length, behind_, neighbours_behind_);
      next.before = length;
    }
    symbol.id = id;
    symbol.length = length;
    other.id = kJoined;
  }

  // Notes that a neighbour has another symbol beside it now, `length` long; the new pair begins at
  // `place`.
  void change(const Symbol& beside, Place place, std::int64_t count, std::size_t length,
              std::vector<Neighbour>& all, Neighbours& found) {
    Neighbour& one = neighbour(beside.id, all, found);
    one.removed += count;
    if (beside.length + length >= max_token_length_) return;
    one.added += count;
    ++one.num_places;
    found.new_pairs.emplace_back(beside.id, place);
  }

  void queue_new_pairs(std::int32_t id) {
    share_places(before_, neighbours_before_);
    share_places(behind_, neighbours_behind_);
    // (id, id) may have arisen on both sides: one pair in the queue.
    Neighbour& own_before = before_[static_cast<std::size_t>(id)];
    Neighbour& own_behind = behind_[static_cast<std::size_t>(id)];
    if (own_before.is_known && own_behind.is_known && own_behind.num_places > 0) {
      own_before.places = united(own_before.places, own_behind.places);
      own_behind.places = {};
    }
    for (const std::int32_t other : neighbours_before_.ids) {
      queue(make_pair(other, id), before_[static_cast<std::size_t>(other)]);
    }
    for (const std::int32_t other : neighbours_behind_.ids) {
      queue(make_pair(id, other), behind_[static_cast<std::size_t>(other)]);
    }
    neighbours_before_.clear();
    neighbours_behind_.clear();
  }

  // Gives each neighbour's new pair its list of places, in their order.
  void share_places(std::vector<Neighbour>& all, const Neighbours& found) {
    for (const std::int32_t id : found.ids) {
      Neighbour& one = all[static_cast<std::size_t>(id)];
      one.places = lists_.take(one.num_places);
      one.num_places = 0;
    }
    for (const auto& [id, place] : found.new_pairs) {
      Neighbour& one = all[static_cast<std::size_t>(id)];
      one.places[one.num_places++] = place;
    }
  }

  Places united(Places a, Places b) {
    const Places all = lists_.take(a.size() + b.size());
    const auto end = std::ranges::set_union(a, b, all.begin()).out;
    return all.first(static_cast<std::size_t>(end - all.begin()));
  }

  void queue(Pair pair, Neighbour& one) {
    one.is_known = false;
    if (one.places.empty()) return;
    PairTable::Entry& entry = pairs_[pair];
    if (entry.count <= 0) return;
    ++entry.num_queued;
    queue_.push({static_cast<std::uint64_t>(entry.count), pair, one.places, num_queued_++});
  }

  // Where the pair stands in the words of its places: what the reference merges at once, though the
  // queue holds some of these places under another entry.
  Places all_places_in_words(const Queued& top) {
    std::vector<Place> all;
    std::uint32_t last_word = kNone;
    for (const Place listed : top.places) {
      if (symbols_[listed].word == last_word) continue;
      last_word = symbols_[listed].word;
      Place place = listed;  // a symbol joined to another still leads to that one
      while (symbols_[place].before > 0) place -= symbols_[place].before;
      for (; symbols_[place].word == last_word; place += symbols_[place].length) {
        if (symbols_[place].id == left_of(top.pair)) all.push_back(place);
      }
    }
    const Places list = lists_.take(all.size());
    std::ranges::copy(all, list.begin());
    return list;
  }

  std::size_t max_token_length_;
  std::vector<Symbol> symbols_;
  std::vector<std::int64_t> counts_;  // of words
  PairTable pairs_;
  PlaceLists lists_;
  std::priority_queue<Queued> queue_;
  std::uint64_t num_queued_ = 0;            // ever
  bool is_queued_again_ = false;            // the pair of next()
  std::vector<Neighbour> before_, behind_;  // by id
  Neighbours neighbours_before_, neighbours_behind_;
};

// Of a pair that was merged twice the later place counts.
std::vector<std::pair<std::int32_t, std::int32_t>> by_rank(const std::vector<Pair>& merges) {
  std::unordered_map<Pair, std::size_t> last;
  for (std::size_t i = 0; i < merges.size(); ++i) last[merges[i]] = i;
  std::vector<std::pair<std::int32_t, std::int32_t>> ranked;
  for (std::size_t i = 0; i < merges.size(); ++i) {
    if (last[merges[i]] == i) ranked.emplace_back(left_of(merges[i]), right_of(merges[i]));
  }
  return ranked;
}

}  // namespace

LearnedBpe train_bpe(std::span<const WordCount> words, const BpeTrainerOptions& options,
                     const TrainingProgress& progress) {
  TokenTable tokens;
  for (const std::string& token : options.special_tokens) tokens.find_or_add(token);
  for (const char32_t c : find_alphabet(words, options)) tokens.find_or_add(spelled(c));
  if (progress) progress("pairs", 0);
  Merger merger(words, CharacterIds(options, tokens), options.max_token_length.value_or(SIZE_MAX));
  std::vector<Pair> merges;
  const std::string& prefix = options.continuing_subword_prefix;
  while (static_cast<std::size_t>(tokens.size()) < options.vocab_size) {
    const std::optional<Merger::Queued> top = merger.next();
    if (!top || top->count < std::max<std::uint64_t>(1, options.min_frequency)) break;
    std::string_view right = tokens[right_of(top->pair)];
    if (right.starts_with(prefix)) right.remove_prefix(prefix.size());
    const std::int32_t id = tokens.find_or_add(tokens[left_of(top->pair)] + std::string(right));
    merges.push_back(top->pair);
    merger.merge(*top, id);
    if (progress && merges.size() % 64 == 0) {
      progress("merges",
               static_cast<double>(tokens.size()) / static_cast<double>(options.vocab_size));
    }
  }
  return {tokens.tokens(), by_rank(merges)};
}

}  // namespace firth
