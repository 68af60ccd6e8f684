// Man pages in roff from the same tables as the help.
#include <algorithm>
#include <cstdio>
#include <sstream>

#include "cli/help.h"

#ifndef FIRTH_VERSION
#define FIRTH_VERSION "unknown"
#endif

namespace firth::cli {
namespace {

// The code point that begins at text[i], whose bytes are passed over. Our own texts: valid UTF-8.
char32_t take_code_point(std::string_view text, std::size_t& i) {
  const auto lead = static_cast<unsigned char>(text[i++]);
  char32_t code_point = lead < 0xE0 ? lead & 0x1F : lead < 0xF0 ? lead & 0x0F : lead & 0x07;
  while (i < text.size() && (static_cast<unsigned char>(text[i]) & 0xC0) == 0x80) {
    code_point = code_point << 6 | (static_cast<unsigned char>(text[i++]) & 0x3F);
  }
  return code_point;
}

// Backslashes, quotes and leading dots mean something to roff; a minus sign is not a hyphen; what
// is not ASCII is written by its number, for roff's own input is Latin-1.
std::string escaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    const bool line_start = out.empty() || out.back() == '\n';
    if (static_cast<unsigned char>(c) >= 0x80) {
      char name[16];
      std::snprintf(name, sizeof name, "\\[u%04X]",
                    static_cast<unsigned>(take_code_point(text, i)));
      out += name;
      continue;
    }
    ++i;
    switch (c) {
      case '\\':
        out += "\\e";
        break;
      case '-':
        out += "\\-";
        break;
      case '"':
        out += "\\(dq";
        break;
      case '.':
      case '\'':
        out += (line_start ? "\\&" : "") + std::string(1, c);
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return out;
}

void write_title(std::ostream& out, const std::string& name) {
  out << ".TH " << upper(name) << " 1 \"\" \"firth " FIRTH_VERSION "\" \"firth manual\"\n";
}

void write_examples(std::ostream& out, const CommandInfo& info) {
  out << ".SH EXAMPLES\n";
  for (const Example& example : info.examples) {
    out << ".TP\n.B " << escaped(example.command) << '\n' << escaped(example.says) << '\n';
  }
}

}  // namespace

std::string man_page(Command& command) {
  const CommandInfo info = command.info();
  CommonArgs common;
  const OptionTable table = option_table(command, common);
  std::string name = "firth-" + std::string(info.name);
  std::ranges::replace(name, ' ', '-');
  std::ostringstream out;
  write_title(out, name);
  out << ".SH NAME\n" << escaped(name) << " \\- " << escaped(info.summary) << '\n';
  out << ".SH SYNOPSIS\n.B firth " << escaped(info.name) << "\n[options] "
      << escaped(info.arguments) << '\n';
  write_examples(out, info);
  for (const std::string& title : group_titles(table)) {
    out << ".SH " << upper(title) << '\n';
    for (const Option& option : table.options()) {
      if (option.group != title) continue;
      out << ".TP\n.B " << escaped(option_heading(option)) << '\n'
          << escaped(option_sentence(option)) << ".\n";
    }
  }
  if (!info.notes.empty()) out << ".SH NOTES\n" << escaped(info.notes) << '\n';
  out << ".SH EXIT STATUS\n0 done, 1 failed, 2 wrong usage, 130 interrupted.\n"
      << ".SH SEE ALSO\n.BR firth (1)\n";
  return out.str();
}

std::string man_page(const Commands& all) {
  std::ostringstream out;
  write_title(out, "firth");
  out << ".SH NAME\nfirth \\- obtains embeddings: texts to vectors, search, comparison\n"
      << ".SH SYNOPSIS\n.B firth\nVERB [options] [arguments]\n.SH VERBS\n";
  for (const auto& command : all) {
    const CommandInfo info = command->info();
    if (!info.listed) continue;
    std::string page = "firth-" + std::string(info.name);
    std::ranges::replace(page, ' ', '-');
    out << ".TP\n.BR " << escaped(page) << " (1)\n" << escaped(info.summary) << '\n';
  }
  out << ".SH EXIT STATUS\n0 done, 1 failed, 2 wrong usage, 130 interrupted.\n";
  return out.str();
}

}  // namespace firth::cli
