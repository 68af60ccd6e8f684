// A trie over bytes that answers "the longest key that begins here" in one walk. Its edges lie in
// one hash table: built in linear time, a probe a byte.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace firth {

class ByteTrie {
 public:
  explicit ByteTrie(std::size_t num_roots = 1);

  // Of keys that occur twice under a root the first value stays. Empty keys are left out.
  void insert(std::string_view key, std::int32_t value, std::uint32_t root = 0);

  struct Match {
    std::size_t length = 0;  // 0 = no key fits
    std::int32_t value = -1;
  };

  // The longest key under the root that `text` begins with.
  Match longest_prefix(std::string_view text, std::uint32_t root = 0) const {
    Match best;
    std::uint32_t node = root;
    for (std::size_t i = 0; i < text.size(); ++i) {
      node = child(node, static_cast<unsigned char>(text[i]));
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
  static constexpr std::uint32_t kNone = 0;  // no edge leads to the first root

  struct Edge {
    std::uint64_t key = UINT64_MAX;  // parent << 8 | byte
    std::uint32_t child = kNone;
  };

  static std::size_t hash(std::uint64_t key) { return (key * 0x9E3779B97F4A7C15u) >> 32; }

  std::uint32_t child(std::uint32_t node, unsigned char byte) const {
    const std::uint64_t key = std::uint64_t{node} << 8 | byte;
    std::size_t slot = hash(key) & mask_;
    while (edges_[slot].key != key && edges_[slot].child != kNone) {
      slot = (slot + 1) & mask_;
    }
    return edges_[slot].child;
  }

  std::uint32_t add_child(std::uint32_t node, unsigned char byte);
  void grow();

  std::vector<Edge> edges_;
  std::size_t mask_ = 0;
  std::size_t num_edges_ = 0;
  std::vector<std::int32_t> values_;  // by node, -1 = no key ends here
};

}  // namespace firth
