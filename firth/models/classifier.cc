#include "firth/models/classifier.h"

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

Var Classifier::logits(Pass& pass, View<const float> hidden,
                       std::span<const std::int64_t> offsets) const {
  Var x = pool(pass, {.modes = {spec_.pooling}}, hidden, offsets, 0);
  if (dense_.out_features() != 0) x = linear(pass, dense_, x, {.activation = spec_.activation});
  if (!norm_.empty()) x = layer_norm(pass, norm_, x, x);
  return linear(pass, out_, x);
}

}  // namespace firth
