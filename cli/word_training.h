// What `train word2vec` and `train fasttext` have in common: the corpus, the options of training,
// progress and the report.
#pragma once

#include <string>
#include <vector>

#include "cli/input_args.h"
#include "cli/options.h"
#include "firth/core/thread_pool.h"
#include "firth/words/motion_picture.h"
#include "firth/words/word_trainer.h"

namespace firth::cli {

struct WordTrainingArgs {
  InputArgs input;
  std::string output;
  CorpusOptions corpus;
  WordTrainingOptions training;
  std::string vocabulary;
  std::string start_from;
  std::string stop_words;
  std::string draw;
  bool no_shrink_windows = false;
  bool cbow_sum = false;
  bool checkpoints = false;
  std::size_t seed = 1;
  std::size_t threads = 0;
  std::string progress = "auto";
  bool json = false;
};

void for_each_corpus_field(WordTrainingArgs& args, OptionTable& visit);
void for_each_training_field(WordTrainingArgs& args, OptionTable& visit);
void for_each_running_field(WordTrainingArgs& args, OptionTable& visit);

// UsageError for what is missing; puts together options that are spread over fields.
void settle_args(WordTrainingArgs& args);

Corpus read_corpus(const WordTrainingArgs& args, ThreadPool& pool);

// Trains with a line of progress, tells of each epoch and draws it, if there is a picture.
std::vector<EpochReport> train_words(WordTrainer& trainer, const WordTrainingArgs& args,
                                     MotionPicture* picture = nullptr);

// Begins with the vectors that --start-from names, if it names any.
void start_from(WordTrainer& trainer, const WordTrainingArgs& args, const Corpus& corpus);

struct TrainingSeconds {
  double reading = 0;
  double training = 0;
  double writing = 0;
};

void report_training(const WordTrainingArgs& args, const Corpus& corpus,
                     const std::vector<EpochReport>& epochs, const TrainingSeconds& seconds);

}  // namespace firth::cli
