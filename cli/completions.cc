// `firth completions bash|zsh|fish`: a completion script for a shell, made from the option tables.
#include <algorithm>
#include <sstream>

#include "cli/command.h"
#include "cli/output.h"
#include "cli/verbs.h"

namespace firth::cli {
namespace {

std::vector<std::string> flags_of(const OptionTable& table) {
  std::vector<std::string> flags;
  for (const Option& option : table.options()) {
    if (option.positional()) continue;
    flags.push_back("--" + option.long_name);
    if (option.negatable()) flags.push_back("--no-" + option.long_name);
    if (!option.short_name.empty()) flags.push_back("-" + option.short_name);
  }
  return flags;
}

template <class Strings>
std::string joined(const Strings& strings, std::string_view separator) {
  std::string out;
  for (const auto& string : strings) {
    if (!out.empty()) out += separator;
    out += string;
  }
  return out;
}

// Words that may stand where an argument stands, for verbs whose argument is one of a few words.
std::vector<std::string_view> argument_choices(const OptionTable& table) {
  for (const Option& option : table.options()) {
    if (option.positional() && !option.choices.empty()) return option.choices;
  }
  return {};
}

struct VerbTable {
  CommandInfo info;
  OptionTable table;
};

std::vector<VerbTable> verb_tables() {
  std::vector<VerbTable> tables;
  for (const auto& command : commands()) {
    if (!command->info().listed) continue;
    CommonArgs common;
    tables.push_back({command->info(), option_table(*command, common)});
  }
  return tables;
}

// What may stand first: verbs of one word, and the groups.
struct FirstWord {
  std::string_view word;
  std::string_view summary;
  std::vector<const VerbTable*> members;  // of a group: the verbs whose second word follows
};

std::string_view second_word(const VerbTable& verb) {
  return verb.info.name.substr(verb.info.name.find(' ') + 1);
}

std::vector<FirstWord> first_words(const std::vector<VerbTable>& verbs) {
  std::vector<FirstWord> words;
  for (const VerbTable& verb : verbs) {
    const std::string_view first = verb.info.name.substr(0, verb.info.name.find(' '));
    const VerbGroup* group = find_group(first);
    if (words.empty() || words.back().word != first)
      words.push_back({first, group == nullptr ? verb.info.summary : group->summary, {}});
    if (group != nullptr) words.back().members.push_back(&verb);
  }
  return words;
}

std::string names_of(const std::vector<FirstWord>& words) {
  std::vector<std::string_view> names;
  names.reserve(words.size());
  for (const FirstWord& word : words) names.push_back(word.word);
  return joined(names, " ");
}

std::string names_of(const std::vector<const VerbTable*>& members) {
  std::vector<std::string_view> names;
  names.reserve(members.size());
  for (const VerbTable* member : members) names.push_back(second_word(*member));
  return joined(names, " ");
}

std::string bash_script(const std::vector<VerbTable>& verbs) {
  std::ostringstream out;
  const std::vector<FirstWord> words = first_words(verbs);
  out << "# bash completion for firth; made by 'firth completions bash'\n_firth() {\n"
         "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} "
         "verb=${COMP_WORDS[1]}\n"
         "  COMPREPLY=()\n  if [[ $COMP_CWORD -eq 1 ]]; then\n    COMPREPLY=($(compgen -W \""
      << names_of(words) << " help --help --version\" -- \"$cur\"))\n    return\n  fi\n"
      << "  if [[ $verb == help ]]; then\n    COMPREPLY=($(compgen -W \"" << names_of(words)
      << "\" -- \"$cur\"))\n    return\n  fi\n  case $verb in\n";
  for (const FirstWord& word : words) {
    if (word.members.empty()) continue;
    out << "    " << word.word << ") if [[ $COMP_CWORD -eq 2 ]]; then COMPREPLY=($(compgen -W \""
        << names_of(word.members)
        << "\" -- \"$cur\")); return; fi; verb+=\" ${COMP_WORDS[2]}\";;\n";
  }
  out << "  esac\n  case \"$verb $prev\" in\n";
  for (const VerbTable& verb : verbs) {
    for (const Option& option : verb.table.options()) {
      if (option.positional() || option.choices.empty()) continue;
      out << "    '" << verb.info.name << " --" << option.long_name
          << "') COMPREPLY=($(compgen -W \"" << joined(option.choices, " ")
          << "\" -- \"$cur\")); return;;\n";
    }
  }
  out << "  esac\n  case $verb in\n";
  for (const VerbTable& verb : verbs) {
    out << "    '" << verb.info.name << "') [[ $cur == -* ]] && COMPREPLY=($(compgen -W \""
        << joined(flags_of(verb.table), " ") << "\" -- \"$cur\")) && return";
    const auto choices = argument_choices(verb.table);
    if (!choices.empty()) {
      out << "; COMPREPLY=($(compgen -W \"" << joined(choices, " ") << "\" -- \"$cur\"))";
    }
    out << ";;\n";
  }
  out << "  esac\n  [[ ${#COMPREPLY[@]} -eq 0 ]] && COMPREPLY=($(compgen -f -- \"$cur\"))\n}\n"
         "complete -o filenames -F _firth firth\n";
  return out.str();
}

// Inside single quotes, in brackets: quotes, brackets and colons must not be taken for syntax.
std::string zsh_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else if (c == '[' || c == ']' || c == ':' || c == '\\') {
      out += {'\\', c};
    } else {
      out += c;
    }
  }
  return out;
}

void write_zsh_option(std::ostream& out, const Option& option) {
  const auto write = [&](const std::string& flag) {
    out << " \\\n        '" << (option.repeatable() ? "*" : "") << flag << "["
        << zsh_escaped(option.help) << "]";
    if (option.flag()) {
      out << "'";
    } else if (option.choices.empty()) {
      out << ":" << zsh_escaped(option.value) << ":_files'";
    } else {
      out << ":" << zsh_escaped(option.value) << ":(" << joined(option.choices, " ") << ")'";
    }
  };
  write("--" + option.long_name);
  if (option.negatable()) write("--no-" + option.long_name);
  if (!option.short_name.empty()) write("-" + option.short_name);
}

std::string zsh_script(const std::vector<VerbTable>& verbs) {
  std::ostringstream out;
  const std::vector<FirstWord> words = first_words(verbs);
  out << "#compdef firth\n# zsh completion for firth; made by 'firth completions zsh'\n_firth() {\n"
         "  if (( CURRENT == 2 )); then\n    local -a verbs=(\n";
  for (const FirstWord& word : words) {
    out << "      '" << word.word << ":" << zsh_escaped(word.summary) << "'\n";
  }
  out << "    )\n    _describe verb verbs\n    return\n  fi\n  local verb=$words[2]\n"
         "  words=(${words[1]} ${words[3,-1]})\n  (( CURRENT-- ))\n  case $verb in\n";
  for (const FirstWord& word : words) {
    if (word.members.empty()) continue;
    out << "    " << word.word
        << ")\n      if (( CURRENT == 2 )); then\n        local -a kinds=(\n";
    for (const VerbTable* member : word.members) {
      out << "          '" << second_word(*member) << ":" << zsh_escaped(member->info.summary)
          << "'\n";
    }
    out << "        )\n        _describe kind kinds\n        return\n      fi\n"
           "      verb+=\" $words[2]\"\n      words=(${words[1]} ${words[3,-1]})\n"
           "      (( CURRENT-- ));;\n";
  }
  out << "  esac\n  case $verb in\n";
  for (const VerbTable& verb : verbs) {
    out << "    '" << verb.info.name << "')\n      _arguments";
    for (const Option& option : verb.table.options()) {
      if (!option.positional()) write_zsh_option(out, option);
    }
    const auto choices = argument_choices(verb.table);
    if (choices.empty()) {
      out << " \\\n        '*:file:_files';;\n";
    } else {
      out << " \\\n        '1:argument:(" << joined(choices, " ") << ")' '*:file:_files';;\n";
    }
  }
  out << "  esac\n}\ncompdef _firth firth\n";
  return out.str();
}

std::string fish_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

// True once the words of a verb were typed.
std::string fish_condition(const VerbTable& verb) {
  const std::string_view name = verb.info.name;
  const std::string first(name.substr(0, name.find(' ')));
  const std::string seen = "__fish_seen_subcommand_from " + first;
  return first == name
             ? seen
             : seen + "; and __fish_seen_subcommand_from " + std::string(second_word(verb));
}

void write_fish_option(std::ostream& out, const VerbTable& verb, const Option& option) {
  const auto write = [&](const std::string& name, const std::string& short_name) {
    out << "complete -c firth -n '" << fish_condition(verb) << "' -l " << name;
    if (!short_name.empty()) out << " -s " << short_name;
    if (!option.flag()) out << " -r";
    if (!option.choices.empty()) out << " -f -a '" << joined(option.choices, " ") << "'";
    out << " -d '" << fish_escaped(option.help) << "'\n";
  };
  write(option.long_name, option.short_name);
  if (option.negatable()) write("no-" + option.long_name, "");
}

std::string fish_script(const std::vector<VerbTable>& verbs) {
  std::ostringstream out;
  out << "# fish completion for firth; made by 'firth completions fish'\n";
  for (const FirstWord& word : first_words(verbs)) {
    out << "complete -c firth -n __fish_use_subcommand -f -a " << word.word << " -d '"
        << fish_escaped(word.summary) << "'\n";
    for (const VerbTable* member : word.members) {
      out << "complete -c firth -n '__fish_seen_subcommand_from " << word.word
          << "; and not __fish_seen_subcommand_from " << names_of(word.members) << "' -f -a "
          << second_word(*member) << " -d '" << fish_escaped(member->info.summary) << "'\n";
    }
  }
  for (const VerbTable& verb : verbs) {
    for (const Option& option : verb.table.options()) {
      if (!option.positional()) write_fish_option(out, verb, option);
    }
    const auto choices = argument_choices(verb.table);
    if (!choices.empty()) {
      out << "complete -c firth -n '" << fish_condition(verb) << "' -f -a '" << joined(choices, " ")
          << "'\n";
    }
  }
  return out.str();
}

struct CompletionsArgs {
  std::string shell;
};

void for_each_field(CompletionsArgs& args, OptionTable& visit) {
  visit("SHELL", &args.shell, "", "the shell", {"bash", "zsh", "fish"});
}

class CompletionsCommand final : public Command {
 public:
  CommandInfo info() const override {
    return {.name = "completions",
            .summary = "Prints a completion script for a shell.",
            .arguments = "SHELL",
            .examples = {
                {{"source <(firth completions bash)", "in this bash session"},
                 {"firth completions zsh > ~/.zfunc/_firth", "for zsh, where fpath has ~/.zfunc"},
                 {"firth completions fish > ~/.config/fish/completions/firth.fish", "for fish"}}}};
  }

  void for_each_option(OptionTable& visit) override { for_each_field(args_, visit); }

  int run(const CommonArgs& common) override {
    static_cast<void>(common);
    require_argument(*this, "SHELL", !args_.shell.empty());
    const std::vector<VerbTable> verbs = verb_tables();
    print(args_.shell == "bash"  ? bash_script(verbs)
          : args_.shell == "zsh" ? zsh_script(verbs)
                                 : fish_script(verbs));
    return 0;
  }

 private:
  CompletionsArgs args_;
};

}  // namespace

std::unique_ptr<Command> make_completions() {
  return std::make_unique<CompletionsCommand>();
}

}  // namespace firth::cli
