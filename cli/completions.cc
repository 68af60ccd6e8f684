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

std::string verb_names(const std::vector<VerbTable>& verbs) {
  std::vector<std::string_view> names;
  names.reserve(verbs.size());
  for (const VerbTable& verb : verbs) names.push_back(verb.info.name);
  return joined(names, " ");
}

std::string bash_script(const std::vector<VerbTable>& verbs) {
  std::ostringstream out;
  out << "# bash completion for firth; made by 'firth completions bash'\n_firth() {\n"
         "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} "
         "verb=${COMP_WORDS[1]}\n"
         "  COMPREPLY=()\n  if [[ $COMP_CWORD -eq 1 ]]; then\n    COMPREPLY=($(compgen -W \""
      << verb_names(verbs) << " help --help --version\" -- \"$cur\"))\n    return\n  fi\n"
      << "  if [[ $verb == help ]]; then\n    COMPREPLY=($(compgen -W \"" << verb_names(verbs)
      << "\" -- \"$cur\"))\n    return\n  fi\n  case \"$verb $prev\" in\n";
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
    out << "    " << verb.info.name << ") [[ $cur == -* ]] && COMPREPLY=($(compgen -W \""
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
  out << "#compdef firth\n# zsh completion for firth; made by 'firth completions zsh'\n_firth() {\n"
         "  if (( CURRENT == 2 )); then\n    local -a verbs=(\n";
  for (const VerbTable& verb : verbs) {
    out << "      '" << verb.info.name << ":" << zsh_escaped(verb.info.summary) << "'\n";
  }
  out << "    )\n    _describe verb verbs\n    return\n  fi\n  local verb=$words[2]\n"
         "  words=(${words[1]} ${words[3,-1]})\n  (( CURRENT-- ))\n  case $verb in\n";
  for (const VerbTable& verb : verbs) {
    out << "    " << verb.info.name << ")\n      _arguments";
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

void write_fish_option(std::ostream& out, std::string_view verb, const Option& option) {
  const auto write = [&](const std::string& name, const std::string& short_name) {
    out << "complete -c firth -n '__fish_seen_subcommand_from " << verb << "' -l " << name;
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
  for (const VerbTable& verb : verbs) {
    out << "complete -c firth -n __fish_use_subcommand -f -a " << verb.info.name << " -d '"
        << fish_escaped(verb.info.summary) << "'\n";
    for (const Option& option : verb.table.options()) {
      if (!option.positional()) write_fish_option(out, verb.info.name, option);
    }
    const auto choices = argument_choices(verb.table);
    if (!choices.empty()) {
      out << "complete -c firth -n '__fish_seen_subcommand_from " << verb.info.name << "' -f -a '"
          << joined(choices, " ") << "'\n";
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
