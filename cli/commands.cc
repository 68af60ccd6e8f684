// The list of verbs, and the verbs that speak about it: help and man.
#include "cli/help.h"
#include "cli/output.h"
#include "cli/usage_error.h"
#include "cli/verbs.h"

namespace firth::cli {
namespace {

struct HelpArgs {
  std::string verb;
  bool json = false;
};

void for_each_field(HelpArgs& args, OptionTable& visit) {
  visit("[VERB]", &args.verb, "", "the verb to explain");
  visit("--json", &args.json, "", "print the table of options as one JSON object");
}

class HelpCommand final : public Command {
 public:
  CommandInfo info() const override {
    return {.name = "help",
            .summary = "Explains a verb, or lists all of them.",
            .arguments = "[VERB]",
            .examples = {{{"firth help", "all verbs"},
                          {"firth help embed", "the options of one"},
                          {"firth help embed --json", "the same for programs"}}},
            .listed = false};
  }

  void for_each_option(OptionTable& visit) override { for_each_field(args_, visit); }

  int run(const CommonArgs& common) override {
    static_cast<void>(common);
    const auto all = commands();
    if (args_.verb.empty()) {
      print(overview_text(all));
    } else {
      Command& verb = find_command(all, args_.verb);
      print(args_.json ? help_json(verb) : help_text(verb));
    }
    return 0;
  }

 private:
  HelpArgs args_;
};

struct ManArgs {
  std::string verb;
};

void for_each_field(ManArgs& args, OptionTable& visit) {
  visit("[VERB]", &args.verb, "", "the verb; without one the page of firth itself");
}

class ManCommand final : public Command {
 public:
  CommandInfo info() const override {
    return {.name = "man",
            .summary = "Prints a man page.",
            .arguments = "[VERB]",
            .examples = {{{"firth man | man -l -", "read the page of firth"},
                          {"firth man embed | man -l -", "read the page of a verb"},
                          {"firth man embed > firth-embed.1", "write it to a file"}}},
            .listed = false};
  }

  void for_each_option(OptionTable& visit) override { for_each_field(args_, visit); }

  int run(const CommonArgs& common) override {
    static_cast<void>(common);
    const auto all = commands();
    print(args_.verb.empty() ? man_page(all) : man_page(find_command(all, args_.verb)));
    return 0;
  }

 private:
  ManArgs args_;
};

}  // namespace

std::vector<std::unique_ptr<Command>> commands() {
  std::vector<std::unique_ptr<Command>> all;
  all.push_back(make_embed());
  all.push_back(make_search());
  all.push_back(make_rerank());
  all.push_back(make_similarity());
  all.push_back(make_near());
  all.push_back(make_tokenize());
  all.push_back(make_inspect());
  all.push_back(make_pull());
  all.push_back(make_models());
  all.push_back(make_eval());
  all.push_back(make_quantize());
  all.push_back(make_doctor());
  all.push_back(make_completions());
  all.push_back(make_help());
  all.push_back(make_man());
  return all;
}

void require_argument(const Command& command, std::string_view name, bool given) {
  if (given) return;
  usage_error(command.info().name, ": expected ", name, ", found nothing; see 'firth ",
              command.info().name, " --help'");
}

std::unique_ptr<Command> make_help() {
  return std::make_unique<HelpCommand>();
}

std::unique_ptr<Command> make_man() {
  return std::make_unique<ManCommand>();
}

}  // namespace firth::cli
