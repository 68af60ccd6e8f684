// What a person reads about a verb, all from its option table: help on a terminal, man pages, the
// table as JSON.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/command.h"

namespace firth::cli {

std::string overview_text(const Commands& all);                      // firth --help
std::string help_text(Command& command);                             // firth VERB --help
std::string help_text(const Commands& all, const VerbGroup& group);  // firth eval --help
std::string help_json(Command& command);                             // firth help VERB --json

// Pages for man(1), in roff.
std::string man_page(const Commands& all);  // firth(1)
std::string man_page(Command& command);     // firth-VERB(1)

// "-m, --model PATH"; "--normalize, --no-normalize"; "TEXT".
std::string option_heading(const Option& option);

// The sentence about an option with its choices and its default.
std::string option_sentence(const Option& option);

// Groups in order of first appearance.
std::vector<std::string> group_titles(const OptionTable& table);

}  // namespace firth::cli
