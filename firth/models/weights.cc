#include "firth/models/weights.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include "firth/core/error.h"
#include "firth/kernels/cpu.h"
#include "firth/kernels/int8_weight.h"

namespace firth {

AnyView WeightReader::view(const std::string& name, const Shape& shape) const {
  return checkpoint_->tensor(prefix_ + name, shape);
}

Tensor WeightReader::tensor(const std::string& name, const Shape& shape) const {
  return Tensor::from(view(name, shape));
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

std::size_t num_rows(const LinearOrigin& origin) {
  std::size_t rows = 0;
  for (const LinearPart& part : origin.parts) rows += part.out;
  return rows;
}

// weight: (num_rows, in)
void gather_weight(const Checkpoint& checkpoint, const LinearOrigin& origin, View<float> weight) {
  std::size_t row = 0;
  for (const LinearPart& part : origin.parts) {
    const std::string name = part.name + ".weight";
    const View<float> rows = weight.slice_rows(row, row + part.out);
    if (origin.transposed) {
      const Tensor stored = Tensor::from(checkpoint.tensor(name, {weight.cols(), part.out}));
      transpose(stored.view<float>(), rows);
    } else {
      checkpoint.tensor(name, {part.out, weight.cols()}).copy_to(rows.span());
    }
    row += part.out;
  }
}

Tensor gather_bias(const Checkpoint& checkpoint, const LinearOrigin& origin) {
  Tensor bias = Tensor::zeros<float>({num_rows(origin)});
  std::size_t row = 0;
  for (const LinearPart& part : origin.parts) {
    checkpoint.tensor(part.name + ".bias", {part.out})
        .copy_to(bias.view<float>().span().subspan(row, part.out));
    row += part.out;
  }
  return bias;
}

// Tensor `name` as floats that may be factors: finite and, unless zero_too, above 0.
Tensor read_factors(const Checkpoint& checkpoint, const std::string& name, const Shape& shape,
                    bool zero_too) {
  Tensor out = Tensor::from(checkpoint.tensor(name, shape));
  for (const float v : out.view<float>().span()) {
    if (std::isfinite(v) && (v > 0 || (zero_too && v == 0))) continue;
    fail(ErrorKind::kCorrupt, checkpoint.where(name), ": expected finite ",
         zero_too ? "numbers from 0" : "numbers above 0", ", found ", v);
  }
  return out;
}

// (rows, 1) or (rows, blocks): the file decides, once for all parts of a layer.
Shape scales_shape(const Checkpoint& checkpoint, const std::string& name, std::size_t rows,
                   std::size_t in) {
  const std::vector<std::size_t>& found = checkpoint.info(name).shape;
  const bool blocks = found.size() == 2 && found[1] != 1;
  return {rows, blocks ? num_int8_blocks(in) : 1};
}

}  // namespace

Precision chosen_precision(PrecisionChoice choice, const Checkpoint& checkpoint) {
  const bool int8_weights = has_int8_weights(checkpoint);
  if (int8_weights) read_int8_certificate(checkpoint);  // refuses what is newer or broken
  const bool as_floats = choice == PrecisionChoice::kF32 || choice == PrecisionChoice::kBF16;
  if (int8_weights && as_floats) {
    fail(ErrorKind::kUnsupported, checkpoint.files().front(),
         ": expected weights in floats, found int8; take precision int8, or the folder that these "
         "weights were made from");
  }
  if (choice == PrecisionChoice::kBF16) return Precision::kBF16;
  if (choice == PrecisionChoice::kInt8 || int8_weights) return Precision::kInt8;
  const bool amx = cpu_level() == CpuLevel::kAmx;
  return choice == PrecisionChoice::kAuto && amx ? Precision::kBF16 : Precision::kF32;
}

Tensor read_weight(const Checkpoint& checkpoint, const LinearOrigin& origin, std::size_t in) {
  Tensor weight(DType::kF32, Shape{num_rows(origin), in});
  gather_weight(checkpoint, origin, weight.view<float>());
  return weight;
}

WeightReader::WeightReader(const Checkpoint& checkpoint, std::string prefix, Precision precision)
    : checkpoint_(&checkpoint),
      prefix_(std::move(prefix)),
      precision_(has_int8_weights(checkpoint) ? Precision::kF32 : precision) {}

Linear WeightReader::linear(const std::string& name, std::size_t out, std::size_t in,
                            bool bias) const {
  const LinearPart part{name, out};
  Arena scratch;
  return linear({&part, 1}, in, {.bias = bias}, scratch);
}

Linear WeightReader::linear(std::span<const LinearPart> parts, std::size_t in,
                            const LinearForm& form, Arena& scratch) const {
  LinearOrigin origin{.parts = {}, .transposed = form.transposed};
  for (const LinearPart& part : parts) origin.parts.push_back({prefix_ + part.name, part.out});
  const std::string first = origin.parts.front().name + ".weight";
  const auto bias = [&] { return form.bias ? gather_bias(*checkpoint_, origin) : Tensor(); };
  if (checkpoint_->has(first + ".int8")) return int8_linear(std::move(origin), in, form.bias);
  Linear out;
  const Shape shape{num_rows(origin), in};
  const bool lies_ready = parts.size() == 1 && !form.transposed;
  if (lies_ready && checkpoint_->tensor(first, shape).holds<float>()) {
    // Packing copies: f32 weights are read where they lie in the file.
    out = {checkpoint_->tensor(first, shape).view<float>(), bias(), precision_};
  } else {
    const Arena::Scope scope(scratch);
    const View<float> weight = scratch.allocate<float>(shape);
    gather_weight(*checkpoint_, origin, weight);
    out = {weight, bias(), precision_};
  }
  out.set_origin(std::move(origin));
  return out;
}

// NAME.weight.int8 (out, in), NAME.weight.scales (out, 1 or blocks), NAME.weight.input_scales (in).
// The parts of a layer meet the same input, so their input scales must be the same.
Linear WeightReader::int8_linear(LinearOrigin origin, std::size_t in, bool bias) const {
  const std::string first = origin.parts.front().name + ".weight";
  const Shape scales_shape_of_first = scales_shape(*checkpoint_, first + ".scales", 1, in);
  const std::size_t rows = num_rows(origin), blocks = scales_shape_of_first[1];
  OwnedInt8Weight weight{
      .values = Tensor(DType::kI8, Shape{rows, in}),
      .scales = Tensor(DType::kF32, Shape{rows, blocks}),
      .input_scales = read_factors(*checkpoint_, first + ".input_scales", {in}, false)};
  std::size_t row = 0;
  for (const LinearPart& part : origin.parts) {
    const std::string name = part.name + ".weight";
    const AnyView values = checkpoint_->tensor(name + ".int8", {part.out, in});
    if (values.dtype() != DType::kI8) {
      fail(ErrorKind::kCorrupt, checkpoint_->where(name + ".int8"), ": expected I8, found ",
           checkpoint_->info(name + ".int8").dtype);
    }
    std::ranges::copy(values.bytes(),
                      weight.values.bytes().begin() + static_cast<std::ptrdiff_t>(row * in));
    const Tensor scales = read_factors(*checkpoint_, name + ".scales", {part.out, blocks}, true);
    std::ranges::copy(scales.view<float>().span(), weight.scales.view<float>().span().begin() +
                                                       static_cast<std::ptrdiff_t>(row * blocks));
    const Tensor factors = read_factors(*checkpoint_, name + ".input_scales", {in}, false);
    if (!std::ranges::equal(factors.bytes(), weight.input_scales.bytes())) {
      fail(ErrorKind::kCorrupt, checkpoint_->where(name + ".input_scales"), ": expected those of ",
           quoted(first), ", which meets the same input");
    }
    row += part.out;
  }
  Linear out(PackedWeight(weight.view()), bias ? gather_bias(*checkpoint_, origin) : Tensor());
  out.set_origin(std::move(origin));
  return out;
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
