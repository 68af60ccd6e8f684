// A verb of the command line: its description, its option table and what it does. commands() is the
// one list of them; main picks by name.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cli/options.h"

namespace firth::cli {

struct Example {
  std::string_view command;
  std::string_view says;  // what it does
};

struct CommandInfo {
  std::string_view name;            // "embed"; two words for a verb of a group: "train lsa"
  std::string_view summary;         // one sentence, the first line of the help
  std::string_view arguments = "";  // of the usage line: "[TEXT|PATH…]"
  std::array<Example, 3> examples;
  std::string_view notes = "";  // shown after the options; paragraphs
  bool listed = true;           // in `firth --help`
};

class Command {
 public:
  virtual ~Command() = default;
  Command() = default;
  Command(const Command&) = delete;
  Command& operator=(const Command&) = delete;

  virtual CommandInfo info() const = 0;

  // Lists the options of this verb; their targets are fields of the object.
  virtual void for_each_option(OptionTable& visit) = 0;

  // After parsing. Returns the exit code; throws firth::Error and UsageError.
  virtual int run(const CommonArgs& common) = 0;
};

using Commands = std::vector<std::unique_ptr<Command>>;

// All verbs, in the order of the help.
Commands commands();

// The first word of verbs of two words: `firth eval sts`, `firth eval retrieval`.
struct VerbGroup {
  std::string_view name;
  std::string_view summary;  // one sentence
};

// All groups; nullptr if `name` is none of them.
const VerbGroup* find_group(std::string_view name);

// "eval" of "eval sts"; null for a verb of one word.
const VerbGroup* group_of(const Command& command);

// The verbs of a group, and the words that tell them apart: "sts", "retrieval".
std::vector<Command*> members_of(const Commands& all, const VerbGroup& group);
std::string_view member_word(const Command& command);

// Fills the fields from the arguments after the verb. Throws UsageError.
void parse_arguments(Command& command, CommonArgs& common, const std::vector<std::string>& args);

// The table of a verb, the common options at its end.
OptionTable option_table(Command& command, CommonArgs& common);

// The command that the first words name, which are taken off `words`; UsageError with a suggestion
// if there is none.
Command& take_command(const Commands& all, std::vector<std::string>& words);

}  // namespace firth::cli
