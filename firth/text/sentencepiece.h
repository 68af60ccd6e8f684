// Tokenizers made of a SentencePiece model file. Alone the file gives what the program
// sentencepiece gives: no special tokens around the text, control symbols in it are text, unknown
// pieces are decoded as its unk_surface. Beside the files of a Hugging Face model it gives what
// transformers makes of it (sentencepiece_folder.cc).
#pragma once

#include <optional>
#include <string>

#include "firth/text/pipeline.h"
#include "firth/text/sentencepiece_model.h"

namespace firth {

// As the program sentencepiece has it.
TokenizerParts make_sentencepiece(const SentencePieceModel& model);

// The SentencePiece file of a model's folder, by the names that are in use.
std::optional<std::string> find_sentencepiece_file(const std::string& folder);

// As transformers has it, by the tokenizer's class that the files beside name; as the program
// sentencepiece where none does. Errors: unsupported for other classes.
TokenizerParts read_sentencepiece_folder(const std::string& path, const std::string& folder);

}  // namespace firth
