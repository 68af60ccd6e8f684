// Word similarity: are words near each other that people call alike? The figure is Spearman's
// correlation between people's scores of pairs (WordSim-353, MEN, SimLex-999, …) and the cosine of
// the two words' vectors. The same numbers as gensim's KeyedVectors.evaluate_word_pairs: pairs with
// an unknown word are left out and counted.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "firth/eval/interval.h"
#include "firth/eval/word_table.h"

namespace firth {

struct WordPair {
  std::string first;
  std::string second;
  double score = 0;  // people's, on whatever scale
};

// Two words and a score a line, with tabs, commas, semicolons or spaces between (the first of these
// that the line holds); further columns are not read. Empty lines and lines that begin with # are
// passed over, and so is a first line whose third column is no number. May be compressed. Errors:
// corrupt, naming the line; not_found.
std::vector<WordPair> read_word_pairs(const std::string& path);

struct WordSimilarityResult {
  std::size_t num_pairs = 0;       // in the file
  std::size_t num_found = 0;       // of them, both words known
  std::optional<double> spearman;  // in [-1, 1]; nullopt where undefined
  std::optional<double> pearson;
  std::optional<Interval> spearman_interval;  // of 95 %
};

WordSimilarityResult evaluate_word_similarity(const WordTable& table,
                                              const std::vector<WordPair>& pairs);

}  // namespace firth
