#include "firth/models/weights.h"

#include <algorithm>
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

namespace {

// to (columns, rows) = from^T, a block at a time so that both lie in the cache.
void transpose(View<const float> from, View<float> to) {
  constexpr std::size_t kBlock = 16;
  for (std::size_t i = 0; i < from.rows(); i += kBlock) {
    for (std::size_t j = 0; j < from.cols(); j += kBlock) {
      for (std::size_t r = i; r < std::min(i + kBlock, from.rows()); ++r) {
        for (std::size_t c = j; c < std::min(j + kBlock, from.cols()); ++c) to(c, r) = from(r, c);
      }
    }
  }
}

}  // namespace

Linear WeightReader::linear(std::span<const LinearPart> parts, std::size_t in,
                            const LinearForm& form, Arena& scratch) const {
  if (parts.size() == 1 && !form.transposed)
    return linear(parts.front().name, parts.front().out, in, form.bias);
  std::size_t out = 0;
  for (const LinearPart& part : parts) out += part.out;
  const Arena::Scope scope(scratch);
  const View<float> weight = scratch.allocate<float>({out, in});
  Tensor bias = form.bias ? Tensor::zeros<float>({out}) : Tensor();
  std::size_t row = 0;
  for (const LinearPart& part : parts) {
    const View<float> rows = weight.slice_rows(row, row + part.out);
    if (form.transposed) {
      const Tensor stored = tensor(part.name + ".weight", {in, part.out});
      transpose(stored.view<float>(), rows);
    } else {
      view(part.name + ".weight", {part.out, in}).copy_to(rows.span());
    }
    if (form.bias)
      view(part.name + ".bias", {part.out})
          .copy_to(bias.view<float>().span().subspan(row, part.out));
    row += part.out;
  }
  return {weight, std::move(bias), precision_};
}

LayerNorm WeightReader::norm(std::string_view module, std::size_t size,
                             const NormForm& form) const {
  if (module.empty()) return {};
  const std::string name(module);
  const bool old_names =
      !checkpoint_->has(prefix_ + name + ".weight") && checkpoint_->has(prefix_ + name + ".gamma");
  LayerNorm out{.weight = tensor(name + (old_names ? ".gamma" : ".weight"), {size}),
                .bias = {},
                .eps = form.eps,
                .center = form.center};
  if (form.bias) out.bias = tensor(name + (old_names ? ".beta" : ".bias"), {size});
  if (form.plus_one) {
    for (float& value : out.weight.view<float>().span()) value += 1.0F;
  }
  return out;
}

}  // namespace firth
