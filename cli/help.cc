// Help texts: one sentence, three examples, the options in groups with defaults and units.
#include "cli/help.h"

#include <algorithm>
#include <sstream>

#include "firth/io/json_writer.h"

namespace firth::cli {
namespace {

constexpr std::size_t kLineWidth = 96;
constexpr std::size_t kHelpColumn = 30;  // where the sentences about options begin

std::size_t display_width(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

// Words of `text` in lines of at most kLineWidth, each after `indent` spaces; the first line goes
// on where `column` is.
void write_wrapped(std::ostream& out, std::string_view text, std::size_t indent,
                   std::size_t column) {
  std::istringstream words{std::string(text)};
  std::string word;
  bool first = true;
  while (words >> word) {
    const std::size_t width = display_width(word);
    if (!first && column + 1 + width > kLineWidth) {
      out << '\n' << std::string(indent, ' ');
      column = indent;
    } else if (!first) {
      out << ' ';
      ++column;
    }
    out << word;
    column += width;
    first = false;
  }
  out << '\n';
}

void write_row(std::ostream& out, const std::string& heading, std::string_view sentence) {
  out << "  " << heading;
  std::size_t column = 2 + display_width(heading);
  if (column + 2 > kHelpColumn) {
    out << '\n';
    column = 0;
  }
  out << std::string(kHelpColumn - column, ' ');
  write_wrapped(out, sentence, kHelpColumn, kHelpColumn);
}

void write_examples(std::ostream& out, const CommandInfo& info) {
  out << "Examples:\n";
  for (const Example& example : info.examples) {
    out << "  " << example.command << "\n      " << example.says << "\n";
  }
}

}  // namespace

std::string option_heading(const Option& option) {
  if (option.positional()) return option.value;
  std::string heading = option.short_name.empty() ? "" : "-" + option.short_name + ", ";
  heading += "--" + option.long_name;
  if (option.negatable()) heading += ", --no-" + option.long_name;
  if (!option.flag()) heading += " " + option.value;
  return heading;
}

std::string option_sentence(const Option& option) {
  std::ostringstream out;
  out << option.help;
  if (!option.choices.empty()) {
    out << ": ";
    for (std::size_t i = 0; i < option.choices.size(); ++i) {
      out << (i == 0 ? "" : ", ") << option.choices[i];
    }
  }
  if (!option.default_text.empty()) out << " (default: " << option.default_text << ")";
  if (option.repeatable() && !option.positional()) out << "; may be given several times";
  return out.str();
}

std::vector<std::string> group_titles(const OptionTable& table) {
  std::vector<std::string> titles;
  for (const Option& option : table.options()) {
    if (std::ranges::find(titles, option.group) == titles.end()) titles.push_back(option.group);
  }
  return titles;
}

std::string help_text(Command& command) {
  const CommandInfo info = command.info();
  CommonArgs common;
  const OptionTable table = option_table(command, common);
  std::ostringstream out;
  write_wrapped(out, info.summary, 0, 0);
  out << '\n';
  write_examples(out, info);
  out << "\nUsage: firth " << info.name << " [options]" << (info.arguments.empty() ? "" : " ")
      << info.arguments << '\n';
  for (const std::string& title : group_titles(table)) {
    out << '\n' << title << ":\n";
    for (const Option& option : table.options()) {
      if (option.group == title) write_row(out, option_heading(option), option_sentence(option));
    }
  }
  std::istringstream notes{std::string(info.notes)};
  for (std::string paragraph; std::getline(notes, paragraph);) {
    out << '\n';
    write_wrapped(out, paragraph, 0, 0);
  }
  return out.str();
}

std::string help_text(const Commands& all, const VerbGroup& group) {
  const std::vector<Command*> members = members_of(all, group);
  std::ostringstream out;
  write_wrapped(out, group.summary, 0, 0);
  out << "\nExamples:\n";
  for (const Command* member : members) {
    const Example example = member->info().examples[0];
    out << "  " << example.command << "\n      " << example.says << "\n";
  }
  out << "\nUsage: firth " << group.name << " WHAT [options] [arguments]\n\nWhat:\n";
  for (const Command* member : members) {
    write_row(out, std::string(member_word(*member)), member->info().summary);
  }
  out << "\n'firth " << group.name << " WHAT --help' lists the options.\n";
  return out.str();
}

std::string overview_text(const Commands& all) {
  std::ostringstream out;
  out << "firth obtains embeddings: give it texts and it gives each one a vector; then it "
         "searches,\n"
         "compares and measures them.\n\n"
         "Examples:\n"
         "  firth search notes/ \"how do I reset my password\"\n"
         "      the passages of a folder that are nearest in meaning\n"
         "  firth embed reviews.jsonl --field text -o reviews.npy\n"
         "      a row of floats for every review\n"
         "  firth similarity \"a cat\" \"a kitten\"\n"
         "      the cosine and the angle between two texts\n\n"
         "Usage: firth VERB [options] [arguments]\n\nVerbs:\n";
  const VerbGroup* last_group = nullptr;
  const auto write_verb = [&](std::string_view name, std::string_view summary) {
    out << "  " << name << std::string(14 - name.size(), ' ');
    write_wrapped(out, summary, 16, 16);
  };
  for (const auto& command : all) {
    const CommandInfo info = command->info();
    const VerbGroup* group = group_of(*command);
    if (!info.listed || (group != nullptr && group == last_group)) continue;
    group == nullptr ? write_verb(info.name, info.summary)
                     : write_verb(group->name, group->summary);
    last_group = group;
  }
  out << "\n'firth VERB --help' or 'firth help VERB' explains a verb; 'firth --version' says "
         "which\n"
         "version this is. Data goes to stdout and talk to stderr. Exit codes: 0 done, 1 failed,\n"
         "2 wrong usage, 130 interrupted.\n";
  return out.str();
}

std::string help_json(Command& command) {
  const CommandInfo info = command.info();
  CommonArgs common;
  const OptionTable table = option_table(command, common);
  JsonWriter json;
  json.begin_object().field("verb", info.name).field("summary", info.summary);
  json.key("examples").begin_array();
  for (const Example& example : info.examples) {
    json.begin_object().field("command", example.command).field("says", example.says).end_object();
  }
  json.end_array().key("options").begin_array();
  for (const Option& option : table.options()) {
    json.begin_object().field("name", display_name(option)).field("value", option.value);
    json.field("help", option.help).field("group", option.group);
    json.field("default", option.default_text);
    json.field("repeatable", option.repeatable()).field("negatable", option.negatable());
    json.key("choices").begin_array();
    for (const std::string_view choice : option.choices) json.value(choice);
    json.end_array().end_object();
  }
  json.end_array().end_object();
  return json.newline().take();
}

}  // namespace firth::cli
