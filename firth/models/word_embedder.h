// Texts by the vectors of their words: tables of word2vec's and GloVe's give the mean of the known
// words' vectors, fastText models what their own program prints for a sentence (a supervised one:
// the mean of all its features). Words are what lies between spaces, as the vectors were trained.
#pragma once

#include <memory>
#include <string>

#include "firth/core/embedder.h"
#include "firth/models/open_options.h"

namespace firth {

// Errors: those of open_word_vectors; invalid_argument for another pooling than mean.
std::unique_ptr<const Embedder> open_word_embedder(const std::string& path,
                                                   const OpenOptions& options);

}  // namespace firth
