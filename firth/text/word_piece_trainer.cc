// Byte pair encoding without its merges.
#include "firth/text/word_piece_trainer.h"

#include "firth/text/bpe_trainer.h"

namespace firth {

std::vector<std::string> train_word_piece(std::span<const WordCount> words,
                                          const WordPieceTrainerOptions& options,
                                          const TrainingProgress& progress) {
  const BpeTrainerOptions as_bpe = {
      .vocab_size = options.vocab_size,
      .min_frequency = options.min_frequency,
      .special_tokens = options.special_tokens,
      .limit_alphabet = options.limit_alphabet,
      .initial_alphabet = options.initial_alphabet,
      .continuing_subword_prefix = options.continuing_subword_prefix,
      .end_of_word_suffix = options.end_of_word_suffix,
  };
  return train_bpe(words, as_bpe, progress).tokens;
}

}  // namespace firth
