// The substrings of words that occur at least twice and cannot be made longer on the right without
// losing an occurrence: the inner nodes of a suffix tree. They are what Unigram training begins
// with (Kudo 2018, arXiv:1804.10959, section 3.2).
//
// The suffixes are sorted only as far as substrings may be long, a bucket for each first character;
// the nodes are then the intervals of the array of common prefixes (Kasai et al. 2001, Abouelhoda
// et al. 2004).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "firth/core/thread_pool.h"

namespace firth {

struct RepeatedSubstring {
  std::uint32_t begin = 0;  // of one occurrence
  std::uint32_t length = 0;
  std::uint32_t count = 0;  // occurrences
};

// Of 2 to max_length characters. `text` holds words with a 0 behind each, fewer than 2^32
// characters; what is found holds no 0. The order is the same at any number of threads.
std::vector<RepeatedSubstring> find_repeated_substrings(std::span<const char32_t> text,
                                                        std::size_t max_length, ThreadPool& pool);

}  // namespace firth
