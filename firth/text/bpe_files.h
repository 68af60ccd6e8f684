// Byte-level BPE in the files that came before tokenizer.json: vocab.json with merges.txt (GPT-2
// and its kin, as transformers makes them of such a folder), and the .tiktoken ranks of OpenAI.
#pragma once

#include <string>
#include <string_view>

#include "firth/text/pipeline.h"

namespace firth {

// A folder that has vocab.json and merges.txt. The class that tokenizer_config.json names decides
// about normalizer, pattern and special tokens: GPT-2, RoBERTa, BART, Longformer, LED, Blenderbot's
// and Qwen 2's are known; where none is named, RoBERTa's if the vocabulary has <s>, </s> and
// <mask>, else GPT-2's. Errors: corrupt, unsupported for other classes.
TokenizerParts read_bpe_folder(const std::string& vocab_path, const std::string& merges_path,
                               const std::string& folder);

// Lines of base64 and rank. Neither pattern nor special tokens stand in the file: the name decides
// (cl100k…, o200k…, p50k…, r50k… or gpt2…), else the number of ranks, if it is that of one of
// those. Errors: corrupt; unsupported if neither is known.
TokenizerParts read_tiktoken(std::string_view text, const std::string& path);

}  // namespace firth
