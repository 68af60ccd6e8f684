// Building.
#include "firth/text/byte_trie.h"

#include <utility>

#include "firth/core/error.h"

namespace firth {
namespace {

constexpr std::size_t kFirstCapacity = 1024;

}  // namespace

ByteTrie::ByteTrie() : edges_(kFirstCapacity), mask_(kFirstCapacity - 1), values_(1, -1) {}

ByteTrie::Node ByteTrie::node_of(std::string_view key) {
  Node node = kRoot;
  for (const char byte : key) {
    const Node next = child(node, byte);
    node = next != kNone ? next : add_child(node, byte);
  }
  return node;
}

void ByteTrie::insert(std::string_view key, std::int32_t value) {
  if (key.empty()) {
    return;
  }
  std::int32_t& place = values_[node_of(key)];
  place = place < 0 ? value : place;
}

ByteTrie::Node ByteTrie::add_child(Node node, char byte) {
  if (values_.size() == kMaxNodes) {
    fail(ErrorKind::kUnsupported, "tokens: expected fewer than ", kMaxNodes,
         " different beginnings of tokens");
  }
  if (2 * values_.size() > edges_.size()) {
    const std::vector<Edge> old = std::exchange(edges_, std::vector<Edge>(4 * edges_.size()));
    mask_ = edges_.size() - 1;
    for (const Edge& edge : old) {
      if (edge.child != kNone) {
        put(edge);
      }
    }
  }
  const auto added = static_cast<Node>(values_.size());
  put({edge_key(node, byte), added});
  values_.push_back(-1);
  return added;
}

void ByteTrie::put(Edge edge) {
  std::size_t slot = hash(edge.key) & mask_;
  while (edges_[slot].child != kNone) {
    slot = (slot + 1) & mask_;
  }
  edges_[slot] = edge;
}

}  // namespace firth
