// Analogies: "a is to b as c is to …?" (Mikolov et al. 2013, arXiv:1301.3781). Asked of every word
// but a, b and c; right if the best is the one expected.
//
//   3CosAdd   cos(x, b) - cos(x, a) + cos(x, c)                       (the usual one)
//   3CosMul   cos'(x, b) cos'(x, c) / (cos'(x, a) + 1e-6)             cos' = (1 + cos) / 2
//             (Levy & Goldberg 2014, CoNLL, "Linguistic regularities in sparse and explicit word
//             representations")
//
// The same numbers as gensim's KeyedVectors.evaluate_word_analogies: questions with an unknown word
// are left out and counted; of the five best words the first that is not a, b or c in another case
// is the answer.
//
// All questions are asked in one pass over the vocabulary: both scores are functions of the cosines
// between the words of the questions, of which there are few, and all words, which are one product.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "firth/core/thread_pool.h"
#include "firth/eval/word_table.h"

namespace firth {

struct AnalogyQuestion {
  std::string a;
  std::string b;
  std::string c;
  std::string expected;
};

struct AnalogySection {
  std::string name;
  std::vector<AnalogyQuestion> questions;
};

// word2vec's questions-words form: four words a line, sections that begin with ": name". May be
// compressed. Errors: corrupt, naming the line; not_found.
std::vector<AnalogySection> read_analogies(const std::string& path);

struct AnalogyCount {
  std::size_t num_questions = 0;  // in the file
  std::size_t num_found = 0;      // of them, all four words known
  std::size_t num_right_add = 0;  // by 3CosAdd
  std::size_t num_right_mul = 0;  // by 3CosMul

  void add(const AnalogyCount& other);
};

struct AnalogySectionResult {
  std::string name;
  AnalogyCount count;
};

struct AnalogyResult {
  std::vector<AnalogySectionResult> sections;
  AnalogyCount all;
};

// Errors: what `progress` throws; it is called with the share done, in [0, 1], from one thread.
AnalogyResult evaluate_analogies(const WordTable& table,
                                 const std::vector<AnalogySection>& sections, ThreadPool& pool,
                                 const std::function<void(double)>& progress = {});

}  // namespace firth
