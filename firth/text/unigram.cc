// Viterbi over bytes, and reading the model section of tokenizer.json.
#include "firth/text/unigram.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <limits>
#include <string>

#include "firth/core/error.h"
#include "firth/text/unicode.h"
#include "firth/text/word_cache.h"

namespace firth {
namespace {

constexpr double kUnknownPenalty = 10.0;

// The number that the reference's JSON reader (serde_json) makes of the digits of `exact`: the
// digits without their point as a double, divided by a power of ten. With more than 15 digits that
// is rounded twice, and one score in seven comes out next to the nearest double; where two ways to
// cut a word are equally good, it decides.
double as_the_reference_reads(double exact) {
  constexpr std::array<double, 23> kPowersOfTen = {// those that a double holds exactly
                                                   1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                   1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                                   1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
  std::array<char, 32> text;
  const char* const end =
      std::to_chars(text.data(), text.data() + text.size(), exact, std::chars_format::scientific)
          .ptr;
  std::uint64_t digits = 0;
  int exponent = 0;
  const char* p = text.data();
  for (bool behind_point = false; p != end && *p != 'e'; ++p) {
    if (*p >= '0' && *p <= '9') digits = 10 * digits + static_cast<std::uint64_t>(*p - '0');
    exponent -= behind_point ? 1 : 0;
    behind_point = behind_point || *p == '.';
  }
  if (p == end) return exact;  // no finite number
  int written = 0;
  std::from_chars(p + (p[1] == '+' ? 2 : 1), end, written);
  exponent += written;
  if (exponent > 0 || exponent <= -static_cast<int>(kPowersOfTen.size())) return exact;
  const double read =
      static_cast<double>(digits) / kPowersOfTen[static_cast<std::size_t>(-exponent)];
  return std::signbit(exact) ? -read : read;
}

}  // namespace

// The best way to each place of a word.
class Unigram::Lattice {
 public:
  struct Step {
    double score;         // of the whole way
    std::int32_t id;      // of the piece that ends here
    std::uint32_t begin;  // of that piece; kUnreached
  };

  static constexpr std::uint32_t kUnreached = UINT32_MAX;

  void reset(std::size_t size) {
    steps.assign(size + 1, {0, 0, kUnreached});
    path.clear();
  }

  // Gives back what an uncommonly long word has taken.
  void trim() {
    if (steps.capacity() > kKeptSteps) {
      steps = {};
      path = {};
    }
  }

  std::vector<Step> steps;          // by end
  std::vector<std::uint32_t> path;  // ends of the pieces of the best way, the last one first

 private:
  static constexpr std::size_t kKeptSteps = std::size_t{1} << 16;
};

struct Unigram::WordState : TokenModel::State {
  Lattice lattice;
  WordCache cache;
  std::vector<WordCache::Key> keys;  // of the words at hand
};

Unigram::Unigram(const std::vector<UnigramPiece>& pieces, const UnigramOptions& options,
                 const std::string& where)
    : options_(options) {
  if (pieces.size() > static_cast<std::size_t>(kMaxTokenId) + 1) {
    fail(ErrorKind::kUnsupported, where, ": expected at most ", kMaxTokenId + 1, " pieces, found ",
         pieces.size());
  }
  if (options.unk_id && static_cast<std::size_t>(*options.unk_id) >= pieces.size()) {
    fail(ErrorKind::kCorrupt, where, ": expected an unk_id below ", pieces.size(),
         ", the number of pieces, found ", *options.unk_id);
  }
  double least = std::numeric_limits<double>::infinity();
  std::vector<std::string_view> tokens;
  std::vector<std::pair<std::string_view, std::int32_t>> keys;
  for (const UnigramPiece& piece : pieces) {
    if (piece.in_text) {
      keys.emplace_back(piece.text, static_cast<std::int32_t>(tokens.size()));
    }
    tokens.push_back(piece.text);
    scores_.push_back(piece.score);
    least = piece.score < least ? piece.score : least;
  }
  unknown_score_ = options.unknown_score.value_or(least - kUnknownPenalty);
  vocabulary_ = Vocabulary::from_list(tokens);
  trie_ = DoubleArray(std::move(keys));
  for (std::size_t byte = 0; byte < byte_ids_.size(); ++byte) {
    char name[8];
    std::snprintf(name, sizeof name, "<0x%02X>", static_cast<unsigned>(byte));
    byte_ids_[byte] = vocabulary_.find(name).value_or(-1);
  }
}

void Unigram::find_best(std::string_view word, Lattice& lattice) const {
  lattice.reset(word.size());
  options_.single_precision ? reach_all<float>(word, lattice) : reach_all<double>(word, lattice);
  for (std::size_t end = word.size(); end > 0; end = lattice.steps[end].begin) {
    lattice.path.push_back(static_cast<std::uint32_t>(end));
  }
}

// Sum is the precision that sums are kept in.
template <class Sum>
void Unigram::reach_all(std::string_view word, Lattice& lattice) const {
  const std::int32_t unknown = options_.unk_id.value_or(-1);
  const double* const scores = scores_.data();
  Lattice::Step* const steps = lattice.steps.data();
  for (std::size_t begin = 0; begin < word.size();) {
    const double score = steps[begin].score;
    const std::size_t char_length = utf8_length(word[begin]);
    bool is_piece = false;  // the character
    const auto reach = [&](std::size_t length, double sum, std::int32_t id) {
      Lattice::Step& step = steps[begin + length];
      const double kept = static_cast<Sum>(sum);
      if (step.begin != Lattice::kUnreached && !(kept > step.score)) {
        return false;
      }
      step = {kept, id, static_cast<std::uint32_t>(begin)};
      return true;
    };
    trie_.for_each_prefix(word.substr(begin), [&](std::size_t length, std::int32_t id) {
      reach(length, score + scores[id], id);
      is_piece = is_piece || length == char_length;
    });
    if (!is_piece && reach(char_length, score + unknown_score_, unknown) && unknown < 0) {
      fail(ErrorKind::kCorrupt, "tokenizer: the text has the character ",
           quoted(word.substr(begin, char_length)),
           ", which is no piece, and the model has no unk_id");
    }
    begin += char_length;
  }
}

template <class OnToken>
void Unigram::split(std::string_view word, Lattice& lattice, OnToken&& on_token) const {
  if (word.size() >= Lattice::kUnreached) {
    fail(ErrorKind::kUnsupported, "tokenizer: expected a word of less than 4 GiB");
  }
  find_best(word, lattice);
  const std::int32_t unknown = options_.unk_id.value_or(-1);
  for (std::size_t i = lattice.path.size(); i-- > 0;) {
    const std::uint32_t begin = lattice.steps[lattice.path[i]].begin;
    const std::int32_t id = lattice.steps[lattice.path[i]].id;
    if (id != unknown) {
      on_token(id, begin, lattice.path[i]);
      continue;
    }
    // SentencePiece's bytes are those of one character at a time.
    const bool alone = options_.single_precision && options_.byte_fallback;
    while (!alone && i > 0 && lattice.steps[lattice.path[i - 1]].id == unknown) {
      --i;
    }
    put_unknown(word, begin, lattice.path[i], on_token);
  }
}

template <class OnToken>
void Unigram::put_unknown(std::string_view word, std::size_t begin, std::size_t end,
                          OnToken&& on_token) const {
  const std::string_view bytes = word.substr(begin, end - begin);
  // Characters that are unknown one by one may be a piece together.
  if (!options_.single_precision) {
    if (const auto id = vocabulary_.find(bytes)) {
      on_token(*id, begin, end);
      return;
    }
  }
  const auto id_of = [&](char byte) { return byte_ids_[static_cast<unsigned char>(byte)]; };
  if (options_.byte_fallback &&
      std::ranges::all_of(bytes, [&](char byte) { return id_of(byte) >= 0; })) {
    for (const char byte : bytes) {
      on_token(id_of(byte), begin, end);
    }
    return;
  }
  on_token(options_.unk_id.value_or(-1), begin, end);  // find_best has asked for it
}

void Unigram::tokenize(std::string_view word, std::vector<ModelToken>& tokens) const {
  Lattice lattice;
  split(word, lattice, [&](std::int32_t id, std::size_t begin, std::size_t end) {
    tokens.push_back({id, begin, end});
  });
}

void Unigram::append_ids(std::string_view word, State& state,
                         std::vector<std::int32_t>& ids) const {
  append_ids(std::span(&word, 1), state, ids);
}

void Unigram::append_ids(std::span<const std::string_view> words, State& state,
                         std::vector<std::int32_t>& ids) const {
  auto& own = static_cast<WordState&>(state);
  own.keys.clear();
  for (const std::string_view word : words) {
    own.keys.emplace_back(word, state.readable(word));
    own.cache.prefetch(own.keys.back());
  }
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (own.cache.append(own.keys[i], ids)) {
      continue;
    }
    const std::size_t before = ids.size();
    split(words[i], own.lattice,
          [&](std::int32_t id, std::size_t, std::size_t) { ids.push_back(id); });
    own.lattice.trim();
    own.cache.remember(own.keys[i], std::span(ids).subspan(before));
  }
}

std::unique_ptr<TokenModel::State> Unigram::make_state() const {
  return std::make_unique<WordState>();
}

std::string_view Unigram::spelling(const ModelToken& token, std::string_view word) const {
  return token.id == options_.unk_id ? word.substr(token.begin, token.end - token.begin)
                                     : vocabulary_.token(token.id);
}

std::unique_ptr<const TokenModel> make_unigram(const Json& spec) {
  UnigramOptions options;
  if (const auto unk_id = spec.find("unk_id"); unk_id && !unk_id->is_null()) {
    options.unk_id = static_cast<std::int32_t>(unk_id->as_uint(kMaxTokenId));
  }
  if (const auto byte_fallback = spec.find("byte_fallback")) {
    options.byte_fallback = byte_fallback->as_bool();
  }
  std::vector<UnigramPiece> pieces;
  for (const Json& entry : spec.at("vocab").elements()) {
    if (!entry.is_array() || entry.size() != 2) {
      fail(ErrorKind::kCorrupt, entry.where(), ": expected [piece, score], found ",
           entry.describe());
    }
    pieces.push_back(
        {entry.at(std::size_t{0}).as_string(), as_the_reference_reads(entry.at(1).as_double())});
  }
  return std::make_unique<Unigram>(pieces, options, spec.where());
}

}  // namespace firth
