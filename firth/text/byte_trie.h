// A trie over bytes that answers "the longest key that begins here" in one walk. Its edges lie in
// one hash table of eight bytes each: built in linear time, a probe a byte.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace firth {

class ByteTrie {
 public:
  using Node = std::uint32_t;
  static constexpr Node kRoot = 0;

  ByteTrie();

  // Of keys that occur twice the first value stays. Empty keys are left out.
  void insert(std::string_view key, std::int32_t value);

  // The node behind the bytes of `key`, made if need be: a start for walks.
  Node node_of(std::string_view key);

  struct Match {
    std::size_t length = 0;  // 0 = no key fits
    std::int32_t value = -1;
  };

  // The longest way from `start` to a key that `text` begins with.
  Match longest_prefix(std::string_view text, Node start = kRoot) const {
    Match best;
    Node node = start;
    for (std::size_t i = 0; i < text.size(); ++i) {
      node = child(node, text[i]);
      if (node == kNone) {
        break;
      }
      if (values_[node] >= 0) {
        best = {i + 1, values_[node]};
      }
    }
    return best;
  }

 private:
  static constexpr Node kNone = kRoot;  // no edge leads to the root
  static constexpr std::size_t kMaxNodes = std::size_t{1} << 24;

  struct Edge {
    std::uint32_t key = 0;  // parent << 8 | byte
    Node child = kNone;     // kNone = free
  };

  static std::size_t hash(std::uint32_t key) { return (key * 0x9E3779B97F4A7C15u) >> 32; }

  static std::uint32_t edge_key(Node node, char byte) {
    return node << 8 | static_cast<unsigned char>(byte);
  }

  Node child(Node node, char byte) const {
    const std::uint32_t key = edge_key(node, byte);
    std::size_t slot = hash(key) & mask_;
    while (edges_[slot].key != key && edges_[slot].child != kNone) {
      slot = (slot + 1) & mask_;
    }
    return edges_[slot].child;
  }

  void put(Edge edge);
  Node add_child(Node node, char byte);

  std::vector<Edge> edges_;  // a power of two, at most half full
  std::size_t mask_ = 0;
  std::vector<std::int32_t> values_;  // by node, -1 = no key ends here
};

}  // namespace firth
