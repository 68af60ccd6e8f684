#include "firth/words/huffman.h"

namespace firth {

HuffmanTree::HuffmanTree(std::span<const std::uint64_t> counts) {
  const std::size_t n = counts.size();
  offsets_.assign(1, 0);
  if (n == 0) return;
  // Nodes 0 … n - 1 are the leaves. The rarest leaf left and the oldest inner node left compete.
  std::vector<std::uint64_t> count(counts.begin(), counts.end());
  std::vector<std::size_t> parent(2 * n - 1, 0);
  std::vector<std::uint8_t> is_second(2 * n - 1, 0);
  std::size_t next_leaf = n;  // one past
  std::size_t next_node = n;
  const auto take = [&]() {
    const bool leaf_left = next_leaf > 0, node_left = next_node < count.size();
    if (leaf_left && (!node_left || count[next_leaf - 1] < count[next_node])) return --next_leaf;
    return next_node++;
  };
  for (std::size_t node = n; node < 2 * n - 1; ++node) {
    const std::size_t first = take(), second = take();
    count.push_back(count[first] + count[second]);
    parent[first] = parent[second] = node;
    is_second[second] = 1;
  }
  for (std::size_t leaf = 0; leaf < n; ++leaf) {
    for (std::size_t at = leaf; at != 2 * n - 2; at = parent[at]) {
      nodes_.push_back(static_cast<std::uint32_t>(parent[at] - n));
      codes_.push_back(is_second[at]);
    }
    offsets_.push_back(nodes_.size());
  }
}

}  // namespace firth
