// The list of verbs and of their groups, how one is found, and the verbs that speak about them:
// help and man.
#include <algorithm>
#include <filesystem>

#include "cli/help.h"
#include "cli/output.h"
#include "cli/usage_error.h"
#include "cli/verbs.h"
#include "firth/core/error.h"
#include "firth/io/atomic_file.h"

namespace firth::cli {
namespace {

// A group's name alone stands for all its verbs.
const VerbGroup* only_a_group(const std::vector<std::string>& words) {
  return words.size() == 1 ? find_group(words[0]) : nullptr;
}

Command& named_command(const Commands& all, std::vector<std::string> words) {
  Command& command = take_command(all, words);
  if (!words.empty()) usage_error("expected one verb, found also ", quoted(words[0]));
  return command;
}

struct HelpArgs {
  std::vector<std::string> verb;
  bool json = false;
};

void for_each_field(HelpArgs& args, OptionTable& visit) {
  visit("[VERB…]", &args.verb, "", "the verb to explain");
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
                          {"firth help eval sts --json", "the same for programs"}}},
            .listed = false};
  }

  void for_each_option(OptionTable& visit) override { for_each_field(args_, visit); }

  int run(const CommonArgs& common) override {
    static_cast<void>(common);
    const auto all = commands();
    if (args_.verb.empty()) {
      print(overview_text(all));
    } else if (const VerbGroup* group = only_a_group(args_.verb); group != nullptr) {
      print(help_text(all, *group));
    } else {
      Command& verb = named_command(all, args_.verb);
      print(args_.json ? help_json(verb) : help_text(verb));
    }
    return 0;
  }

 private:
  HelpArgs args_;
};

void write_pages(const Commands& all, const std::string& folder) {
  std::filesystem::create_directories(folder);
  const auto write = [&](std::string name, const std::string& page) {
    std::ranges::replace(name, ' ', '-');
    write_file(folder + "/" + name + ".1", page);
  };
  write("firth", man_page(all));
  for (const auto& command : all) {
    const CommandInfo info = command->info();
    if (info.listed) write("firth-" + std::string(info.name), man_page(*command));
  }
}

struct ManArgs {
  std::vector<std::string> verb;
  std::string folder;
};

void for_each_field(ManArgs& args, OptionTable& visit) {
  visit("[VERB…]", &args.verb, "", "the verb; without one the page of firth itself");
  visit("--all", &args.folder, "FOLDER", "write every page into this folder, made if need be");
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
    if (!args_.folder.empty()) {
      write_pages(all, args_.folder);
    } else {
      print(args_.verb.empty() ? man_page(all) : man_page(named_command(all, args_.verb)));
    }
    return 0;
  }

 private:
  ManArgs args_;
};

}  // namespace

Commands commands() {
  Commands all;
  all.push_back(make_embed());
  all.push_back(make_search());
  all.push_back(make_rerank());
  all.push_back(make_similarity());
  all.push_back(make_near());
  all.push_back(make_tokenize());
  all.push_back(make_vectorize());
  all.push_back(make_inspect());
  all.push_back(make_pull());
  all.push_back(make_models());
  all.push_back(make_train_tokenizer());
  all.push_back(make_train_word2vec());
  all.push_back(make_train_fasttext());
  all.push_back(make_eval_sts());
  all.push_back(make_eval_retrieval());
  all.push_back(make_eval_words());
  all.push_back(make_quantize());
  all.push_back(make_doctor());
  all.push_back(make_completions());
  all.push_back(make_help());
  all.push_back(make_man());
  return all;
}

const VerbGroup* find_group(std::string_view name) {
  static constexpr VerbGroup kGroups[] = {
      {"train", "Learns tokenizers and embeddings from your own texts."},
      {"eval", "Measures how good a model, or word vectors, are on data that people judged."},
  };
  const auto found = std::ranges::find(kGroups, name, &VerbGroup::name);
  return found == std::end(kGroups) ? nullptr : &*found;
}

const VerbGroup* group_of(const Command& command) {
  const std::string_view name = command.info().name;
  return name.find(' ') == std::string_view::npos ? nullptr
                                                  : find_group(name.substr(0, name.find(' ')));
}

std::string_view member_word(const Command& command) {
  const std::string_view name = command.info().name;
  return name.substr(name.find(' ') + 1);
}

std::vector<Command*> members_of(const Commands& all, const VerbGroup& group) {
  std::vector<Command*> members;
  for (const auto& command : all) {
    if (group_of(*command) == &group) members.push_back(command.get());
  }
  return members;
}

namespace {

Command& take_member(const Commands& all, const VerbGroup& group, std::vector<std::string>& words) {
  std::vector<std::string> names;
  std::string list;
  for (Command* member : members_of(all, group)) {
    if (words.size() > 1 && member_word(*member) == words[1]) {
      words.erase(words.begin(), words.begin() + 2);
      return *member;
    }
    names.emplace_back(member_word(*member));
    list += (list.empty() ? "" : ", ") + names.back();
  }
  if (words.size() < 2) {
    usage_error(group.name, ": expected one of ", list, ", found nothing; see 'firth ", group.name,
                " --help'");
  }
  usage_error(group.name, ": expected one of ", list, ", found ", quoted(words[1]),
              suggestion(words[1], names));
}

}  // namespace

Command& take_command(const Commands& all, std::vector<std::string>& words) {
  const std::string name = words[0];
  if (const VerbGroup* group = find_group(name); group != nullptr)
    return take_member(all, *group, words);
  std::vector<std::string> names;
  for (const auto& command : all) {
    const CommandInfo info = command->info();
    if (info.name == name) {
      words.erase(words.begin());
      return *command;
    }
    names.emplace_back(info.name.substr(0, info.name.find(' ')));
  }
  const std::string hint =
      name == "version" ? "; did you mean '--version'?" : suggestion(name, names);
  usage_error("expected a verb, found ", quoted(name),
              hint.empty() ? "; 'firth --help' lists them" : hint + " ('firth --help' lists all)");
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
