// MPNet (Song et al. 2020, arXiv:2004.09297): RoBERTa with a bias for the distance between query
// and key, as in T5 (Raffel et al. 2019, arXiv:1910.10683, section 2.1), shared by all layers.
//
// The reference takes 32 buckets and a greatest distance of 128 whatever the config says, and
// counts positions from 2 whatever the padding token is; so do we.
#include <algorithm>
#include <cmath>

#include "firth/models/config.h"
#include "firth/models/families.h"
#include "firth/models/transformer_fields.h"

namespace firth {
namespace {

constexpr std::size_t kBuckets = 32;

// Half of the buckets for each direction; of those, half hold one distance each, the others grow up
// to 128 by the logarithm, which is taken in f32 as the reference takes it: at the borders of the
// buckets the rounding decides.
std::size_t bucket(std::ptrdiff_t distance) {
  constexpr std::size_t kSide = kBuckets / 2, kExact = kSide / 2;
  const auto n = static_cast<std::size_t>(std::abs(distance));
  const std::size_t side = distance > 0 ? kSide : 0;
  if (n < kExact) return side + n;
  const float log = std::log(static_cast<float>(n) / kExact) / std::log(16.0F) * (kSide - kExact);
  return side + std::min(kExact + static_cast<std::size_t>(log), kSide - 1);
}

}  // namespace

TransformerSpec read_mpnet(const Json& config) {
  TransformerSpec spec;
  TransformerConfig& out = spec.config;
  out.family = "mpnet";
  read_shape(config, out);
  out.max_position_embeddings = read_count(config, "max_position_embeddings", {.max = 1 << 16});
  count_positions_after_padding(config, 1, out);
  out.norm.eps = read_epsilon(config, "layer_norm_eps", 1e-12F);
  out.activation = read_activation_or(config, "hidden_act", Activation::kGelu);
  out.num_buckets = read_count_or(config, "relative_attention_num_buckets", kBuckets,
                                  {.min = kBuckets, .max = 1 << 16});
  out.bucket = bucket;
  spec.names = {.prefixes = {"", "mpnet."},
                .word = "embeddings.word_embeddings",
                .position = "embeddings.position_embeddings",
                .embedding_norm = "embeddings.LayerNorm",
                .layers = "encoder.layer.",
                .attention = {.norm_out = "attention.LayerNorm",
                              .in = {"attention.attn.q", "attention.attn.k", "attention.attn.v"},
                              .out = "attention.attn.o"},
                .feed_forward = {.norm_out = "output.LayerNorm",
                                 .in = {"intermediate.dense"},
                                 .out = "output.dense"},
                .relative_bias = "encoder.relative_attention_bias"};
  spec.classifier = {
      .dense = "classifier.dense", .activation = Activation::kTanh, .out = "classifier.out_proj"};
  return spec;
}

}  // namespace firth
