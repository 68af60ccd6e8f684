// The verbs, one file each; commands.cc lists them.
#pragma once

#include <memory>
#include <string_view>

#include "cli/command.h"

namespace firth::cli {

std::unique_ptr<Command> make_embed();
std::unique_ptr<Command> make_search();
std::unique_ptr<Command> make_rerank();
std::unique_ptr<Command> make_similarity();
std::unique_ptr<Command> make_near();
std::unique_ptr<Command> make_tokenize();
std::unique_ptr<Command> make_vectorize();
std::unique_ptr<Command> make_inspect();
std::unique_ptr<Command> make_eval_sts();
std::unique_ptr<Command> make_eval_retrieval();
std::unique_ptr<Command> make_eval_words();
std::unique_ptr<Command> make_train_tokenizer();
std::unique_ptr<Command> make_train_word2vec();
std::unique_ptr<Command> make_train_fasttext();
std::unique_ptr<Command> make_pull();
std::unique_ptr<Command> make_models();
std::unique_ptr<Command> make_quantize();
std::unique_ptr<Command> make_doctor();
std::unique_ptr<Command> make_completions();
std::unique_ptr<Command> make_help();
std::unique_ptr<Command> make_man();

// UsageError unless the argument `name` of the verb was given.
void require_argument(const Command& command, std::string_view name, bool given);

}  // namespace firth::cli
