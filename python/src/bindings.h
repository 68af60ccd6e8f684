// The parts of firth._core: one function for each group of the engine's headers. What a group
// gives Python is plain; firth/*.py makes the interface that people see of it.
#pragma once

#include <nanobind/nanobind.h>

#include <string>

#include "firth/core/embedder.h"
#include "firth/models/open_options.h"

namespace firth::python {

namespace nb = nanobind;

void bind_embedder(nb::module_& module);   // core/embedder.h, embed/open_embedder.h
void bind_reranker(nb::module_& module);   // core/reranker.h, embed/open_reranker.h
void bind_tokenizer(nb::module_& module);  // text/tokenizer.h
void bind_trainer(nb::module_& module);    // text/tokenizer_trainer.h
void bind_search(nb::module_& module);     // search/exact_index.h, search/exact_score.h
void bind_sparse(nb::module_& module);     // core/sparse_matrix.h
void bind_vectors(nb::module_& module);    // io/vector_file.h
void bind_words(nb::module_& module);      // words/word_trainer.h, words/fasttext_model.h
void bind_eval(nb::module_& module);       // eval/

// A ValueError lists the names.
Similarity parse_similarity(const std::string& name);
PrecisionChoice parse_precision(const std::string& name);

}  // namespace firth::python
