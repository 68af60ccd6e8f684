// Seeds, expectation and maximization, pruning, and the final choice.
#include "firth/text/unigram_trainer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "firth/core/error.h"
#include "firth/text/repeated_substrings.h"
#include "firth/text/unicode.h"
#include "firth/text/unigram_lattice.h"

namespace firth {
namespace {

using Edge = UnigramLattice::Edge;

// What the reference calls its unknown piece while it trains; a piece of this spelling is dropped.
constexpr std::string_view kUnknownInTraining = "<UNK>";
constexpr double kUnknownPenalty = 10;    // below the least score
constexpr double kLeastExpected = 0.5;    // occurrences that keep a piece
constexpr double kMissingPenalty = 1e-4;  // between characters that were lost and are put back

// ψ(x), x > 0 (Bernardo 1976, algorithm AS 103, with the reference's coefficients).
double digamma(double x) {
  double result = 0;
  for (; x < 7; ++x) result -= 1 / x;
  x -= 0.5;
  const double xx = 1 / x;
  const double xx2 = xx * xx;
  const double xx4 = xx2 * xx2;
  return result + std::log(x) + (1.0 / 24) * xx2 - 7.0 / 960 * xx4 + (31.0 / 8064) * xx4 * xx2 -
         (127.0 / 30720) * xx4 * xx4;
}

// log(exp(a) + exp(b)).
double log_add(double a, double b) {
  const double high = std::max(a, b);
  return high == -std::numeric_limits<double>::infinity()
             ? high
             : high + std::log1p(std::exp(std::min(a, b) - high));
}

std::string to_utf8(std::span<const char32_t> characters) {
  std::string text;
  for (const char32_t c : characters) append_utf8(c, text);
  return text;
}

// Pieces to begin with: their texts and how much each counts.
struct Seeds {
  std::vector<std::string> texts;
  std::vector<double> weights;
};

// Words one after another, a 0 behind each.
std::vector<char32_t> joined(std::span<const WordCount> words) {
  std::vector<char32_t> text;
  for (const WordCount& item : words) {
    for_each_char(item.word, [&](char32_t c, std::size_t, std::size_t) { text.push_back(c); });
    text.push_back(0);
  }
  if (text.size() >= UINT32_MAX) {
    fail(ErrorKind::kUnsupported, "training: expected fewer than ", UINT32_MAX,
         " characters in the distinct words, found ", text.size());
  }
  return text;
}

void add_characters(std::span<const WordCount> words, Seeds& seeds) {
  std::map<char32_t, std::uint64_t> counts;
  for (const WordCount& item : words) {
    for_each_char(item.word, [&](char32_t c, std::size_t, std::size_t) {
      if (c != 0) counts[c] += item.count;
    });
  }
  std::vector<std::pair<std::uint64_t, char32_t>> sorted;
  for (const auto& [c, count] : counts) sorted.emplace_back(count, c);
  std::ranges::sort(sorted, std::ranges::greater());
  for (const auto& [count, c] : sorted) {
    seeds.texts.push_back(to_utf8(std::span(&c, 1)));
    seeds.weights.push_back(static_cast<double>(count));
  }
}

// The substrings of the greatest weight, of equal ones those that stand last in the order of code
// points.
void add_substrings(std::span<const char32_t> text, const UnigramTrainerOptions& options,
                    ThreadPool& pool, Seeds& seeds) {
  std::vector<RepeatedSubstring> found =
      find_repeated_substrings(text, options.max_piece_length, pool);
  const auto weight = [](const RepeatedSubstring& a) { return std::uint64_t{a.count} * a.length; };
  const auto before = [&](const RepeatedSubstring& a, const RepeatedSubstring& b) {
    if (weight(a) != weight(b)) return weight(a) > weight(b);
    return std::ranges::lexicographical_compare(text.subspan(b.begin, b.length),
                                                text.subspan(a.begin, a.length));
  };
  // The reference looks at the limit only after it has added one.
  const std::size_t room =
      options.seed_size > seeds.texts.size() ? options.seed_size - seeds.texts.size() : 1;
  if (found.size() > room) {
    std::ranges::nth_element(found, found.begin() + static_cast<std::ptrdiff_t>(room), before);
    found.resize(room);
  }
  std::ranges::sort(found, before);
  for (const RepeatedSubstring& one : found) {
    seeds.texts.push_back(to_utf8(text.subspan(one.begin, one.length)));
    seeds.weights.push_back(static_cast<double>(weight(one)));
  }
}

Seeds find_seeds(std::span<const WordCount> words, const UnigramTrainerOptions& options,
                 ThreadPool& pool) {
  Seeds seeds;
  add_characters(words, seeds);
  add_substrings(joined(words), options, pool, seeds);
  return seeds;
}

class Training {
 public:
  Training(std::span<const WordCount> words, const UnigramTrainerOptions& options, ThreadPool& pool)
      : options_(options),
        pool_(pool),
        seeds_(find_seeds(words, options, pool)),
        lattice_(words, seeds_.texts, pool),
        num_wanted_(options.vocab_size * 11 / 10) {
    double num_symbols = 0;
    for (const WordCount& item : words) {
      num_symbols += static_cast<double>(item.count) * static_cast<double>(item.word.size());
      num_occurrences_ += static_cast<double>(item.count);
    }
    // No sum of expectations is greater than the number of characters.
    scale_ = std::ldexp(1.0, 61 - std::max(0, std::ilogb(std::max(num_symbols, 1.0))));
    const double sum = std::accumulate(seeds_.weights.begin(), seeds_.weights.end(), 0.0);
    pieces_.resize(seeds_.texts.size() + 1);
    for (std::uint32_t i = 1; i < pieces_.size(); ++i) {
      pieces_[i] = {i - 1, std::log(seeds_.weights[i - 1]) - std::log(sum)};
    }
  }

  void run(const TrainingProgress& progress) {
    const double first_size = static_cast<double>(pieces_.size());
    while (true) {
      for (std::size_t i = 0; i < options_.n_sub_iterations; ++i) maximize(expect());
      if (progress) progress("pieces", share_done(first_size));
      const std::size_t size = pieces_.size();
      if (size <= num_wanted_) return;
      prune();
      if (pieces_.size() >= size) return;  // all that is left has nothing to be replaced by
    }
  }

  // f(text, score) for each piece, in their present order.
  template <class F>
  void for_each_piece(F&& f) const {
    for (std::size_t i = 1; i < pieces_.size(); ++i)
      f(seeds_.texts[pieces_[i].seed], pieces_[i].score);
  }

  // 0 if no piece is left.
  double least_score() const {
    double least = pieces_.size() > 1 ? pieces_[1].score : 0;
    for (std::size_t i = 2; i < pieces_.size(); ++i) least = std::min(least, pieces_[i].score);
    return least;
  }

 private:
  struct Piece {
    std::uint32_t seed = 0;
    double score = 0;
  };

  double share_done(double first_size) const {
    const double wanted = static_cast<double>(std::max<std::size_t>(num_wanted_, 1));
    const double all = std::log(std::max(first_size / wanted, 1.0));
    const double left = std::log(std::max(static_cast<double>(pieces_.size()) / wanted, 1.0));
    return all > 0 ? 1 - left / all : 1;
  }

  // Scores by id; of the unknown piece below all others.
  std::vector<double> scores() const {
    std::vector<double> scores(pieces_.size());
    for (std::size_t i = 1; i < scores.size(); ++i) scores[i] = pieces_[i].score;
    scores[0] = least_score() - kUnknownPenalty;
    return scores;
  }

  // Probabilities to the power that brings those of whole words near 1: each is multiplied by one
  // factor for each of its characters, which changes nothing about a way's share among all ways.
  std::vector<double> tilted(const std::vector<double>& scores) const {
    double entropy = 0;
    double mean_length = 0;
    for (std::size_t i = 1; i < scores.size(); ++i) {
      const double probability = std::exp(scores[i]);
      entropy -= probability * scores[i];
      mean_length += probability * lattice_.length(static_cast<std::uint32_t>(i));
    }
    const double a_character = mean_length > 0 ? entropy / mean_length : 0;
    std::vector<double> tilted(scores.size());
    for (std::size_t i = 0; i < scores.size(); ++i) {
      tilted[i] =
          std::exp(scores[i] + a_character * lattice_.length(static_cast<std::uint32_t>(i)));
    }
    return tilted;
  }

  // How often each piece is expected to occur.
  std::vector<double> expect() {
    const std::vector<double> log_probabilities = scores();
    const std::vector<double> probabilities = tilted(log_probabilities);
    std::vector<std::vector<std::int64_t>> sums(pool_.num_threads());
    std::vector<Scratch> scratch(pool_.num_threads());
    lattice_.for_each_word([&](std::size_t worker, std::uint64_t count, std::size_t length,
                               std::span<const Edge> edges) {
      std::vector<std::int64_t>& sum = sums[worker];
      if (sum.empty()) sum.resize(pieces_.size());
      const double weight = static_cast<double>(count) * scale_;
      if (!add_shares(edges, length, weight, probabilities, scratch[worker], sum)) {
        add_shares_of_logs(edges, length, weight, log_probabilities, scratch[worker], sum);
      }
    });
    std::vector<double> expected(pieces_.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      std::int64_t total = 0;
      for (const auto& sum : sums) total += sum.empty() ? 0 : sum[i];
      expected[i] = static_cast<double>(total) / scale_;
    }
    return expected;
  }

  struct Scratch {
    std::vector<double> forward;   // of all ways from the word's begin to a character
    std::vector<double> backward;  // from there to its end
  };

  // Adds each edge's share of the ways through a word, times `weight`; false if the numbers do not
  // fit a double.
  static bool add_shares(std::span<const Edge> edges, std::size_t length, double weight,
                         const std::vector<double>& probabilities, Scratch& scratch,
                         std::vector<std::int64_t>& sums) {
    constexpr double kLeast = 1e-280;
    constexpr double kMost = 1e280;
    std::vector<double>& forward = scratch.forward;
    forward.assign(length + 1, 0);
    forward[0] = 1;
    for (const Edge& edge : edges)
      forward[edge.end] += forward[edge.begin] * probabilities[edge.piece];
    const auto [least, most] = std::ranges::minmax(forward);
    if (!(least > kLeast && most < kMost)) return false;
    std::vector<double>& backward = scratch.backward;
    backward.assign(length + 1, 0);
    backward[length] = weight / forward[length];
    for (std::size_t i = edges.size(); i-- > 0;) {
      const Edge& edge = edges[i];
      const double rest = probabilities[edge.piece] * backward[edge.end];
      backward[edge.begin] += rest;
      sums[edge.piece] += std::llrint(forward[edge.begin] * rest);
    }
    return true;
  }

  // The same with logarithms.
  static void add_shares_of_logs(std::span<const Edge> edges, std::size_t length, double weight,
                                 const std::vector<double>& scores, Scratch& scratch,
                                 std::vector<std::int64_t>& sums) {
    constexpr double kNever = -std::numeric_limits<double>::infinity();
    std::vector<double>& forward = scratch.forward;
    forward.assign(length + 1, kNever);
    forward[0] = 0;
    for (const Edge& edge : edges) {
      forward[edge.end] = log_add(forward[edge.end], forward[edge.begin] + scores[edge.piece]);
    }
    std::vector<double>& backward = scratch.backward;
    backward.assign(length + 1, kNever);
    backward[length] = 0;
    for (std::size_t i = edges.size(); i-- > 0;) {
      const Edge& edge = edges[i];
      const double rest = scores[edge.piece] + backward[edge.end];
      backward[edge.begin] = log_add(backward[edge.begin], rest);
      sums[edge.piece] +=
          std::llrint(weight * std::exp(forward[edge.begin] + rest - forward[length]));
    }
  }

  void maximize(const std::vector<double>& expected) {
    std::vector<Piece> kept(1);
    std::vector<std::uint32_t> new_ids(pieces_.size());
    double sum = 0;
    for (std::size_t i = 1; i < pieces_.size(); ++i) {
      if (expected[i] < kLeastExpected) continue;
      new_ids[i] = static_cast<std::uint32_t>(kept.size());
      kept.push_back({pieces_[i].seed, expected[i]});
      sum += expected[i];
    }
    const double log_sum = digamma(sum);
    for (std::size_t i = 1; i < kept.size(); ++i) kept[i].score = digamma(kept[i].score) - log_sum;
    lattice_.renumber(new_ids);
    pieces_ = std::move(kept);
  }

  // The best way through a word: its edges from the last to the first. Of ways as good as each
  // other the one whose last piece is the longest.
  struct BestWay {
    std::vector<double> score;      // up to each character
    std::vector<const Edge*> edge;  // the last one before it

    double find(std::span<const Edge> edges, std::size_t length,
                const std::vector<double>& scores) {
      score.assign(length + 1, 0);
      edge.assign(length + 1, nullptr);
      for (const Edge& each : edges) {
        const double sum = score[each.begin] + scores[each.piece];
        if (edge[each.end] == nullptr || sum > score[each.end]) {
          score[each.end] = sum;
          edge[each.end] = &each;
        }
      }
      return score[length];
    }

    template <class F>
    void for_each(F&& f) const {
      for (std::size_t at = score.size() - 1; at > 0; at = edge[at]->begin) f(edge[at]->piece);
    }
  };

  // How often each piece occurs if each word is cut in the best way.
  std::vector<double> count_best(const std::vector<double>& scores) {
    std::vector<std::vector<std::uint64_t>> sums(pool_.num_threads());
    std::vector<BestWay> best(pool_.num_threads());
    lattice_.for_each_word([&](std::size_t worker, std::uint64_t count, std::size_t length,
                               std::span<const Edge> edges) {
      if (sums[worker].empty()) sums[worker].resize(scores.size());
      best[worker].find(edges, length, scores);
      best[worker].for_each([&](std::uint32_t piece) { sums[worker][piece] += count; });
    });
    std::vector<double> counts(scores.size());
    for (std::size_t i = 0; i < counts.size(); ++i) {
      std::uint64_t total = 0;
      for (const auto& sum : sums) total += sum.empty() ? 0 : sum[i];
      counts[i] = static_cast<double>(total);
    }
    return counts;
  }

  // What losing a piece costs the likelihood, if the second-best way to cut it stands in for it.
  // nullopt: the piece goes at once; infinity: nothing can stand in for it.
  std::optional<double> loss_of(std::uint32_t id, const std::vector<double>& scores,
                                const std::vector<double>& counts, double sum) const {
    constexpr double kNothingElse = std::numeric_limits<double>::infinity();
    const std::string& text = seeds_.texts[pieces_[id].seed];
    if (utf8_length(text[0]) == text.size()) return kNothingElse;  // one character
    if (counts[id] == 0) return std::nullopt;
    std::vector<Edge> edges;
    const std::size_t length = lattice_.find_edges(text, edges);
    std::erase_if(edges, [&](const Edge& edge) { return edge.end - edge.begin == length; });
    BestWay other;
    if (other.find(edges, length, scores) > scores[id]) return kNothingElse;  // it has a better way
    // SentencePiece adds the number of pieces that stand in, less one; the reference adds that of
    // all pieces, and what it keeps depends on it.
    const double log_sum = std::log(sum + counts[id] * static_cast<double>(pieces_.size() - 1));
    double other_score = 0;
    other.for_each([&](std::uint32_t piece) {
      other_score += std::log(counts[piece] + counts[id]) - log_sum;
    });
    return counts[id] / num_occurrences_ * (std::log(counts[id]) - std::log(sum) - other_score);
  }

  void prune() {
    const std::vector<double> log_probabilities = scores();
    const std::vector<double> counts = count_best(log_probabilities);
    const double sum = std::accumulate(counts.begin(), counts.end(), 0.0);
    std::vector<std::optional<double>> losses(pieces_.size());
    pool_.parallel_for(pieces_.size(), 256, [&](std::size_t begin, std::size_t end, std::size_t) {
      for (std::size_t i = std::max<std::size_t>(begin, 1); i < end; ++i) {
        losses[i] = loss_of(static_cast<std::uint32_t>(i), log_probabilities, counts, sum);
      }
    });
    keep(choose(losses));
  }

  // The pieces that stay, in their new order: those that nothing can stand in for, then the others
  // by their losses.
  std::vector<std::uint32_t> choose(const std::vector<std::optional<double>>& losses) const {
    std::vector<std::uint32_t> chosen;
    std::vector<std::uint32_t> candidates;
    for (std::uint32_t i = 1; i < losses.size(); ++i) {
      if (losses[i]) (std::isinf(*losses[i]) ? chosen : candidates).push_back(i);
    }
    std::ranges::stable_sort(candidates, std::ranges::greater(),
                             [&](std::uint32_t id) { return *losses[id]; });
    const auto share =
        static_cast<std::size_t>(static_cast<double>(pieces_.size()) * options_.shrinking_factor);
    const std::size_t size = std::max(num_wanted_, share);
    for (const std::uint32_t id : candidates) {
      if (chosen.size() + 1 == size) break;
      chosen.push_back(id);
    }
    return chosen;
  }

  void keep(const std::vector<std::uint32_t>& chosen) {
    std::vector<Piece> kept(1);
    std::vector<std::uint32_t> new_ids(pieces_.size());
    for (const std::uint32_t id : chosen) {
      new_ids[id] = static_cast<std::uint32_t>(kept.size());
      kept.push_back(pieces_[id]);
    }
    lattice_.renumber(new_ids);
    pieces_ = std::move(kept);
  }

  const UnigramTrainerOptions& options_;
  ThreadPool& pool_;
  Seeds seeds_;
  UnigramLattice lattice_;
  std::size_t num_wanted_;
  double num_occurrences_ = 0;  // of words
  double scale_ = 1;            // of sums in fixed point
  std::vector<Piece> pieces_;   // by id; 0 is the unknown one
};

// The characters that the vocabulary must have.
std::set<std::string> required_characters(std::span<const WordCount> words,
                                          const UnigramTrainerOptions& options) {
  std::set<char32_t> characters;
  const auto add = [&](std::string_view text) {
    for_each_char(text, [&](char32_t c, std::size_t, std::size_t) { characters.insert(c); });
  };
  for (const WordCount& item : words) add(item.word);
  add(options.initial_alphabet);
  std::set<std::string> spelled;
  for (const char32_t c : characters) spelled.insert(to_utf8(std::span(&c, 1)));
  return spelled;
}

void check_options(const UnigramTrainerOptions& options, std::size_t num_required) {
  if (!(options.shrinking_factor > 0 && options.shrinking_factor < 1)) {
    fail(ErrorKind::kInvalidArgument,
         "shrinking_factor: expected more than 0 and less than 1, found ",
         options.shrinking_factor);
  }
  if (num_required > options.vocab_size) {
    fail(ErrorKind::kInvalidArgument, "vocab_size: expected at least ", num_required,
         ", which is the number of different characters, found ", options.vocab_size);
  }
}

// With 15 digits: then every reader of JSON makes the same number of them.
double with_15_digits(double score) {
  std::array<char, 32> text;
  const char* const end = std::to_chars(text.data(), text.data() + text.size(), score,
                                        std::chars_format::scientific, 14)
                              .ptr;
  std::from_chars(text.data(), end, score);
  return score;
}

// The pieces without the special tokens: all required characters, then the others in their order
// until there are enough.
std::vector<std::pair<std::string, double>> choose_pieces(const Training& training,
                                                          const std::set<std::string>& required,
                                                          std::size_t num_wanted) {
  std::unordered_map<std::string_view, double> scores;
  training.for_each_piece([&](const std::string& text, double score) { scores[text] = score; });
  std::vector<std::pair<std::string, double>> chosen;
  double missing_score = training.least_score();
  for (const std::string& character : required) {
    const auto known = scores.find(character);
    chosen.emplace_back(character, known != scores.end() ? known->second : missing_score);
    if (known == scores.end()) missing_score += kMissingPenalty;
  }
  // As in the reference, a vocabulary that the characters alone fill is not cut.
  bool is_full = false;
  training.for_each_piece([&](const std::string& text, double score) {
    if (is_full || required.contains(text) || text == kUnknownInTraining) return;
    chosen.emplace_back(text, score);
    is_full = chosen.size() == num_wanted;
  });
  std::ranges::stable_sort(chosen, std::ranges::greater(), &std::pair<std::string, double>::second);
  return chosen;
}

}  // namespace

LearnedUnigram train_unigram(std::span<const WordCount> words, const UnigramTrainerOptions& options,
                             ThreadPool& pool, const TrainingProgress& progress) {
  const std::set<std::string> required = required_characters(words, options);
  check_options(options, required.size());
  LearnedUnigram learned;
  std::vector<std::string> special_tokens = options.special_tokens;
  if (!options.unk_token.empty()) {
    const auto at = std::ranges::find(special_tokens, options.unk_token);
    learned.unk_id = at == special_tokens.end() ? 0 : at - special_tokens.begin();
    if (at == special_tokens.end())
      special_tokens.insert(special_tokens.begin(), options.unk_token);
  }
  if (special_tokens.size() > options.vocab_size) {
    fail(ErrorKind::kInvalidArgument, "vocab_size: expected at least ", special_tokens.size(),
         ", which is the number of special tokens, found ", options.vocab_size);
  }
  if (progress) progress("substrings", 0);
  Training training(words, options, pool);
  training.run(progress);
  for (const std::string& token : special_tokens) learned.pieces.emplace_back(token, 0.0);
  for (auto& piece :
       choose_pieces(training, required, options.vocab_size - special_tokens.size())) {
    learned.pieces.emplace_back(std::move(piece.first), with_15_digits(piece.second));
  }
  return learned;
}

}  // namespace firth
