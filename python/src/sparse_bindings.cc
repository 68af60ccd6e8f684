// firth/core/sparse_matrix.h.
#include "bindings.h"
#include "computation.h"
#include "sparse_arrays.h"

namespace firth::python {
namespace {

template <class T>
CsrOut<T> sorted_csr(const CsrIn<T>& matrix) {
  const auto sorted = std::make_shared<SparseMatrix<T>>();
  run_function([=] {
    const SparseView<T> view = view_of<T>(matrix);
    check_csr(view, /*sorted=*/false);
    *sorted = with_sorted_rows(view);
  });
  return csr_of(std::move(*sorted));
}

}  // namespace

void bind_sparse(nb::module_& module) {
  using nb::arg;
  // Two names: mypy takes overloads by the type of an array's elements for one.
  module.def("sorted_csr_f32", &sorted_csr<float>, arg("matrix").noconvert());
  module.def("sorted_csr_f64", &sorted_csr<double>, arg("matrix").noconvert());
}

}  // namespace firth::python
