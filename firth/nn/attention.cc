#include "firth/nn/attention.h"

namespace firth {
namespace {

void write_probabilities(const AttentionInput& input, std::span<float> out, Arena& arena) {
  float* next = out.data();
  for (std::size_t s = 0; s < input.num_sequences(); ++s) {
    const auto length = static_cast<std::size_t>(input.offsets[s + 1] - input.offsets[s]);
    for (std::size_t head = 0; head < input.num_heads; ++head) {
      attention_probabilities(input, s, head, {next, Shape{length, length}}, arena);
      next += length * length;
    }
  }
}

}  // namespace

Var attention(Pass& pass, Var qkv, const AttentionOptions& options) {
  const std::size_t width = options.num_heads * options.head_dim;
  const float* q = qkv.value.data();
  const float* k = q + width;
  const AttentionInput input{.q = q,
                             .k = k,
                             .v = k + options.num_kv_heads * options.head_dim,
                             .q_stride = qkv.cols(),
                             .k_stride = qkv.cols(),
                             .v_stride = qkv.cols(),
                             .offsets = options.offsets,
                             .num_heads = options.num_heads,
                             .head_dim = options.head_dim,
                             .scale = options.scale,
                             .num_kv_heads = options.num_kv_heads,
                             .left = options.left,
                             .right = options.right,
                             .bias = options.bias};
  const Var y = pass.result({qkv.rows(), width});
  attention(input, y.value, pass.arena());
  if (!options.probabilities.empty())
    write_probabilities(input, options.probabilities, pass.arena());
  return y;
}

std::size_t attention_probabilities_size(std::span<const std::int64_t> offsets,
                                         std::size_t num_heads) {
  std::size_t size = 0;
  for (std::size_t s = 0; s + 1 < offsets.size(); ++s) {
    const auto length = static_cast<std::size_t>(offsets[s + 1] - offsets[s]);
    size += num_heads * length * length;
  }
  return size;
}

}  // namespace firth
