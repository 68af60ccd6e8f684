#include "firth/counts/count_vectorizer.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <unordered_map>

#include "firth/core/error.h"
#include "firth/counts/symbols.h"
#include "firth/counts/term_table.h"
#include "firth/io/utf8.h"
#include "firth/text/unicode.h"

namespace firth {
namespace {

constexpr std::size_t kTextsAPiece = 64;  // of the parallel loops

TermWalk walk_of(const TermOptions& options) {
  return TermWalk(options.min_n, options.max_n, options.analyzer == Analyzer::kCharWb);
}

std::string_view joint_of(const TermOptions& options) {
  return options.analyzer == Analyzer::kWord ? " " : "";
}

// f(symbols) for each sequence of the document.
template <class F>
void for_each_sequence(const Symbols::Scratch& scratch, F&& f) {
  std::size_t begin = 0;
  for (const std::size_t end : scratch.ends) {
    f(std::span(scratch.symbols).subspan(begin, end - begin));
    begin = end;
  }
}

// The columns of a document, packed with their counts as column << 32 | count, rising.
void count_columns(std::vector<std::uint32_t>& columns, std::vector<std::uint64_t>& out) {
  std::ranges::sort(columns);
  for (std::size_t i = 0; i < columns.size();) {
    std::size_t end = i;
    while (end < columns.size() && columns[end] == columns[i]) ++end;
    out.push_back(std::uint64_t{columns[i]} << 32 | (end - i));
    i = end;
  }
}

// Rows that pieces of a parallel loop made, put together in their order.
template <class T>
SparseMatrix<T> join_rows(const std::vector<std::vector<std::uint64_t>>& pieces,
                          std::span<const std::uint32_t> lengths, std::size_t num_columns,
                          bool binary, ThreadPool& pool) {
  SparseMatrix<T> matrix;
  matrix.num_cols = num_columns;
  matrix.indptr.resize(lengths.size() + 1);
  for (std::size_t i = 0; i < lengths.size(); ++i)
    matrix.indptr[i + 1] = matrix.indptr[i] + lengths[i];
  matrix.indices.resize(static_cast<std::size_t>(matrix.indptr.back()));
  matrix.values.resize(matrix.indices.size());
  std::vector<std::size_t> begins(pieces.size() + 1);
  for (std::size_t p = 0; p < pieces.size(); ++p) begins[p + 1] = begins[p] + pieces[p].size();
  pool.parallel_for(pieces.size(), 1, [&](std::size_t begin, std::size_t end, std::size_t) {
    for (std::size_t p = begin; p < end; ++p) {
      for (std::size_t i = 0; i < pieces[p].size(); ++i) {
        matrix.indices[begins[p] + i] = static_cast<std::int32_t>(pieces[p][i] >> 32);
        matrix.values[begins[p] + i] =
            binary ? T{1} : static_cast<T>(static_cast<std::uint32_t>(pieces[p][i]));
      }
    }
  });
  return matrix;
}

}  // namespace

// The vectorizer.

struct CountVectorizer::State {
  State(const CountOptions& count_options, std::vector<std::string> names)
      : options(count_options),
        symbols(count_options.terms),
        terms(std::move(names)),
        table(count_options.terms.max_n),
        columns(count_options.terms.max_n) {}

  void add_term(std::string_view term, std::uint32_t column);
  void split_words(std::string_view term, std::vector<std::string_view>& parts) const;
  void split_chars(std::string_view term, std::vector<std::string_view>& parts) const;

  CountOptions options;
  Symbols symbols;
  std::vector<std::string> terms;
  TermTable table;
  std::vector<std::vector<std::uint32_t>> columns;  // of each level's terms; kNoTerm = none
  std::unordered_map<std::string_view, std::int32_t> by_name;
};

void CountVectorizer::State::split_words(std::string_view term,
                                         std::vector<std::string_view>& parts) const {
  // A word on its own may have a space in it, if the pattern says so.
  if (options.terms.max_n == 1) return parts.push_back(term);
  for (std::size_t begin = 0; begin <= term.size();) {
    const std::size_t end = std::min(term.find(' ', begin), term.size());
    parts.push_back(term.substr(begin, end - begin));
    begin = end + 1;
  }
}

void CountVectorizer::State::split_chars(std::string_view term,
                                         std::vector<std::string_view>& parts) const {
  for_each_char(term, [&](char32_t, std::size_t begin, std::size_t end) {
    parts.push_back(term.substr(begin, end - begin));
  });
}

// Terms of more symbols than max_n never occur, but keep their column.
void CountVectorizer::State::add_term(std::string_view term, std::uint32_t column) {
  std::vector<std::string_view> parts;
  if (options.terms.analyzer == Analyzer::kWord) {
    split_words(term, parts);
  } else {
    split_chars(term, parts);
  }
  if (parts.empty() || parts.size() > table.num_levels()) return;
  std::uint32_t id = table.symbols().add(parts[0]);
  for (std::size_t level = 1; level < parts.size(); ++level) {
    id = table.pairs(level).add(PairTable::key_of(id, table.symbols().add(parts[level])));
  }
  auto& of_level = columns[parts.size() - 1];
  if (of_level.size() <= id) of_level.resize(id + 1, kNoTerm);
  of_level[id] = column;
}

CountVectorizer::CountVectorizer(const CountOptions& options, std::vector<std::string> terms) {
  check_count_options(options);
  if (terms.empty()) fail(ErrorKind::kInvalidArgument, "vocabulary: expected terms, found none");
  auto state = std::make_unique<State>(options, std::move(terms));
  for (std::size_t i = 0; i < state->terms.size(); ++i) {
    const std::string& term = state->terms[i];
    if (!is_valid_utf8(term))
      fail(ErrorKind::kInvalidArgument, "vocabulary: term ", i, ": expected UTF-8");
    if (!state->by_name.emplace(term, static_cast<std::int32_t>(i)).second)
      fail(ErrorKind::kInvalidArgument, "vocabulary: expected distinct terms, found ", quoted(term),
           " twice");
    state->add_term(term, static_cast<std::uint32_t>(i));
  }
  for (std::size_t level = 0; level < state->columns.size(); ++level)
    state->columns[level].resize(state->table.size(level), kNoTerm);
  state_ = std::move(state);
}

CountVectorizer::~CountVectorizer() = default;
CountVectorizer::CountVectorizer(CountVectorizer&&) noexcept = default;
CountVectorizer& CountVectorizer::operator=(CountVectorizer&&) noexcept = default;

const CountOptions& CountVectorizer::options() const {
  return state_->options;
}

const std::vector<std::string>& CountVectorizer::terms() const {
  return state_->terms;
}

std::optional<std::int32_t> CountVectorizer::find(std::string_view term) const {
  const auto found = state_->by_name.find(term);
  return found == state_->by_name.end() ? std::nullopt : std::optional(found->second);
}

template <class T>
SparseMatrix<T> CountVectorizer::transform(std::span<const std::string_view> texts,
                                           ThreadPool& pool) const {
  struct Worker {
    Symbols::Scratch scratch;
    std::vector<std::uint32_t> columns;
  };

  std::vector<Worker> workers(pool.num_threads());
  std::vector<TermWalk> walks(pool.num_threads(), walk_of(state_->options.terms));
  std::vector<std::vector<std::uint64_t>> pieces((texts.size() + kTextsAPiece - 1) / kTextsAPiece);
  std::vector<std::uint32_t> lengths(texts.size());
  const auto look_up = [&](std::size_t i, std::size_t w, std::vector<std::uint64_t>& piece) {
    Worker& worker = workers[w];
    worker.columns.clear();
    state_->symbols.find(texts[i], worker.scratch);
    for_each_sequence(worker.scratch, [&](std::span<const std::string_view> symbols) {
      walks[w].find(state_->table, symbols,
                    [&](std::size_t level, std::span<const std::uint32_t> ids) {
                      for (const std::uint32_t id : ids) {
                        if (id == kNoTerm) continue;
                        const std::uint32_t column = state_->columns[level][id];
                        if (column != kNoTerm) worker.columns.push_back(column);
                      }
                    });
    });
    const std::size_t before = piece.size();
    count_columns(worker.columns, piece);
    lengths[i] = static_cast<std::uint32_t>(piece.size() - before);
  };
  pool.parallel_for(texts.size(), kTextsAPiece,
                    [&](std::size_t begin, std::size_t end, std::size_t w) {
                      auto& piece = pieces[begin / kTextsAPiece];
                      for (std::size_t i = begin; i < end; ++i) look_up(i, w, piece);
                    });
  return join_rows<T>(pieces, lengths, num_columns(), state_->options.binary, pool);
}

template SparseMatrix<float> CountVectorizer::transform(std::span<const std::string_view>,
                                                        ThreadPool&) const;
template SparseMatrix<double> CountVectorizer::transform(std::span<const std::string_view>,
                                                         ThreadPool&) const;

// The counter.

namespace {

struct TermTally {
  std::uint64_t count = 0;      // times that it occurs
  std::uint32_t documents = 0;  // that have it
  std::uint32_t last = 0;       // document that had it, as this thread numbers them from 1
  std::uint32_t place = 0;      // in that document's list
};

// A term of a kept document, as a thread numbers terms.
struct KeptTerm {
  std::uint32_t id;
  std::uint32_t level_and_count;  // level in the upper five bits
};

constexpr unsigned kLevelShift = 27;
constexpr std::uint32_t kCountMask = (1u << kLevelShift) - 1;

struct KeptPiece {
  std::size_t worker = 0;
  std::size_t begin = 0;  // in the worker's list
};

struct Worker {
  explicit Worker(const TermOptions& options)
      : table(options.max_n), tallies(options.max_n), walk(walk_of(options)) {}

  void count(std::size_t level, std::span<const std::uint32_t> ids, std::size_t document_begin);

  TermTable table;
  std::vector<std::vector<TermTally>> tallies;  // of each level
  TermWalk walk;
  Symbols::Scratch scratch;
  std::vector<KeptTerm> kept;
  std::uint32_t document = 0;
  std::vector<std::vector<std::uint32_t>> columns;  // of each level's terms, after finish()
};

void Worker::count(std::size_t level, std::span<const std::uint32_t> ids,
                   std::size_t document_begin) {
  auto& tally = tallies[level];
  if (tally.size() < table.size(level)) {
    if (tally.capacity() < table.size(level)) tally.reserve(2 * table.size(level));
    tally.resize(table.size(level));
  }
  constexpr std::size_t kAhead = 12;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (i + kAhead < ids.size()) __builtin_prefetch(&tally[ids[i + kAhead]]);
    TermTally& term = tally[ids[i]];
    ++term.count;
    if (term.last == document) {
      KeptTerm& kept_term = kept[document_begin + term.place];
      if ((kept_term.level_and_count & kCountMask) < kCountMask) ++kept_term.level_and_count;
      continue;
    }
    term.last = document;
    ++term.documents;
    term.place = static_cast<std::uint32_t>(kept.size() - document_begin);
    kept.push_back({ids[i], static_cast<std::uint32_t>(level) << kLevelShift | 1u});
  }
}

// A distinct term of all threads.
struct FoundTerm {
  std::uint32_t level;
  std::uint32_t id;
  std::uint64_t count;
  std::uint64_t documents;
};

}  // namespace

struct TermCounter::State {
  State(const Options& counter_options, ThreadPool& thread_pool)
      : options(counter_options), pool(thread_pool), symbols(counter_options.counts.terms) {
    for (std::size_t i = 0; i < pool.num_threads(); ++i) workers.emplace_back(options.counts.terms);
    if (!options.vocabulary.empty()) fixed.emplace(options.counts, options.vocabulary);
  }

  void add_learning(std::span<const std::string_view> texts);
  void add_known(std::span<const std::string_view> texts);
  void count_text(Worker& worker, std::string_view text);
  void merge(Worker& into, const Worker& from, std::vector<std::vector<std::uint32_t>>& numbers);
  std::vector<std::vector<std::vector<std::uint32_t>>> merge_all();
  std::vector<FoundTerm> choose();
  void keep_most_frequent(std::vector<FoundTerm>& terms, std::vector<std::string>& names);
  CountVectorizer number_columns(std::vector<FoundTerm> found);
  template <class T>
  SparseMatrix<T> kept_matrix();

  Options options;
  ThreadPool& pool;
  Symbols symbols;
  std::vector<Worker> workers;
  std::optional<CountVectorizer> fixed;
  SparseMatrix<double> fixed_counts;
  std::vector<KeptPiece> pieces;       // of kTextsAPiece documents each, but for the ends of blocks
  std::vector<std::uint32_t> lengths;  // distinct terms of each document
  std::vector<std::size_t> piece_documents{0};
  TermStatistics statistics;
  std::size_t num_columns = 0;
  bool finished = false;
};

void TermCounter::State::count_text(Worker& worker, std::string_view text) {
  const std::size_t begin = worker.kept.size();
  ++worker.document;
  symbols.find(text, worker.scratch);
  for_each_sequence(worker.scratch, [&](std::span<const std::string_view> sequence) {
    worker.walk.add(worker.table, sequence,
                    [&](std::size_t level, std::span<const std::uint32_t> ids) {
                      worker.count(level, ids, begin);
                    });
  });
}

void TermCounter::State::add_learning(std::span<const std::string_view> texts) {
  const std::size_t first_piece = pieces.size(), first_text = lengths.size();
  const std::size_t num_pieces = (texts.size() + kTextsAPiece - 1) / kTextsAPiece;
  if (options.keep_documents) {
    pieces.resize(first_piece + num_pieces);
    lengths.resize(first_text + texts.size());
    for (std::size_t p = 1; p <= num_pieces; ++p)
      piece_documents.push_back(first_text + std::min(p * kTextsAPiece, texts.size()));
  }
  pool.parallel_for(
      texts.size(), kTextsAPiece, [&](std::size_t begin, std::size_t end, std::size_t w) {
        Worker& worker = workers[w];
        if (options.keep_documents)
          pieces[first_piece + begin / kTextsAPiece] = {w, worker.kept.size()};
        for (std::size_t i = begin; i < end; ++i) {
          const std::size_t before = worker.kept.size();
          count_text(worker, texts[i]);
          if (options.keep_documents) {
            lengths[first_text + i] = static_cast<std::uint32_t>(worker.kept.size() - before);
          } else {
            worker.kept.clear();
          }
        }
      });
}

void TermCounter::State::add_known(std::span<const std::string_view> texts) {
  const auto counts = fixed->transform<double>(texts, pool);
  statistics.document_frequencies.resize(fixed->num_columns());
  statistics.counts.resize(fixed->num_columns());
  for (std::size_t i = 0; i < counts.num_nonzeros(); ++i) {
    const auto column = static_cast<std::size_t>(counts.indices[i]);
    ++statistics.document_frequencies[column];
    statistics.counts[column] += static_cast<std::uint64_t>(counts.values[i]);
  }
  if (!options.keep_documents) return;
  const std::int64_t offset = fixed_counts.indptr.back();
  for (std::size_t i = 1; i < counts.indptr.size(); ++i)
    fixed_counts.indptr.push_back(offset + counts.indptr[i]);
  fixed_counts.indices.insert(fixed_counts.indices.end(), counts.indices.begin(),
                              counts.indices.end());
  fixed_counts.values.insert(fixed_counts.values.end(), counts.values.begin(), counts.values.end());
}

// Adds the terms of a thread to those of another; numbers: the new number of each.
void TermCounter::State::merge(Worker& into, const Worker& from,
                               std::vector<std::vector<std::uint32_t>>& numbers) {
  numbers.resize(from.table.num_levels());
  for (std::size_t level = 0; level < from.table.num_levels(); ++level) {
    auto& number = numbers[level];
    number.resize(from.table.size(level));
    if (level == 0) {
      for (std::uint32_t id = 0; id < number.size(); ++id)
        number[id] = into.table.symbols().add(from.table.symbols()[id]);
    } else {
      PairTable& pairs = into.table.pairs(level);
      const auto key = [&](std::size_t id) {
        const std::uint64_t old = from.table.pairs(level).key(static_cast<std::uint32_t>(id));
        return PairTable::key_of(numbers[level - 1][old >> 32],
                                 numbers[0][static_cast<std::uint32_t>(old)]);
      };
      constexpr std::size_t kAhead = 16;
      for (std::size_t id = 0; id < number.size(); ++id) {
        if (id + kAhead < number.size()) pairs.prefetch(key(id + kAhead));
        number[id] = pairs.add(key(id));
      }
    }
    into.tallies[level].resize(into.table.size(level));
    for (std::size_t id = 0; id < from.tallies[level].size(); ++id) {
      TermTally& tally = into.tallies[level][number[id]];
      tally.count += from.tallies[level][id].count;
      tally.documents += from.tallies[level][id].documents;
    }
  }
}

// Numbers of each thread's terms as the first thread has them; empty for the first itself.
std::vector<std::vector<std::vector<std::uint32_t>>> TermCounter::State::merge_all() {
  std::vector<std::vector<std::vector<std::uint32_t>>> numbers(workers.size());
  for (std::size_t w = 1; w < workers.size(); ++w) merge(workers[0], workers[w], numbers[w]);
  for (std::size_t level = 0; level < workers[0].tallies.size(); ++level)
    workers[0].tallies[level].resize(workers[0].table.size(level));
  return numbers;
}

namespace {

double in_documents(const DocumentLimit& limit, std::uint64_t num_documents) {
  return limit.is_share ? limit.value * static_cast<double>(num_documents) : limit.value;
}

}  // namespace

// The terms within the limits.
std::vector<FoundTerm> TermCounter::State::choose() {
  const double low = in_documents(options.counts.min_df, statistics.num_documents);
  const double high = in_documents(options.counts.max_df, statistics.num_documents);
  if (high < low) {
    fail(ErrorKind::kInvalidArgument, "max_df: expected at least as many documents as min_df (",
         low, "), found ", high);
  }
  std::vector<FoundTerm> found;
  std::size_t num_seen = 0;
  for (std::uint32_t level = 0; level < workers[0].tallies.size(); ++level) {
    const auto& tallies = workers[0].tallies[level];
    for (std::uint32_t id = 0; id < tallies.size(); ++id) {
      const TermTally& tally = tallies[id];
      if (tally.documents == 0) continue;
      ++num_seen;
      if (tally.documents < low || tally.documents > high) continue;
      const std::uint64_t count = options.counts.binary ? tally.documents : tally.count;
      found.push_back({level, id, count, tally.documents});
    }
  }
  if (found.empty() && num_seen == 0) {
    fail(ErrorKind::kInvalidArgument, "texts: expected terms, found an empty vocabulary: the ",
         statistics.num_documents, " documents hold stop words only, or no words at all");
  }
  if (found.empty()) {
    fail(ErrorKind::kInvalidArgument, "texts: no terms remain of ", num_seen,
         " after pruning; try a lower min_df or a higher max_df");
  }
  return found;
}

// Of terms that occur equally often at the border, those first in the alphabet stay.
void TermCounter::State::keep_most_frequent(std::vector<FoundTerm>& terms,
                                            std::vector<std::string>& names) {
  const std::size_t limit = options.counts.max_features;
  const TermTable& table = workers[0].table;
  const std::string_view joint = joint_of(options.counts.terms);
  const auto name = [&](const FoundTerm& term) {
    std::string text;
    table.spell(term.level, term.id, joint, text);
    return text;
  };
  if (limit > 0 && limit < terms.size()) {
    const auto border = terms.begin() + static_cast<std::ptrdiff_t>(limit) - 1;
    std::ranges::nth_element(terms, border, std::ranges::greater{}, &FoundTerm::count);
    const std::uint64_t least = border->count;
    const auto above = std::partition(terms.begin(), terms.end(),
                                      [&](const FoundTerm& term) { return term.count > least; });
    const auto rest = std::partition(above, terms.end(),
                                     [&](const FoundTerm& term) { return term.count == least; });
    const std::span<FoundTerm> ties(above, rest);
    std::vector<std::pair<std::string, FoundTerm>> named;
    named.reserve(ties.size());
    for (const FoundTerm& term : ties) named.emplace_back(name(term), term);
    const auto wanted = static_cast<std::ptrdiff_t>(limit) - (above - terms.begin());
    std::ranges::nth_element(named, named.begin() + (wanted - 1), {},
                             &std::pair<std::string, FoundTerm>::first);
    for (std::size_t i = 0; i < ties.size(); ++i) ties[i] = named[i].second;
    terms.resize(limit);
  }
  names.resize(terms.size());
  pool.parallel_for(terms.size(), 4096, [&](std::size_t begin, std::size_t end, std::size_t) {
    for (std::size_t i = begin; i < end; ++i) names[i] = name(terms[i]);
  });
}

CountVectorizer TermCounter::State::number_columns(std::vector<FoundTerm> found) {
  std::vector<std::string> names;
  keep_most_frequent(found, names);
  std::vector<std::uint32_t> order(found.size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::sort(order, {}, [&](std::uint32_t i) -> const std::string& { return names[i]; });
  std::vector<std::string> terms(found.size());
  workers[0].columns.resize(workers[0].table.num_levels());
  for (std::size_t level = 0; level < workers[0].columns.size(); ++level)
    workers[0].columns[level].assign(workers[0].table.size(level), kNoTerm);
  for (std::size_t column = 0; column < order.size(); ++column) {
    const FoundTerm& term = found[order[column]];
    terms[column] = std::move(names[order[column]]);
    statistics.document_frequencies.push_back(term.documents);
    statistics.counts.push_back(term.count);
    workers[0].columns[term.level][term.id] = static_cast<std::uint32_t>(column);
  }
  return CountVectorizer(options.counts, std::move(terms));
}

template <class T>
SparseMatrix<T> TermCounter::State::kept_matrix() {
  std::vector<std::vector<std::uint64_t>> rows(pieces.size());
  std::vector<std::uint32_t> kept_lengths(lengths.size());
  pool.parallel_for(pieces.size(), 1, [&](std::size_t begin, std::size_t end, std::size_t) {
    for (std::size_t p = begin; p < end; ++p) {
      const Worker& worker = workers[pieces[p].worker];
      const KeptTerm* term = worker.kept.data() + pieces[p].begin;
      for (std::size_t i = piece_documents[p]; i < piece_documents[p + 1]; ++i) {
        const std::size_t before = rows[p].size();
        for (std::uint32_t j = 0; j < lengths[i]; ++j, ++term) {
          const std::uint32_t column =
              worker.columns[term->level_and_count >> kLevelShift][term->id];
          if (column != kNoTerm)
            rows[p].push_back(std::uint64_t{column} << 32 | (term->level_and_count & kCountMask));
        }
        std::sort(rows[p].begin() + static_cast<std::ptrdiff_t>(before), rows[p].end());
        kept_lengths[i] = static_cast<std::uint32_t>(rows[p].size() - before);
      }
    }
  });
  return join_rows<T>(rows, kept_lengths, num_columns, options.counts.binary, pool);
}

TermCounter::TermCounter(const Options& options, ThreadPool& pool) {
  check_count_options(options.counts);
  state_ = std::make_unique<State>(options, pool);
}

TermCounter::~TermCounter() = default;

void TermCounter::add(std::span<const std::string_view> texts) {
  state_->statistics.num_documents += texts.size();
  if (state_->fixed) {
    state_->add_known(texts);
  } else {
    state_->add_learning(texts);
  }
}

CountVectorizer TermCounter::finish() {
  State& state = *state_;
  state.finished = true;
  if (state.fixed) {
    state.num_columns = state.fixed->num_columns();
    state.statistics.document_frequencies.resize(state.num_columns);
    state.statistics.counts.resize(state.num_columns);
    state.fixed_counts.num_cols = state.num_columns;
    return std::move(*state.fixed);
  }
  const auto numbers = state.merge_all();
  CountVectorizer vectorizer = state.number_columns(state.choose());
  state.num_columns = vectorizer.num_columns();
  for (std::size_t w = 1; w < state.workers.size(); ++w) {
    auto& columns = state.workers[w].columns;
    columns.resize(numbers[w].size());
    for (std::size_t level = 0; level < numbers[w].size(); ++level) {
      columns[level].resize(numbers[w][level].size());
      for (std::size_t id = 0; id < columns[level].size(); ++id)
        columns[level][id] = state.workers[0].columns[level][numbers[w][level][id]];
    }
  }
  return vectorizer;
}

const TermStatistics& TermCounter::statistics() const {
  return state_->statistics;
}

template <class T>
SparseMatrix<T> TermCounter::take_matrix() {
  if (state_->options.vocabulary.empty()) return state_->kept_matrix<T>();
  SparseMatrix<T> matrix;
  matrix.num_cols = state_->num_columns;
  matrix.indptr = state_->fixed_counts.indptr;
  matrix.indices = std::move(state_->fixed_counts.indices);
  matrix.values.assign(state_->fixed_counts.values.begin(), state_->fixed_counts.values.end());
  return matrix;
}

template SparseMatrix<float> TermCounter::take_matrix();
template SparseMatrix<double> TermCounter::take_matrix();

}  // namespace firth
