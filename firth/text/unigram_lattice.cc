// The blocks of words.
#include "firth/text/unigram_lattice.h"

#include <algorithm>
#include <utility>

#include "firth/core/error.h"
#include "firth/text/unicode.h"

namespace firth {
namespace {

std::uint32_t num_characters(std::string_view text) {
  return static_cast<std::uint32_t>(std::ranges::count_if(
      text, [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; }));
}

DoubleArray make_trie(const std::vector<std::string>& pieces) {
  std::vector<std::pair<std::string_view, std::int32_t>> keys;
  keys.reserve(pieces.size());
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    keys.emplace_back(pieces[i], static_cast<std::int32_t>(i + 1));
  }
  return DoubleArray(std::move(keys));
}

}  // namespace

UnigramLattice::UnigramLattice(std::span<const WordCount> words,
                               const std::vector<std::string>& pieces, ThreadPool& pool)
    : words_(words),
      pool_(pool),
      trie_(make_trie(pieces)),
      first_lengths_(pieces.size() + 1, 1),
      ids_(pieces.size() + 1) {
  for (std::size_t i = 1; i < ids_.size(); ++i) {
    first_lengths_[i] = num_characters(pieces[i - 1]);
    ids_[i] = static_cast<std::uint32_t>(i);
  }
  lengths_ = first_lengths_;
  blocks_.resize((words.size() + kWordsABlock - 1) / kWordsABlock);
  pool_.parallel_for(blocks_.size(), 1, [this](std::size_t begin, std::size_t end, std::size_t) {
    for (std::size_t i = begin; i < end; ++i) fill(i);
  });
}

void UnigramLattice::fill(std::size_t index) {
  Block& block = blocks_[index];
  const std::size_t end = std::min(words_.size(), (index + 1) * kWordsABlock);
  for (std::size_t i = index * kWordsABlock; i < end; ++i) {
    const std::string_view word = words_[i].word;
    std::uint32_t length = 0;
    for (std::size_t at = 0; at < word.size(); at += utf8_length(word[at])) {
      const std::size_t before = block.pieces.size();
      trie_.for_each_prefix(word.substr(at), [&](std::size_t, std::int32_t piece) {
        block.pieces.push_back(static_cast<std::uint32_t>(piece));
      });
      if (block.pieces.size() - before > UINT16_MAX) {
        fail(ErrorKind::kUnsupported, "training: expected at most ", UINT16_MAX,
             " pieces that begin at one character, found more");
      }
      block.num_pieces.push_back(static_cast<std::uint16_t>(block.pieces.size() - before));
      ++length;
    }
    block.lengths.push_back(length);
  }
}

void UnigramLattice::renumber(const std::vector<std::uint32_t>& new_ids) {
  std::vector<std::uint32_t> lengths(*std::ranges::max_element(new_ids) + 1, 1);
  for (std::size_t i = 1; i < new_ids.size(); ++i) {
    if (new_ids[i] != 0) lengths[new_ids[i]] = lengths_[i];
  }
  lengths_ = std::move(lengths);
  for (std::uint32_t& id : ids_) id = new_ids[id];
  pool_.parallel_for(blocks_.size(), 1, [&](std::size_t begin, std::size_t end, std::size_t) {
    for (std::size_t i = begin; i < end; ++i) thin_out(blocks_[i], new_ids);
  });
}

void UnigramLattice::thin_out(Block& block, const std::vector<std::uint32_t>& new_ids) {
  std::size_t from = 0;
  std::size_t to = 0;
  for (std::uint16_t& num_pieces : block.num_pieces) {
    const std::size_t begin = to;
    for (const std::size_t end = from + num_pieces; from < end; ++from) {
      const std::uint32_t id = new_ids[block.pieces[from]];
      if (id != 0) block.pieces[to++] = id;
    }
    num_pieces = static_cast<std::uint16_t>(to - begin);
  }
  block.pieces.resize(to);
}

// A character at which no piece of one character begins is still an edge, to piece 0.
void UnigramLattice::add_missing_character(std::size_t at, std::size_t first,
                                           std::vector<Edge>& edges) {
  const auto begin = static_cast<std::uint32_t>(at);
  if (first < edges.size() && edges[first].end == begin + 1) return;
  edges.insert(edges.begin() + static_cast<std::ptrdiff_t>(first), {begin, begin + 1, 0});
}

std::size_t UnigramLattice::find_edges(std::string_view text, std::vector<Edge>& edges) const {
  edges.clear();
  std::uint32_t begin = 0;
  for (std::size_t at = 0; at < text.size(); at += utf8_length(text[at]), ++begin) {
    const std::size_t first = edges.size();
    trie_.for_each_prefix(text.substr(at), [&](std::size_t, std::int32_t piece) {
      const auto index = static_cast<std::size_t>(piece);
      if (ids_[index] != 0) {
        edges.push_back({begin, begin + first_lengths_[index], ids_[index]});
      }
    });
    add_missing_character(begin, first, edges);
  }
  return begin;
}

void UnigramLattice::for_each_word(const Visit& visit) const {
  pool_.parallel_for(
      blocks_.size(), 1, [&](std::size_t first, std::size_t last, std::size_t worker) {
        std::vector<Edge> edges;
        for (std::size_t i = first; i < last; ++i) {
          const Block& block = blocks_[i];
          const std::uint16_t* num_pieces = block.num_pieces.data();
          const std::uint32_t* piece = block.pieces.data();
          for (std::size_t word = 0; word < block.lengths.size(); ++word) {
            edges.clear();
            for (std::uint32_t begin = 0; begin < block.lengths[word]; ++begin) {
              const std::size_t before = edges.size();
              for (const std::uint32_t* end = piece + *num_pieces++; piece != end; ++piece) {
                edges.push_back({begin, begin + lengths_[*piece], *piece});
              }
              add_missing_character(begin, before, edges);
            }
            visit(worker, words_[i * kWordsABlock + word].count, block.lengths[word], edges);
          }
        }
      });
}

}  // namespace firth
