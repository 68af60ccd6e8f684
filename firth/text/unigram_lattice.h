// All ways to cut each of many words into pieces, for Unigram training: which pieces begin at each
// character. They are looked up once, and thinned out as pieces go.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "firth/core/thread_pool.h"
#include "firth/text/double_array.h"
#include "firth/text/word_counts.h"

namespace firth {

class UnigramLattice {
 public:
  // A piece that may stand at characters [begin, end) of a word. Piece 0 stands for a character
  // that is no piece.
  struct Edge {
    std::uint32_t begin;
    std::uint32_t end;
    std::uint32_t piece;
  };

  // Piece i has the text pieces[i - 1]. Texts, words and pool must outlive the lattice.
  UnigramLattice(std::span<const WordCount> words, const std::vector<std::string>& pieces,
                 ThreadPool& pool);

  // Of a piece, in characters.
  std::uint32_t length(std::uint32_t piece) const { return lengths_[piece]; }

  // Piece i becomes new_ids[i]; 0 = it goes.
  void renumber(const std::vector<std::uint32_t>& new_ids);

  // f(worker, count, length, edges) for each word, on all threads: how often it occurs, its length
  // in characters, and its edges in the order of their begins, then ends.
  using Visit = std::function<void(std::size_t worker, std::uint64_t count, std::size_t length,
                                   std::span<const Edge> edges)>;
  void for_each_word(const Visit& visit) const;

  // The edges of any text, which must be valid UTF-8; returns its length in characters.
  std::size_t find_edges(std::string_view text, std::vector<Edge>& edges) const;

 private:
  // Words in a row. Of each character: how many pieces begin there, and which.
  struct Block {
    std::vector<std::uint16_t> num_pieces;
    std::vector<std::uint32_t> pieces;
    std::vector<std::uint32_t> lengths;  // of the words, in characters
  };

  static constexpr std::size_t kWordsABlock = 1024;

  void fill(std::size_t index);
  void thin_out(Block& block, const std::vector<std::uint32_t>& new_ids);
  static void add_missing_character(std::size_t at, std::size_t first, std::vector<Edge>& edges);

  std::span<const WordCount> words_;
  ThreadPool& pool_;
  DoubleArray trie_;                          // to the first ids
  std::vector<std::uint32_t> first_lengths_;  // by first id, in characters
  std::vector<std::uint32_t> ids_;            // now, by first id
  std::vector<std::uint32_t> lengths_;        // by id, in characters
  std::vector<Block> blocks_;
};

}  // namespace firth
