// Learning vectors of words from the company they keep: skip-gram and CBOW with negative sampling
// (Mikolov et al. 2013, arXiv:1310.4546) or hierarchical softmax, over whole words (word2vec) or
// over words and their character n-grams (fastText; Bojanowski et al. 2017, arXiv:1607.04606).
//
// Where we differ from word2vec.c and fastText, for speed:
//   - The words of a window share the negatives drawn for its centre, so that all its pairs are two
//     small matrix products (kernels/context_update.h).
//   - With n-grams, the vector of a word is summed up once while it is inside the window, not once
//     for each pair, and what it learned goes to its rows when it leaves. Rows of n-grams that no
//     word has are not touched; the others lie in the order of their words' frequency.
//   - The learning rate falls with the place in the corpus, not with a count that threads share.
//
// Hogwild: threads write to the same rows without asking, so runs differ in their last digits.
// `deterministic` trains on one thread instead, in the order of the corpus: the same bytes whatever
// the number of threads. It costs what the other threads would have done.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "firth/core/tensor.h"
#include "firth/core/thread_pool.h"
#include "firth/words/corpus.h"
#include "firth/words/word_vectors.h"

namespace firth {

struct WordTrainingOptions {
  std::size_t dim = 100;       // components of a vector
  std::size_t window = 5;      // words looked at on each side, at most
  std::size_t negative = 5;    // words drawn as wrong answers for each centre; 0 = none
  bool hs = false;             // hierarchical softmax, instead of or beside negatives
  bool cbow = false;           // the mean of the context predicts the word; else skip-gram
  bool cbow_mean = true;       // false: the sum
  bool shrink_windows = true;  // each window has 1 … window words on each side
  double sample = 1e-3;        // frequent words are left out more often than this share; 0 = never
  bool tied = false;           // one table for words and outputs: neighbours themselves attract
  double ns_exponent = 0.75;   // negatives are drawn by count to this power
  std::size_t epochs = 5;      // passes over the corpus
  double lr = 0;               // at the start; 0 = 0.025, of CBOW 0.05
  double min_lr = 1e-4;        // share of lr at the end
  std::uint64_t seed = 1;
  bool deterministic = false;
  double settle = 0;         // stop when vectors move less in an epoch than this share; 0 = never
  std::size_t patience = 0;  // stop when the loss did not fall for so many epochs; 0 = never
  // fastText's: n-grams of minn … maxn characters in `bucket` rows; maxn 0 = whole words only.
  std::size_t minn = 0;
  std::size_t maxn = 0;
  std::size_t bucket = 2'000'000;
  std::string checkpoint = {};   // file for the state; "" = none
  double checkpoint_every = 60;  // seconds
  bool resume = false;           // go on with the checkpoint, if there is one
};

struct EpochReport {
  std::size_t epoch = 0;  // from 1
  double loss = 0;        // mean over pairs of word and context: -log of what was predicted right
  double movement = 0;    // |change of all vectors| / |all vectors|
  std::uint64_t pairs = 0;
};

struct WordTrainingProgress {
  std::uint64_t done = 0;  // words of the corpus, all epochs
  std::uint64_t total = 0;
  std::size_t epoch = 0;  // from 1
  double loss = 0;        // of this epoch so far
  double lr = 0;
  const EpochReport* finished = nullptr;  // an epoch that has just ended
};

class WordTrainer {
 public:
  using Progress = std::function<void(const WordTrainingProgress&)>;  // may throw to stop

  // The corpus and the pool must outlive the trainer. Errors: invalid_argument for options that
  // make no sense.
  WordTrainer(const Corpus& corpus, const WordTrainingOptions& options, ThreadPool& pool);
  ~WordTrainer();
  WordTrainer(const WordTrainer&) = delete;
  WordTrainer& operator=(const WordTrainer&) = delete;

  // Words that are known there begin with their vectors; of a fastText model with the same n-grams
  // rows of n-grams and outputs too. Returns how many. Errors: invalid_argument for another
  // dimension.
  std::size_t start_from(const WordVectors& vectors);

  // Also called once before the first step, with nothing done.
  std::vector<EpochReport> train(const Progress& progress = {});

  // (words, dim): of whole words; with n-grams their means. Also while training, from the progress.
  Tensor vectors() const;

  // (words, dim): the output rows of negative sampling; empty with hs alone.
  Tensor output_vectors() const;

  // For a fastText file: (words + bucket, dim), and (words, dim) of negative sampling or of the
  // tree's inner nodes.
  Tensor fasttext_input() const;
  Tensor fasttext_output() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace firth
