// Where trained vectors of words go, by the ending of the path: .bin and .vec (word2vec's forms),
// .npy with its words beside it, .safetensors, .jsonl, .csv; and without an ending a folder that
// sentence-transformers and firth open as a StaticEmbedding (tokenizer.json, model.safetensors).
#pragma once

#include <string>

#include "firth/core/tensor.h"
#include "firth/words/word_list.h"

namespace firth {

// Errors: invalid_argument for an ending that is none of these, before anything is written.
void check_word_output(const std::string& path);

// vectors: (words, dim).
void write_word_vectors(const std::string& path, const WordList& words, const Tensor& vectors);

}  // namespace firth
