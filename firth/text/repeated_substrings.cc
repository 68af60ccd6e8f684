// Sorting suffixes bucket by bucket, and the intervals of their common prefixes.
#include "firth/text/repeated_substrings.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace firth {
namespace {

// The text with characters numbered in their order from 1: some bits each, so that a key of 64 bits
// holds several.
class NumberedText {
 public:
  explicit NumberedText(std::span<const char32_t> text) : ranks_(text.size()) {
    std::vector<std::uint32_t> rank_of(kNumCodePoints);
    for (const char32_t c : text) rank_of[c] = 1;
    rank_of[0] = 0;
    std::uint32_t last = 0;
    for (std::uint32_t& rank : rank_of) rank = rank > 0 ? ++last : 0;
    std::ranges::transform(text, ranks_.begin(), [&](char32_t c) { return rank_of[c]; });
    num_ranks_ = last + 1;
    bits_ = static_cast<unsigned>(std::bit_width(last));
    chars_a_key_ = last == 0 ? 1 : 64 / bits_;
  }

  std::size_t size() const { return ranks_.size(); }

  std::uint32_t operator[](std::size_t place) const { return ranks_[place]; }

  std::uint32_t num_ranks() const { return num_ranks_; }

  std::size_t chars_a_key() const { return chars_a_key_; }

  // The next characters as a number that orders as they do; 0 for those behind the word's end.
  std::uint64_t key(std::size_t place) const {
    std::uint64_t key = 0;
    std::size_t i = 0;
    for (; i < chars_a_key_ && ranks_[place + i] != 0; ++i) key = key << bits_ | ranks_[place + i];
    return i == 0 ? 0 : key << bits_ * (chars_a_key_ - i);
  }

  // Whether a key reaches the end of its word.
  bool is_last(std::uint64_t key) const { return (key & ((std::uint64_t{1} << bits_) - 1)) == 0; }

 private:
  static constexpr std::size_t kNumCodePoints = 0x110000;

  std::vector<std::uint32_t> ranks_;
  std::uint32_t num_ranks_ = 1;
  unsigned bits_ = 0;
  std::size_t chars_a_key_ = 1;
};

// The suffixes that begin with one character.
class Bucket {
 public:
  Bucket(const NumberedText& text, std::size_t max_length) : text_(text), max_length_(max_length) {}

  void find(std::span<std::uint32_t> suffixes, std::vector<RepeatedSubstring>& found) {
    sort(suffixes, 1);
    find_intervals(suffixes, found);
  }

 private:
  struct Keyed {
    std::uint64_t key;
    std::uint32_t place;
  };

  // Sorts suffixes that agree in their first `depth` characters.
  void sort(std::span<std::uint32_t> suffixes, std::size_t depth) {
    const std::size_t next_depth = depth + text_.chars_a_key();
    for (const auto& [begin, end] : sort_by_key(suffixes, depth)) {
      if (next_depth <= max_length_) sort(suffixes.subspan(begin, end - begin), next_depth);
    }
  }

  // Sorts by the key at `depth` alone; returns the ranges that it leaves equal.
  std::vector<std::pair<std::size_t, std::size_t>> sort_by_key(std::span<std::uint32_t> suffixes,
                                                               std::size_t depth) const {
    std::vector<Keyed> keyed(suffixes.size());
    for (std::size_t i = 0; i < keyed.size(); ++i) {
      keyed[i] = {text_.key(suffixes[i] + depth), suffixes[i]};
    }
    std::ranges::sort(keyed, [](const Keyed& a, const Keyed& b) {
      return a.key != b.key ? a.key < b.key : a.place < b.place;
    });
    std::ranges::transform(keyed, suffixes.begin(), &Keyed::place);
    std::vector<std::pair<std::size_t, std::size_t>> equal;
    for (std::size_t begin = 0; begin < keyed.size();) {
      std::size_t end = begin + 1;
      while (end < keyed.size() && keyed[end].key == keyed[begin].key) ++end;
      if (end - begin > 1 && !text_.is_last(keyed[begin].key)) equal.emplace_back(begin, end);
      begin = end;
    }
    return equal;
  }

  // Characters that two suffixes have in common, the 0 behind a word among them; not counted beyond
  // max_length + 1.
  std::size_t common_prefix(std::uint32_t a, std::uint32_t b) const {
    std::size_t length = 1;
    while (length <= max_length_ && text_[a + length] == text_[b + length]) {
      if (text_[a + length++] == 0) break;
    }
    return length;
  }

  struct Open {
    std::size_t length;
    std::size_t begin;  // of the interval among the suffixes
  };

  void find_intervals(std::span<const std::uint32_t> suffixes,
                      std::vector<RepeatedSubstring>& found) {
    std::vector<Open> open;
    for (std::size_t i = 1; i <= suffixes.size(); ++i) {
      const std::size_t length =
          i < suffixes.size() ? common_prefix(suffixes[i - 1], suffixes[i]) : 0;
      std::size_t begin = i - 1;
      while (!open.empty() && open.back().length > length) {
        begin = open.back().begin;
        close(open.back(), suffixes, i, found);
        open.pop_back();
      }
      if (length > 0 && (open.empty() || open.back().length < length)) {
        open.push_back({length, begin});
      }
    }
  }

  void close(const Open& node, std::span<const std::uint32_t> suffixes, std::size_t end,
             std::vector<RepeatedSubstring>& found) const {
    const std::uint32_t begin = suffixes[node.begin];
    if (node.length < 2 || node.length > max_length_) return;
    if (text_[begin + node.length - 1] == 0) return;
    found.push_back({begin, static_cast<std::uint32_t>(node.length),
                     static_cast<std::uint32_t>(end - node.begin)});
  }

  const NumberedText& text_;
  std::size_t max_length_;
};

// Begins of the buckets of suffixes by first character, and the end.
std::vector<std::size_t> count_buckets(const NumberedText& text) {
  std::vector<std::size_t> begins(text.num_ranks() + 1);
  for (std::size_t i = 0; i < text.size(); ++i) ++begins[text[i] + 1];
  for (std::size_t i = 1; i < begins.size(); ++i) begins[i] += begins[i - 1];
  return begins;
}

}  // namespace

std::vector<RepeatedSubstring> find_repeated_substrings(std::span<const char32_t> text,
                                                        std::size_t max_length, ThreadPool& pool) {
  const NumberedText numbered(text);
  const std::vector<std::size_t> begins = count_buckets(numbered);
  std::vector<std::uint32_t> suffixes(text.size());
  std::vector<std::size_t> next = begins;
  for (std::size_t i = 0; i < text.size(); ++i) {
    suffixes[next[numbered[i]]++] = static_cast<std::uint32_t>(i);
  }
  std::vector<std::vector<RepeatedSubstring>> found(numbered.num_ranks());
  pool.parallel_for(found.size(), 1, [&](std::size_t first, std::size_t last, std::size_t) {
    for (std::size_t rank = std::max<std::size_t>(first, 1); rank < last; ++rank) {
      const std::span<std::uint32_t> bucket =
          std::span(suffixes).subspan(begins[rank], begins[rank + 1] - begins[rank]);
      Bucket(numbered, max_length).find(bucket, found[rank]);
    }
  });
  std::vector<RepeatedSubstring> all;
  for (auto& part : found) all.insert(all.end(), part.begin(), part.end());
  return all;
}

}  // namespace firth
