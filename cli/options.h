// The option tables. Every verb lists its options once, in a function
//
//   void for_each_field(EmbedArgs& args, OptionTable& visit);
//
// and from that one table come the flags that are parsed (parse.cc), the help (help.cc), the man
// pages (man.cc), the shell completions (completions.cc) and `firth help VERB --json`. The default
// shown is the value that the field has before parsing, so it cannot drift from the code.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace firth::cli {

// Where a value goes. A vector takes the option several times; std::vector<int> also takes one
// comma-separated list. An optional tells "not given" from every value; optional<bool> is a pair of
// flags, --x and --no-x.
using Target = std::variant<bool*, std::optional<bool>*, std::string*, std::optional<std::string>*,
                            std::size_t*, std::optional<std::size_t>*, double*,
                            std::optional<double>*, std::vector<std::string>*, std::vector<int>*>;

struct Option {
  std::string long_name;   // "model" for --model; "" for a positional
  std::string short_name;  // "m" for -m; "" = none
  std::string value;       // what stands for the value in help: "PATH"; "" for a flag; "FILE…"
                           // where several values may follow
  std::string help;        // one sentence without a full stop
  std::string group;       // heading in the help
  std::vector<std::string_view> choices;  // the only values allowed; empty = any
  std::string default_text;               // shown as the default; "" = nothing to show
  Target target = static_cast<bool*>(nullptr);

  bool positional() const { return long_name.empty(); }

  bool flag() const {
    return std::holds_alternative<bool*>(target) ||
           std::holds_alternative<std::optional<bool>*>(target);
  }

  bool negatable() const { return std::holds_alternative<std::optional<bool>*>(target); }

  bool texts() const { return std::holds_alternative<std::vector<std::string>*>(target); }

  // Takes what follows, up to the next option.
  bool takes_many() const {
    return repeatable() && (positional() || (value.ends_with("…") && texts()));
  }

  bool repeatable() const {
    return std::holds_alternative<std::vector<std::string>*>(target) ||
           std::holds_alternative<std::vector<int>*>(target);
  }
};

class OptionTable {
 public:
  // Options that follow stand under this heading.
  void group(std::string_view title) { group_ = title; }

  // names: "--model", "-m,--model", or a word in capitals for a positional: "TEXT", "[PATH…]".
  void operator()(std::string_view names, Target target, std::string_view value,
                  std::string_view help, std::vector<std::string_view> choices = {});

  // What to show as the default of the option added last, where the value alone says too little.
  void default_text(std::string_view text) { options_.back().default_text = text; }

  const std::vector<Option>& options() const { return options_; }

 private:
  std::string group_ = "Options";
  std::vector<Option> options_;
};

// Stores the values given on the command line; throws UsageError that names the option.
void assign(const Option& option, const std::vector<std::string>& values);

// "--model", or the word that stands for a positional.
std::string display_name(const Option& option);

// Options that every verb has.
struct CommonArgs {
  bool help = false;
  bool quiet = false;
};

void for_each_field(CommonArgs& args, OptionTable& visit);

}  // namespace firth::cli
