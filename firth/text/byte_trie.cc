// Growth of the edge table.
#include "firth/text/byte_trie.h"

#include <utility>

namespace firth {

ByteTrie::ByteTrie(std::size_t num_roots) : edges_(1024), mask_(1023), values_(num_roots, -1) {}

void ByteTrie::insert(std::string_view key, std::int32_t value, std::uint32_t root) {
  if (key.empty()) {
    return;
  }
  std::uint32_t node = root;
  for (const char byte : key) {
    const std::uint32_t next = child(node, static_cast<unsigned char>(byte));
    node = next != kNone ? next : add_child(node, static_cast<unsigned char>(byte));
  }
  if (values_[node] < 0) {
    values_[node] = value;
  }
}

std::uint32_t ByteTrie::add_child(std::uint32_t node, unsigned char byte) {
  if (2 * (num_edges_ + 1) > edges_.size()) {
    grow();
  }
  const std::uint64_t key = std::uint64_t{node} << 8 | byte;
  std::size_t slot = hash(key) & mask_;
  while (edges_[slot].child != kNone) {
    slot = (slot + 1) & mask_;
  }
  const auto added = static_cast<std::uint32_t>(values_.size());
  edges_[slot] = {key, added};
  values_.push_back(-1);
  ++num_edges_;
  return added;
}

void ByteTrie::grow() {
  const std::vector<Edge> old = std::exchange(edges_, std::vector<Edge>(4 * edges_.size()));
  mask_ = edges_.size() - 1;
  for (const Edge& edge : old) {
    if (edge.child != kNone) {
      std::size_t slot = hash(edge.key) & mask_;
      while (edges_[slot].child != kNone) {
        slot = (slot + 1) & mask_;
      }
      edges_[slot] = edge;
    }
  }
}

}  // namespace firth
