#include "firth/models/weights.h"

#include <utility>

namespace firth {

AnyView WeightReader::view(const std::string& name, const Shape& shape) const {
  return checkpoint_->tensor(prefix_ + name, shape);
}

Tensor WeightReader::tensor(const std::string& name, const Shape& shape) const {
  return Tensor::from(view(name, shape));
}

Linear WeightReader::linear(const std::string& name, std::size_t out, std::size_t in,
                            bool bias) const {
  const AnyView weight = view(name + ".weight", {out, in});
  Tensor bias_values = bias ? tensor(name + ".bias", {out}) : Tensor();
  // Packing copies: f32 weights are read where they lie in the file.
  if (weight.holds<float>()) return {weight.view<float>(), std::move(bias_values), precision_};
  const Tensor widened = Tensor::from(weight);
  return {widened.view<float>(), std::move(bias_values), precision_};
}

Linear WeightReader::fused_linear(std::initializer_list<std::string> names, std::size_t out_each,
                                  std::size_t in, Arena& scratch) const {
  const Arena::Scope scope(scratch);
  const View<float> weight = scratch.allocate<float>({names.size() * out_each, in});
  Tensor bias = Tensor::zeros<float>({names.size() * out_each});
  std::size_t row = 0;
  for (const std::string& name : names) {
    view(name + ".weight", {out_each, in}).copy_to(weight.slice_rows(row, row + out_each).span());
    view(name + ".bias", {out_each}).copy_to(bias.view<float>().span().subspan(row, out_each));
    row += out_each;
  }
  return {weight, std::move(bias), precision_};
}

LayerNorm WeightReader::layer_norm(const std::string& name, std::size_t size, float eps) const {
  const bool old_names =
      !checkpoint_->has(prefix_ + name + ".weight") && checkpoint_->has(prefix_ + name + ".gamma");
  return {.weight = tensor(name + (old_names ? ".gamma" : ".weight"), {size}),
          .bias = tensor(name + (old_names ? ".beta" : ".bias"), {size}),
          .eps = eps};
}

}  // namespace firth
