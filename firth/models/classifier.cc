#include "firth/models/classifier.h"

#include <algorithm>

#include "firth/models/pooling.h"

namespace firth {

Classifier::Classifier(const ClassifierSpec& spec, const NormForm& norm, std::size_t hidden_size,
                       std::size_t num_labels, const Checkpoint& weights, Precision precision)
    : spec_(spec) {
  const WeightReader reader(weights, "", precision);
  if (!spec.dense.empty()) {
    dense_ = reader.linear(std::string(spec.dense), hidden_size, hidden_size, spec.dense_bias);
  }
  norm_ = reader.norm(spec.norm, hidden_size, norm);
  out_ = reader.linear(std::string(spec.out), num_labels, hidden_size, spec.out_bias);
}

namespace {

// The state of the last token of each sequence that is not padding; of the first where all are.
Var last_states(Pass& pass, View<const float> hidden, const EncoderInput& input,
                std::optional<std::int32_t> pad_id) {
  const std::size_t n = input.offsets.size() - 1;
  const Var y = pass.result({n, hidden.cols()});
  for (std::size_t s = 0; s < n; ++s) {
    const auto begin = static_cast<std::size_t>(input.offsets[s]);
    auto at = static_cast<std::size_t>(input.offsets[s + 1]);
    std::ranges::fill(y.value.row(s), 0.0F);
    if (at-- == begin) continue;
    while (at > begin && pad_id == input.ids[at]) --at;
    std::ranges::copy(hidden.row(at), y.value.row(s).begin());
  }
  return y;
}

}  // namespace

Var Classifier::logits(Pass& pass, View<const float> hidden, const EncoderInput& input) const {
  Var x = spec_.pooling == Pooling::kLast
              ? last_states(pass, hidden, input, spec_.pad_id)
              : pool(pass, {.modes = {spec_.pooling}}, hidden, input.offsets, 0);
  if (dense_.out_features() != 0) x = linear(pass, dense_, x, {.activation = spec_.activation});
  if (!norm_.empty()) x = layer_norm(pass, norm_, x, x);
  return linear(pass, out_, x);
}

}  // namespace firth
