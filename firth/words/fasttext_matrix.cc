#include "firth/words/fasttext_matrix.h"

#include <algorithm>
#include <cstring>

#include "firth/core/error.h"
#include "firth/kernels/vector.h"

namespace firth {

FastTextMatrix::FastTextMatrix(const std::byte* bytes, std::size_t rows, std::size_t cols,
                               std::shared_ptr<const void> owner)
    : rows_(rows), cols_(cols), bytes_(bytes), owner_(std::move(owner)) {}

FastTextMatrix::FastTextMatrix(const std::shared_ptr<const Tensor>& rows)
    : FastTextMatrix(rows->any().bytes().data(), rows->shape()[0], rows->shape()[1], rows) {}

FastTextMatrix::FastTextMatrix(std::size_t rows, std::size_t cols, Quantized quantized)
    : rows_(rows),
      cols_(cols),
      quantized_(std::make_shared<const Quantized>(std::move(quantized))) {}

void FastTextMatrix::copy_row(std::size_t row, std::span<float> out) const {
  if (quantized_ == nullptr) {
    std::memcpy(out.data(), bytes_ + row * cols_ * sizeof(float), cols_ * sizeof(float));
    return;
  }
  std::ranges::fill(out, 0.0F);
  add_row(row, 1.0F, out, {});
}

void FastTextMatrix::add_row(std::size_t row, float scale, std::span<float> out,
                             std::span<float> scratch) const {
  if (quantized_ == nullptr) {
    const std::byte* from = bytes_ + row * cols_ * sizeof(float);
    if (reinterpret_cast<std::uintptr_t>(from) % alignof(float) == 0) {
      axpy(scale, {reinterpret_cast<const float*>(from), cols_}, out);
      return;
    }
    std::memcpy(scratch.data(), from, cols_ * sizeof(float));
    axpy(scale, scratch.first(cols_), out);
    return;
  }
  const Quantized& q = *quantized_;
  if (q.norm_quantizer) {
    float norm = 0;
    q.norm_quantizer->add({&q.norm_codes[row], 1}, 1.0F, {&norm, 1});
    scale *= norm;
  }
  const std::size_t parts = q.quantizer.num_parts();
  q.quantizer.add(std::span(q.codes).subspan(row * parts, parts), scale, out);
}

FastTextMatrix quantize(const FastTextMatrix& matrix, std::size_t dsub, bool qnorm,
                        std::uint64_t seed) {
  if (matrix.rows() == 0)
    fail(ErrorKind::kInvalidArgument, "quantize: expected a table with rows, found none");
  Tensor copy = Tensor::zeros<float>({matrix.rows(), matrix.cols()});
  const View<float> rows = copy.view<float>();
  Tensor norms = Tensor::zeros<float>({matrix.rows(), 1});
  for (std::size_t i = 0; i < matrix.rows(); ++i) {
    matrix.copy_row(i, rows.row(i));
    const float length = norm(rows.row(i));
    norms.view<float>()(i, 0) = length;
    if (qnorm && length > 0) divide(length, rows.row(i));
  }
  FastTextMatrix::Quantized out;
  out.quantizer = ProductQuantizer(matrix.cols(), dsub);
  out.quantizer.train(rows, seed);
  const std::size_t parts = out.quantizer.num_parts();
  out.codes.resize(matrix.rows() * parts);
  for (std::size_t i = 0; i < matrix.rows(); ++i)
    out.quantizer.encode(rows.row(i), std::span(out.codes).subspan(i * parts, parts));
  if (qnorm) {
    out.norm_quantizer.emplace(1, 1);
    out.norm_quantizer->train(norms.view<float>(), seed);
    out.norm_codes.resize(matrix.rows());
    for (std::size_t i = 0; i < matrix.rows(); ++i)
      out.norm_quantizer->encode(norms.view<float>().row(i), {&out.norm_codes[i], 1});
  }
  return {matrix.rows(), matrix.cols(), std::move(out)};
}

}  // namespace firth
