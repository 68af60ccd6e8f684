#include "firth/models/fit_int8.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

#include "firth/core/error.h"
#include "firth/kernels/product.h"
#include "firth/models/weights.h"

namespace firth {
namespace {

// Every layer that a model's products go through, in the order of their first run, with a value of
// the observer's own.
template <class Value>
class ByLayer {
 public:
  Value& of(const Linear& layer) {
    const auto found =
        std::ranges::find(entries_, &layer, [](const auto& entry) { return entry.first; });
    if (found != entries_.end()) return found->second;
    return entries_.emplace_back(&layer, Value()).second;
  }

  std::vector<std::pair<const Linear*, Value>>& entries() { return entries_; }

 private:
  std::vector<std::pair<const Linear*, Value>> entries_;
};

// Sums of squares of the columns of each layer's input.
class SquareSums final : public LinearObserver {
 public:
  void see(const Linear& layer, View<const float> x) override {
    if (layer.origin().parts.empty()) return;
    std::vector<double>& sums = by_layer.of(layer);
    sums.resize(x.cols());
    for (std::size_t i = 0; i < x.rows(); ++i) {
      for (std::size_t p = 0; p < x.cols(); ++p) sums[p] += double{x(i, p)} * double{x(i, p)};
    }
  }

  ByLayer<std::vector<double>> by_layer;
};

// How far the int8 products are from the f32 ones for the same inputs.
class Drift final : public LinearObserver {
 public:
  explicit Drift(const std::vector<std::pair<const Linear*, PackedWeight>>& weights)
      : weights_(&weights), squares_(weights.size()) {}

  void see(const Linear& layer, View<const float> x) override {
    const auto found =
        std::ranges::find(*weights_, &layer, [](const auto& entry) { return entry.first; });
    if (found == weights_->end()) return;
    Tensor exact(DType::kF32, Shape{x.rows(), layer.out_features()});
    Tensor narrow(DType::kF32, exact.shape());
    packed_product(x, layer.weight(), {}, exact.view<float>());
    packed_product(x, found->second, {}, narrow.view<float>());
    auto& [error, size] = squares_[static_cast<std::size_t>(found - weights_->begin())];
    for (std::size_t i = 0; i < exact.size(); ++i) {
      const double y = exact.view<float>().data()[i];
      const double difference = double{narrow.view<float>().data()[i]} - y;
      error += difference * difference;
      size += y * y;
    }
  }

  double of(std::size_t i) const {
    const auto& [error, size] = squares_[i];
    return size > 0 ? std::sqrt(error / size) : 0.0;
  }

 private:
  const std::vector<std::pair<const Linear*, PackedWeight>>* weights_;
  std::vector<std::pair<double, double>> squares_;
};

// Sequences one after another: the sums do not depend on threads.
void run_through(const Encoder& encoder, const Ragged& texts, LinearObserver& observer) {
  Arena arena;
  for (std::size_t i = 0; i < texts.num_sequences(); ++i) {
    const Arena::Scope scope(arena);
    Pass pass(arena, &observer);
    const auto begin = static_cast<std::size_t>(texts.offsets[i]);
    const std::int64_t offsets[] = {0, texts.offsets[i + 1] - texts.offsets[i]};
    if (offsets[1] == 0) continue;
    const auto ids = std::span(texts.ids).subspan(begin, static_cast<std::size_t>(offsets[1]));
    encoder.forward(pass, {.ids = ids, .offsets = offsets, .type_ids = {}}, {});
  }
}

// Nothing is smaller than a ten-thousandth of the mean: a column that no text used stays usable.
void lift_small(std::vector<double>& values) {
  double mean = 0;
  for (const double v : values) mean += v / static_cast<double>(values.size());
  for (double& v : values) v = mean > 0 ? std::max(v, 1e-4 * mean) : 1.0;
}

std::vector<float> input_scales(View<const float> weight, std::span<const double> square_sums) {
  constexpr double kOfInput = 0.45;
  std::vector<double> x(weight.cols()), w(weight.cols());
  for (std::size_t j = 0; j < weight.rows(); ++j) {
    for (std::size_t p = 0; p < w.size(); ++p) w[p] += double{weight(j, p)} * double{weight(j, p)};
  }
  std::ranges::transform(square_sums, x.begin(), [](double sum) { return std::sqrt(sum); });
  std::ranges::transform(w, w.begin(), [](double sum) { return std::sqrt(sum); });
  lift_small(x);
  lift_small(w);
  double mean_log = 0;
  std::vector<double> scales(w.size());
  for (std::size_t p = 0; p < w.size(); ++p) {
    scales[p] = (1 - kOfInput) * std::log(w[p]) - kOfInput * std::log(x[p]);
    mean_log += scales[p] / static_cast<double>(w.size());
  }
  std::vector<float> out(w.size());
  std::ranges::transform(scales, out.begin(), [&](double log_scale) {
    return static_cast<float>(std::exp(log_scale - mean_log));
  });
  return out;
}

void check_finite_weight(View<const float> weight, const FittedLayer& layer) {
  for (const float v : weight.span()) {
    if (std::isfinite(v)) continue;
    fail(ErrorKind::kCorrupt, layer.name(), ": expected finite weights, found ", v);
  }
}

}  // namespace

std::string FittedLayer::name() const {
  std::string text;
  for (const LinearPart& part : origin.parts) {
    // Of modules that differ in their last word alone, that word.
    const std::size_t last = part.name.rfind('.') + 1;
    const bool same_place = !text.empty() && text.starts_with(part.name.substr(0, last));
    text += (text.empty() ? "" : "+") + (same_place ? part.name.substr(last) : part.name);
  }
  return text;
}

std::vector<FittedLayer> fit_int8(const Encoder& encoder, const Checkpoint& checkpoint,
                                  const Ragged& texts, const FitOptions& options) {
  SquareSums sums;
  run_through(encoder, texts, sums);
  std::vector<FittedLayer> layers;
  std::vector<std::pair<const Linear*, PackedWeight>> packed;
  for (const auto& [layer, squares] : sums.by_layer.entries()) {
    FittedLayer& fitted = layers.emplace_back();
    fitted.origin = layer->origin();
    const Tensor weight = read_weight(checkpoint, layer->origin(), layer->in_features());
    check_finite_weight(weight.view<float>(), fitted);
    const std::vector<float> scales = input_scales(weight.view<float>(), squares);
    fitted.weight =
        quantize_weight(weight.view<float>(), {.blocks = options.blocks, .input_scales = scales});
    packed.emplace_back(layer, PackedWeight(fitted.weight.view()));
  }
  Drift drift(packed);
  run_through(encoder, texts, drift);
  for (std::size_t i = 0; i < layers.size(); ++i) layers[i].drift = drift.of(i);
  return layers;
}

}  // namespace firth
