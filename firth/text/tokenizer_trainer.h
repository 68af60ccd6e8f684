// Learns a tokenizer from texts and writes it as tokenizer.json: the texts are cut into words by a
// recipe, the words counted, and a model learned from the counts.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "firth/core/thread_pool.h"
#include "firth/text/bpe_trainer.h"
#include "firth/text/tokenizer_recipe.h"
#include "firth/text/unigram_trainer.h"
#include "firth/text/word_counter.h"
#include "firth/text/word_level_trainer.h"
#include "firth/text/word_piece_trainer.h"

namespace firth {

// Which model, and how it learns.
using TrainerOptions = std::variant<BpeTrainerOptions, WordPieceTrainerOptions,
                                    UnigramTrainerOptions, WordLevelTrainerOptions>;

// Whether a person has chosen a field of the options; the others may be changed.
using IsSet = std::function<bool(std::string_view field)>;

// Gives a new recipe the unknown token, post-processor and decoder that suit the model and the
// words, and the options the whole alphabet of bytes where words are spelled as bytes.
void complete(TokenizerRecipe& recipe, TrainerOptions& options, const IsSet& is_set);

// Gives the options what the tokenizer had that the recipe was read from: special tokens, prefix
// and suffix, alphabet, unknown token.
void follow(TokenizerRecipe& recipe, TrainerOptions& options, const IsSet& is_set);

class TokenizerTrainer {
 public:
  // The pool must outlive the trainer. Errors: corrupt, unsupported: a part of the recipe.
  TokenizerTrainer(TokenizerRecipe recipe, TrainerOptions options, ThreadPool& pool);
  ~TokenizerTrainer();

  // Texts to learn from, as many as there are. Memory holds their distinct words.
  void add(std::span<const std::string_view> texts);

  // The tokenizer.json of what was learned: the same bytes at any number of threads. At most once.
  // Errors: invalid_argument for options that do not go together, or special tokens that the
  // post-processor needs and that are not there.
  std::string train(const TrainingProgress& progress = {});

 private:
  TokenizerRecipe recipe_;
  TrainerOptions options_;
  std::unique_ptr<const Normalizer> normalizer_;
  std::unique_ptr<const PreTokenizer> pre_tokenizer_;
  ThreadPool& pool_;
  WordCounter counter_;
};

}  // namespace firth
