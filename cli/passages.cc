// Passages and snippets.
#include "cli/passages.h"

#include <algorithm>
#include <cctype>
#include <string>

namespace firth::cli {
namespace {

constexpr std::string_view kBlanks = " \t\r\n\f\v";

// The end of the first paragraph: where a blank line begins.
std::size_t paragraph_end(std::string_view text) {
  for (std::size_t i = text.find('\n'); i != std::string_view::npos; i = text.find('\n', i + 1)) {
    const std::size_t next = text.find_first_not_of(" \t\r", i + 1);
    if (next == std::string_view::npos || text[next] == '\n') return i;
  }
  return text.size();
}

bool ends_sentence(std::string_view text, std::size_t blank) {
  const char before = text[blank - 1];
  return before == '.' || before == '!' || before == '?' || before == '\n';
}

// Where to cut a paragraph that is longer than max_bytes; always above 0.
std::size_t cut_inside(std::string_view text, std::size_t max_bytes) {
  std::size_t word_end = 0;
  for (std::size_t i = max_bytes; i > max_bytes / 2; --i) {
    if (kBlanks.find(text[i]) == std::string_view::npos) continue;
    if (ends_sentence(text, i)) return i;
    word_end = std::max(word_end, i);
  }
  if (word_end > 0) return word_end;
  std::size_t cut = max_bytes;
  while (cut > 1 && (static_cast<unsigned char>(text[cut]) & 0xC0) == 0x80) --cut;
  return cut;
}

// Bytes of the next passage of a text that does not begin with a blank.
std::size_t passage_length(std::string_view text, std::size_t max_bytes) {
  std::size_t length = 0;
  while (length < text.size()) {
    const std::size_t begin = text.find_first_not_of(kBlanks, length);
    if (begin == std::string_view::npos) break;
    const std::size_t end = begin + paragraph_end(text.substr(begin));
    if (end > max_bytes) break;
    length = end;
  }
  if (length > 0) return length;
  return cut_inside(text, max_bytes);
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return text.substr(0, 0);
  return text.substr(begin, text.find_last_not_of(kBlanks) + 1 - begin);
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

std::vector<std::string> words_of(std::string_view text) {
  constexpr std::size_t kShortestWord = 3;  // "a", "of" say nothing about a place
  std::vector<std::string> words;
  std::string word;
  for (const char c : lower(text) + " ") {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || byte >= 0x80) {
      word += c;
    } else {
      if (word.size() >= kShortestWord) words.push_back(word);
      word.clear();
    }
  }
  return words;
}

bool begins_word(std::string_view text, std::size_t i) {
  return i == 0 || kBlanks.find(text[i - 1]) != std::string_view::npos;
}

// The beginning of the window that holds most of the words; the earliest of equals.
std::size_t best_window(std::string_view text, const std::vector<std::string>& words,
                        std::size_t width) {
  const std::string lowered = lower(text);
  std::size_t best = 0;
  std::ptrdiff_t most = 0;
  constexpr std::size_t kStep = 16;
  for (std::size_t begin = 0; begin < text.size(); begin += kStep) {
    const std::string_view window = std::string_view(lowered).substr(begin, width);
    const auto found = std::ranges::count_if(words, [&](const std::string& word) {
      return window.find(word) != std::string_view::npos;
    });
    if (found > most) {
      most = found;
      best = begin;
    }
    if (begin + width >= text.size()) break;
  }
  while (best < text.size() && best > 0 && !begins_word(text, best)) ++best;
  return best < text.size() ? best : 0;
}

}  // namespace

std::vector<Passage> cut_passages(std::string_view text, std::size_t max_bytes) {
  if (max_bytes == 0 || text.size() <= max_bytes) return {{trimmed(text), 0}};
  std::vector<Passage> passages;
  std::uint64_t line = 0;
  while (true) {
    const std::size_t begin = std::min(text.find_first_not_of(kBlanks), text.size());
    line += static_cast<std::uint64_t>(std::ranges::count(text.substr(0, begin), '\n'));
    text.remove_prefix(begin);
    if (text.empty()) break;
    const std::size_t length =
        text.size() <= max_bytes ? text.size() : passage_length(text, max_bytes);
    passages.push_back({trimmed(text.substr(0, length)), line});
    line += static_cast<std::uint64_t>(std::ranges::count(text.substr(0, length), '\n'));
    text.remove_prefix(length);
  }
  if (passages.empty()) passages.push_back({text, 0});
  return passages;
}

std::string snippet(std::string_view text, std::string_view query, std::size_t max_bytes) {
  std::size_t begin = 0;
  if (text.size() > max_bytes) begin = best_window(text, words_of(query), max_bytes);
  std::string_view part = text.substr(begin, max_bytes);
  const bool cut = begin + part.size() < text.size();
  if (cut) part = part.substr(0, cut_inside(text.substr(begin), max_bytes));
  std::string line = begin > 0 ? "… " : "";
  bool blank = false;
  for (const char c : trimmed(part)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= ' ' || byte == 0x7F) {
      blank = true;
      continue;
    }
    if (blank) line += ' ';
    blank = false;
    line += c;
  }
  return cut ? line + " …" : line;
}

}  // namespace firth::cli
