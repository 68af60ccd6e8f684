// Parsing with CLI11 (the only file that includes it): each row of the option table becomes a CLI11
// option whose values go through assign(). CLI11 takes "-1,2" for the short option -1, and "[a]"
// for a list; so whatever is a value to us travels behind a mark that is taken off again. What
// CLI11 does not know is left over and reported here with the nearest name.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <cctype>

#include "cli/command.h"
#include "cli/usage_error.h"
#include "firth/core/error.h"

namespace firth::cli {
namespace {

constexpr char kValueMark = '\x01';

bool is_negative_number(std::string_view arg) {
  if (arg.size() < 2 || arg[0] != '-') return false;
  const char next = arg[1] == '.' && arg.size() > 2 ? arg[2] : arg[1];
  return std::isdigit(static_cast<unsigned char>(next)) != 0;
}

// "--prompt=" gives an empty text; CLI11 would take the next argument for the value.
bool gives_empty_value(const std::string& arg) {
  return arg.starts_with("--") && arg.find('=') == arg.size() - 1;
}

std::vector<std::string> marked(const std::vector<std::string>& args) {
  std::vector<std::string> result;
  bool only_positionals = false;
  for (const std::string& arg : args) {
    const bool value = only_positionals || !arg.starts_with('-') || is_negative_number(arg);
    if (value) {
      result.push_back(kValueMark + arg);
    } else if (gives_empty_value(arg)) {
      result.push_back(arg.substr(0, arg.size() - 1));
      result.emplace_back(1, kValueMark);
    } else {
      result.push_back(arg);
    }
    only_positionals = only_positionals || arg == "--";
  }
  return result;
}

std::string unmarked(const std::string& arg) {
  return arg.starts_with(kValueMark) ? arg.substr(1) : arg;
}

std::string cli11_names(const Option& option) {
  if (option.positional()) {
    std::string name = option.value;  // "[TEXT|PATH…]"; CLI11 takes few signs in a name
    std::erase_if(name, [](char c) { return c < 'A' || c > 'Z'; });
    return name;
  }
  const std::string name = "--" + option.long_name;
  return option.short_name.empty() ? name : "-" + option.short_name + "," + name;
}

const Option* option_named(const OptionTable& table, std::string_view arg) {
  const auto found = std::ranges::find_if(table.options(), [&](const Option& option) {
    return !option.positional() && (arg == "--" + option.long_name ||
                                    (!option.short_name.empty() && arg == "-" + option.short_name));
  });
  return found == table.options().end() ? nullptr : &*found;
}

// `--model --json`: the value was forgotten.
[[noreturn]] void refuse_option_as_value(const Option& option, const std::string& found) {
  usage_error(display_name(option), ": expected a value (", option.value, "), found the option ",
              found, "; a value that starts with -- is written --", option.long_name, "=VALUE");
}

void add_flag(CLI::App& app, const Option& option) {
  app.add_flag_callback(cli11_names(option), [&option] { assign(option, {"true"}); });
  if (option.negatable()) {
    app.add_flag_callback("--no-" + option.long_name, [&option] { assign(option, {"false"}); });
  }
}

void add_option(CLI::App& app, const OptionTable& table, const Option& option) {
  CLI::Option* added = app.add_option(
      cli11_names(option),
      [&option, &table](const CLI::results_t& results) {
        std::vector<std::string> values;
        for (const std::string& result : results) {
          if (result.starts_with("--") || option_named(table, result) != nullptr)
            refuse_option_as_value(option, result);
          values.push_back(unmarked(result));
        }
        assign(option, values);
        return true;
      },
      "");
  // A list takes what follows; any other option one value each time it is given.
  added->expected(option.takes_many() ? -1 : 1);
  added->multi_option_policy(option.repeatable() ? CLI::MultiOptionPolicy::TakeAll
                                                 : CLI::MultiOptionPolicy::Throw);
}

std::vector<std::string> all_names(const OptionTable& table) {
  std::vector<std::string> names;
  for (const Option& option : table.options()) {
    if (option.positional()) continue;
    names.push_back("--" + option.long_name);
    if (option.negatable()) names.push_back("--no-" + option.long_name);
  }
  return names;
}

[[noreturn]] void refuse_leftover(const Command& command, const OptionTable& table,
                                  const std::string& arg) {
  const CommandInfo info = command.info();
  if (!arg.starts_with('-') || arg.size() < 2) {
    usage_error(info.name, ": expected no further argument, found ", quoted(arg), "; see 'firth ",
                info.name, " --help'");
  }
  const std::string name = arg.substr(0, arg.find('='));
  const std::string hint = suggestion(name, all_names(table));
  usage_error(info.name, ": expected one of its options, found ", quoted(name),
              hint.empty() ? "; write -- before a text that starts with a minus sign" : hint,
              hint.empty() ? "" : " (see 'firth " + std::string(info.name) + " --help')");
}

// CLI11 says "--model: 1 required"; a value that is missing or given twice is what can happen.
// Returns if it was something else.
void refuse_mismatch(const OptionTable& table, const std::vector<std::string>& args) {
  const Option* last = args.empty() ? nullptr : option_named(table, args.back());
  if (last != nullptr && !last->flag()) {
    usage_error(display_name(*last), ": expected a value (", last->value, "), found none");
  }
  for (const Option& option : table.options()) {
    if (option.positional() || option.flag() || option.repeatable()) continue;
    const auto times = std::ranges::count_if(args, [&](const std::string& arg) {
      return option_named(table, arg.substr(0, arg.find('='))) == &option;
    });
    if (times > 1) {
      usage_error(display_name(option), ": expected once, found ", times, " times");
    }
  }
}

}  // namespace

OptionTable option_table(Command& command, CommonArgs& common) {
  OptionTable table;
  command.for_each_option(table);
  for_each_field(common, table);
  return table;
}

void parse_arguments(Command& command, CommonArgs& common, const std::vector<std::string>& args) {
  const OptionTable table = option_table(command, common);
  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  for (const Option& option : table.options()) {
    option.flag() ? add_flag(app, option) : add_option(app, table, option);
  }
  std::vector<std::string> reversed = marked(args);
  std::ranges::reverse(reversed);
  try {
    app.parse(std::move(reversed));
  } catch (const CLI::ParseError& error) {
    refuse_mismatch(table, args);
    usage_error(command.info().name, ": ", error.what());
  }
  // "-hello" is a text that wants a -- before it, not -h and more.
  const bool help_asked = std::ranges::any_of(
      args, [](const std::string& arg) { return arg == "-h" || arg == "--help"; });
  common.help = common.help && help_asked;
  if (common.help) return;
  for (const std::string& rest : app.remaining()) {
    if (rest != "--") refuse_leftover(command, table, unmarked(rest));
  }
}

}  // namespace firth::cli
