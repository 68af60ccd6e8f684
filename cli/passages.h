// Cutting a long text into passages for search, so that a hit points at a place and not at a book,
// and no passage is cut at a model's limit unseen. Paragraphs (blank lines between them) are joined
// while they fit; a longer paragraph is cut after a sentence, else after a word, else anywhere
// between code points. The cut depends on the text alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace firth::cli {

struct Passage {
  std::string_view text;   // a part of the whole, blanks at its ends left out
  std::uint64_t line = 0;  // line breaks before it
};

// Passages of at most max_bytes; 0 = the whole text as one. A blank text gives one empty passage.
std::vector<Passage> cut_passages(std::string_view text, std::size_t max_bytes);

// A line of at most about max_bytes from where most of the query's words stand.
std::string snippet(std::string_view text, std::string_view query, std::size_t max_bytes);

}  // namespace firth::cli
