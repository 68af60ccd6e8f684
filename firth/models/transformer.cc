#include "firth/models/transformer.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "firth/core/error.h"
#include "firth/io/model_folder.h"
#include "firth/kernels/vector.h"
#include "firth/nn/attention.h"
#include "firth/nn/rotary.h"

namespace firth {

struct Transformer::Positions {
  std::vector<RotaryTable> tables;  // one for each of frequencies_
};

namespace {

std::string weight_of(std::string_view module) {
  return std::string(module) + ".weight";
}

// What the tensors' names start with: "bert." where the checkpoint was saved with a head.
std::string name_prefix(const Checkpoint& weights, const TransformerNames& names) {
  std::string known;
  for (const std::string_view prefix : names.prefixes) {
    if (weights.has(std::string(prefix) + weight_of(names.word))) return std::string(prefix);
    if (!prefix.empty()) known += (known.empty() ? "'" : ", '") + std::string(prefix) + "'";
  }
  fail(ErrorKind::kCorrupt, weights.files().front(), ": expected a tensor '", weight_of(names.word),
       "', with or without ", known, " before it; found ", quoted_list(weights.names()));
}

TransformerConfig completed(TransformerConfig config) {
  if (config.num_key_value_heads == 0) config.num_key_value_heads = config.num_attention_heads;
  if (config.head_dim == 0) config.head_dim = config.hidden_size / config.num_attention_heads;
  if (config.embedding_size == 0) config.embedding_size = config.hidden_size;
  config.layers.resize(config.num_hidden_layers);
  for (LayerAttention& layer : config.layers) {
    if (layer.scale == 0) layer.scale = 1.0F / std::sqrt(static_cast<float>(config.head_dim));
  }
  return config;
}

EncoderShape shape_of(const TransformerConfig& config) {
  const bool learnt = config.max_position_embeddings != 0;
  return {.family = config.family,
          .hidden_size = config.hidden_size,
          .num_hidden_layers = config.num_hidden_layers,
          .num_attention_heads = config.num_attention_heads,
          .vocab_size = config.vocab_size,
          .type_vocab_size = config.type_vocab_size,
          .max_length = learnt ? config.max_length : 0,
          .advised_length = config.max_length};
}

}  // namespace

Transformer::Transformer(const TransformerSpec& spec, const Checkpoint& weights,
                         Precision precision, ThreadPool* pool)
    : config_(completed(spec.config)),
      shape_(shape_of(config_)),
      weights_(weights),
      layers_(config_.num_hidden_layers) {
  const TransformerNames& names = spec.names;
  const std::size_t width = config_.embedding_size;
  const WeightReader reader(weights_, name_prefix(weights_, names), precision);
  const auto table = [&](std::string_view name, std::size_t rows) {
    return rows == 0 ? Tensor() : reader.tensor(weight_of(name), {rows, width});
  };
  embedding_.word = reader.view(weight_of(names.word), {config_.vocab_size, width});
  embedding_.token_type = table(names.token_type, config_.type_vocab_size);
  embedding_.position = table(names.position, config_.max_position_embeddings);
  embedding_.first_position = config_.first_position;
  embedding_.pad_id = config_.pad_id;
  embedding_.norm = reader.norm(names.embedding_norm, width, config_.norm);
  std::vector<Arena> scratch(pool == nullptr ? 1 : pool->num_threads());
  if (!names.embedding_projection.empty()) {
    embedding_projection_ =
        reader.linear(std::string(names.embedding_projection), config_.hidden_size, width);
  }
  final_norm_ = reader.norm(names.final_norm, config_.hidden_size, config_.norm);
  if (config_.num_buckets != 0) load_relative_bias(reader, names.relative_bias);
  add_frequencies();
  const auto load_layers = [&](std::size_t begin, std::size_t end, std::size_t worker) {
    for (std::size_t i = begin; i < end; ++i) load_layer(reader, names, i, scratch[worker]);
  };
  if (pool != nullptr) {
    pool->parallel_for(layers_.size(), 1, load_layers);
  } else {
    load_layers(0, layers_.size(), 0);
  }
}

void Transformer::load_layer(const WeightReader& reader, const TransformerNames& names,
                             std::size_t i, Arena& scratch) {
  const std::string prefix = std::string(names.layers) + std::to_string(i) + ".";
  const std::size_t hidden = config_.hidden_size;
  const std::size_t heads = config_.num_attention_heads * config_.head_dim;
  const std::size_t kv_heads = config_.num_key_value_heads * config_.head_dim;
  const auto norm = [&](std::string_view name, std::size_t size) {
    return name.empty() ? LayerNorm() : reader.norm(prefix + std::string(name), size, config_.norm);
  };
  // Several modules read as one, their widths in turn; or one module that is all of them.
  const auto fused = [&](const std::vector<std::string_view>& modules,
                         const std::vector<std::size_t>& widths, std::size_t in, bool bias) {
    std::vector<LinearPart> parts;
    for (std::size_t p = 0; p < widths.size(); ++p) {
      if (p < modules.size()) {
        parts.push_back({prefix + std::string(modules[p]), widths[p]});
      } else {
        parts.back().out += widths[p];
      }
    }
    return reader.linear(parts, in, {.bias = bias, .transposed = names.transposed}, scratch);
  };
  const auto sublayer = [&](const SublayerNames& from, Sublayer& to) {
    to.norm_in = norm(from.norm_in, hidden);
    to.norm_branch = norm(from.norm_branch, hidden);
    to.norm_out = norm(from.norm_out, hidden);
  };
  Layer& layer = layers_[i];
  SublayerNames attention = names.attention;
  if (i == 0 && !names.first_norm_in) attention.norm_in = {};
  sublayer(attention, layer.attention);
  layer.attention.in = fused(attention.in, {heads, kv_heads, kv_heads}, hidden, config_.qkv_bias);
  layer.attention.out = fused({attention.out}, {hidden}, heads, config_.attention_output_bias);
  layer.q_norm = norm(names.q_norm, config_.head_dim);
  layer.k_norm = norm(names.k_norm, config_.head_dim);
  const std::size_t inner = config_.intermediate_size;
  const std::vector<std::size_t> widths =
      config_.gated ? std::vector{inner, inner} : std::vector{inner};
  sublayer(names.feed_forward, layer.feed_forward);
  layer.feed_forward.in = fused(names.feed_forward.in, widths, hidden, config_.intermediate_bias);
  layer.feed_forward.out = fused({names.feed_forward.out}, {hidden}, inner, config_.output_bias);
}

// From a row a bucket to a row a head: the bias of each distance between query and key.
void Transformer::load_relative_bias(const WeightReader& reader, std::string_view name) {
  const std::size_t heads = config_.num_attention_heads, span = config_.max_length - 1;
  const Tensor table = reader.tensor(weight_of(name), {config_.num_buckets, heads});
  relative_bias_ = Tensor::zeros<float>({heads, 2 * span + 1});
  for (std::size_t i = 0; i < 2 * span + 1; ++i) {
    const std::size_t bucket =
        config_.bucket(static_cast<std::ptrdiff_t>(span) - static_cast<std::ptrdiff_t>(i));
    for (std::size_t h = 0; h < heads; ++h)
      relative_bias_.view<float>()(h, i) = table.view<float>()(bucket, h);
  }
}

void Transformer::add_frequencies() {
  std::vector<std::pair<double, double>> kinds;
  for (const LayerAttention& layer : config_.layers) {
    const std::pair kind(layer.rope_base, layer.rope_factor);
    const auto found = std::ranges::find(kinds, kind);
    frequencies_of_.push_back(static_cast<std::size_t>(found - kinds.begin()));
    if (found != kinds.end()) continue;
    kinds.push_back(kind);
    frequencies_.push_back(layer.rope_base == 0
                               ? Tensor()
                               : rotary_frequencies(layer.rope_base, config_.head_dim / 2));
    for (float& f : frequencies_.back().view<float>().span())
      f /= static_cast<float>(layer.rope_factor);
  }
}

Var Transformer::forward(Pass& pass, const EncoderInput& input, const EncoderTaps& taps) const {
  const std::size_t num_layers = std::min(taps.num_layers, layers_.size());
  Var x = embed(pass, input);
  Positions positions;
  for (const Tensor& frequencies : frequencies_) {
    positions.tables.push_back(
        frequencies.size() == 0 ? RotaryTable() : rotary_table(pass, frequencies, input.offsets));
  }
  if (taps.hidden_state) taps.hidden_state(0, x.value);
  for (std::size_t i = 0; i < num_layers; ++i) {
    const Arena::Scope scope(pass.arena());
    x = attend(pass, i, x, input, positions,
               taps.attention ? taps.attention(i) : std::span<float>());
    x = feed_forward(pass, layers_[i], x);
    // As the reference counts: the last state is what the model gives.
    if (i + 1 == layers_.size() && !final_norm_.empty()) x = layer_norm(pass, final_norm_, x, x);
    if (taps.hidden_state) taps.hidden_state(i + 1, x.value);
  }
  return x;
}

Var Transformer::embed(Pass& pass, const EncoderInput& input) const {
  Var x = embedding(pass, embedding_,
                    {.ids = input.ids, .offsets = input.offsets, .type_ids = input.type_ids});
  if (config_.embedding_scale != 1) {
    for (float& value : x.value.span()) value *= config_.embedding_scale;
  }
  if (embedding_projection_.out_features() == 0) return x;
  return linear(pass, embedding_projection_, x);
}

namespace {

// x + norm_branch(W_out y), then norm_out. The result takes the memory of x, which outlives the
// layer's scope.
template <class Sublayer>
Var finish(Pass& pass, const Sublayer& sublayer, Var x, Var y) {
  if (sublayer.norm_branch.empty()) {
    x = linear(pass, sublayer.out, y, {.residual = x, .reuse = x});
  } else {
    const Var branch = linear(pass, sublayer.out, y);
    axpy(1.0F, layer_norm(pass, sublayer.norm_branch, branch, branch).value.span(), x.value.span());
  }
  return sublayer.norm_out.empty() ? x : layer_norm(pass, sublayer.norm_out, x, x);
}

template <class Sublayer>
Var input_of(Pass& pass, const Sublayer& sublayer, Var x) {
  return sublayer.norm_in.empty() ? x : layer_norm(pass, sublayer.norm_in, x);
}

// The norm of each of the heads from `first` on, in place.
void norm_heads(const LayerNorm& norm, Var x, std::size_t first, std::size_t num_heads,
                std::size_t head_dim) {
  if (norm.empty()) return;
  for (std::size_t t = 0; t < x.rows(); ++t) {
    const View<float> heads(x.value.row(t).data() + first * head_dim, {num_heads, head_dim});
    layer_norm(heads, norm.kernel_weights(), heads);
  }
}

}  // namespace

Var Transformer::attend(Pass& pass, std::size_t i, Var x, const EncoderInput& input,
                        const Positions& positions, std::span<float> probabilities) const {
  const Layer& layer = layers_[i];
  const LayerAttention& form = config_.layers[i];
  const std::size_t heads = config_.num_attention_heads, kv_heads = config_.num_key_value_heads;
  const Var qkv = linear(pass, layer.attention.in, input_of(pass, layer.attention, x));
  norm_heads(layer.q_norm, qkv, 0, heads, config_.head_dim);
  norm_heads(layer.k_norm, qkv, heads, kv_heads, config_.head_dim);
  if (form.rope_base != 0) {
    rotary(positions.tables[frequencies_of_[i]], qkv, input.offsets, heads + kv_heads,
           config_.head_dim);
  }
  const Var context = attention(
      pass, qkv,
      {.offsets = input.offsets,
       .num_heads = heads,
       .num_kv_heads = kv_heads,
       .head_dim = config_.head_dim,
       .scale = form.scale,
       .left = form.left,
       .right = form.right,
       .bias = relative_bias_.size() == 0 ? View<const float>() : relative_bias_.view<float>(),
       .probabilities = probabilities});
  return finish(pass, layer.attention, x, context);
}

Var Transformer::feed_forward(Pass& pass, const Layer& layer, Var x) const {
  const Sublayer& sublayer = layer.feed_forward;
  const Var in = input_of(pass, sublayer, x);
  const Var inner =
      config_.gated ? gated(pass, config_.activation, linear(pass, sublayer.in, in), config_.gate)
                    : linear(pass, sublayer.in, in, {.activation = config_.activation});
  return finish(pass, sublayer, x, inner);
}

}  // namespace firth
