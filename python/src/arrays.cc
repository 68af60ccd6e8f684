#include "arrays.h"

namespace firth::python {

FloatArray array_of(Tensor tensor) {
  const std::span<const std::size_t> dims = tensor.shape().dims();
  const std::vector<std::size_t> shape(dims.begin(), dims.end());
  float* data = tensor.size() == 0 ? nullptr : tensor.view<float>().data();
  return array_of(data, shape, std::move(tensor));
}

}  // namespace firth::python
