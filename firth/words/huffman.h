// Huffman's tree over words or labels for hierarchical softmax (Mikolov et al. 2013,
// arXiv:1310.4546, section 2.1), built as word2vec.c and fastText build it, so that the rows of
// their output tables mean the same nodes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace firth {

// The way from the root to each leaf: inner nodes (rows of the output table, n - 1 of them, the
// root the last) and which child was taken (1 = the larger one).
class HuffmanTree {
 public:
  // counts in descending order, as both programs sort them.
  explicit HuffmanTree(std::span<const std::uint64_t> counts);

  struct Path {
    std::span<const std::uint32_t> nodes;
    std::span<const std::uint8_t> codes;
  };

  // From the leaf's parent up to the root.
  Path path(std::size_t leaf) const {
    const std::size_t begin = offsets_[leaf], size = offsets_[leaf + 1] - begin;
    return {std::span(nodes_).subspan(begin, size), std::span(codes_).subspan(begin, size)};
  }

 private:
  std::vector<std::size_t> offsets_;  // n + 1
  std::vector<std::uint32_t> nodes_;
  std::vector<std::uint8_t> codes_;
};

}  // namespace firth
