// From a training with n-grams to the model that fastText's file holds.
#pragma once

#include <memory>

#include "firth/words/fasttext_model.h"
#include "firth/words/word_trainer.h"

namespace firth {

std::shared_ptr<const FastTextModel> fasttext_model_of(const WordTrainer& trainer,
                                                       const Corpus& corpus,
                                                       const WordTrainingOptions& options,
                                                       std::size_t min_count);

}  // namespace firth
