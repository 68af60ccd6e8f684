// firth._core, the extension module.
#include <nanobind/nanobind.h>

#include "bindings.h"
#include "computation.h"
#include "errors.h"

NB_MODULE(_core, module) {
  module.attr("__doc__") = "The engine. Private: use the names of the package firth.";
  firth::python::register_errors();
  firth::python::bind_computation(module);
  firth::python::bind_embedder(module);
  firth::python::bind_reranker(module);
  firth::python::bind_tokenizer(module);
  firth::python::bind_trainer(module);
  firth::python::bind_search(module);
  firth::python::bind_sparse(module);
  firth::python::bind_vectors(module);
  firth::python::bind_words(module);
  firth::python::bind_eval(module);
}
