#include "firth/core/workspace.h"

#include <algorithm>

namespace firth {
namespace {
constexpr std::size_t kFirstBlock = std::size_t{1} << 20;
}  // namespace

void* Arena::allocate_bytes(std::size_t bytes) {
  bytes = (bytes + 63) / 64 * 64;
  while (block_ < blocks_.size()) {
    Tensor& block = blocks_[block_];
    if (used_ + bytes <= block.size()) {
      void* piece = block.bytes().data() + used_;
      used_ += bytes;
      return piece;
    }
    ++block_;
    used_ = 0;
  }
  const std::size_t last = blocks_.empty() ? kFirstBlock / 2 : blocks_.back().size();
  blocks_.emplace_back(DType::kU8, Shape{std::max(2 * last, bytes)});
  used_ = bytes;
  return blocks_.back().bytes().data();
}

std::size_t Arena::capacity() const {
  std::size_t total = 0;
  for (const Tensor& block : blocks_) total += block.size();
  return total;
}

}  // namespace firth
