// Tokenizers made of a SentencePiece model file. Alone the file gives what the program
// sentencepiece gives: no special tokens around the text, control symbols in it are text, unknown
// pieces are decoded as its unk_surface. Beside the files of a Hugging Face model it gives what
// transformers makes of it (sentencepiece_folder.cc).
#pragma once

#include <string>

#include "firth/text/pipeline.h"
#include "firth/text/sentencepiece_model.h"

namespace firth {

// As the program sentencepiece has it.
TokenizerParts make_sentencepiece(const SentencePieceModel& model);

}  // namespace firth
