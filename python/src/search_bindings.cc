// firth/search/exact_index.h and exact_score.h: matrices against matrices.
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <string>

#include "arrays.h"
#include "bindings.h"
#include "computation.h"
#include "firth/core/error.h"
#include "firth/kernels/product.h"
#include "firth/kernels/vector.h"
#include "firth/search/exact_index.h"
#include "firth/search/exact_score.h"
#include "model.h"

namespace firth::python {
namespace {

constexpr double kSmallOperations = 1e7;
constexpr std::size_t kRowsAPiece = 16;  // of the parallel loops

RowForm parse_form(const std::string& name) {
  if (name == "f32") return RowForm::kF32;
  if (name == "int8") return RowForm::kInt8;
  if (name == "binary") return RowForm::kBinary;
  fail(ErrorKind::kInvalidArgument, "form: expected 'f32', 'int8' or 'binary', found ",
       quoted(name));
}

bool is_small(const MatrixIn& a, const MatrixIn& b) {
  const auto products = static_cast<double>(a.shape(0)) * static_cast<double>(b.shape(0));
  return products * static_cast<double>(a.shape(1)) <= kSmallOperations;
}

void check_width(const MatrixIn& a, const MatrixIn& b) {
  if (a.shape(1) != b.shape(1)) {
    fail(ErrorKind::kInvalidArgument, "vectors: expected two matrices of one dimension, found ",
         a.shape(1), " and ", b.shape(1));
  }
}

Tensor unit_rows(View<const float> rows) {
  Tensor unit = Tensor::zeros<float>(rows.shape());
  std::ranges::copy(rows.span(), unit.view<float>().data());
  normalize_rows(unit.view<float>());
  return unit;
}

// A call holds the arrays that it reads.
class SimilarityMatrix final : public Computation {
 public:
  SimilarityMatrix(MatrixIn a, MatrixIn b, Similarity similarity)
      : a_(std::move(a)), b_(std::move(b)), similarity_(similarity) {}

  void run() override {
    result = Tensor::zeros<float>({a_.shape(0), b_.shape(0)});
    if (result.size() == 0) return;
    const bool product = similarity_ == Similarity::kDot || similarity_ == Similarity::kCosine;
    product&& a_.shape(1) > 0 ? multiply() : score();
  }

  Tensor result;

 private:
  void multiply() {
    const bool cosine = similarity_ == Similarity::kCosine;
    const Tensor unit_a = cosine ? unit_rows(view_of(a_)) : Tensor();
    const Tensor unit_b = cosine ? unit_rows(view_of(b_)) : Tensor();
    const View<const float> a = cosine ? unit_a.view<float>() : view_of(a_);
    const PackedWeight b(cosine ? unit_b.view<float>() : view_of(b_), Precision::kF32);
    shared_pool()->parallel_for(a.rows(), kRowsAPiece,
                                [&](std::size_t begin, std::size_t end, std::size_t) {
                                  at(begin);
                                  packed_product(a.slice_rows(begin, end), b, {},
                                                 result.view<float>().slice_rows(begin, end));
                                });
  }

  void score() {
    const View<const float> a = view_of(a_);
    const View<const float> b = view_of(b_);
    shared_pool()->parallel_for(
        a.rows(), kRowsAPiece, [&](std::size_t begin, std::size_t end, std::size_t) {
          at(begin);
          for (std::size_t i = begin; i < end; ++i) {
            const auto row = result.view<float>().row(i);
            for (std::size_t j = 0; j < b.rows(); ++j)
              row[j] = static_cast<float>(exact_score(similarity_, a.row(i), b.row(j)));
          }
        });
  }

  MatrixIn a_;
  MatrixIn b_;
  Similarity similarity_;
};

FloatArray similarity_matrix(const MatrixIn& a, const MatrixIn& b, const std::string& similarity) {
  check_width(a, b);
  const auto call = std::make_shared<SimilarityMatrix>(a, b, parse_similarity(similarity));
  run(call, {.small = is_small(a, b)});
  return array_of(std::move(call->result));
}

FloatArray similarity_pairs(const MatrixIn& a, const MatrixIn& b, const std::string& similarity) {
  check_width(a, b);
  if (a.shape(0) != b.shape(0)) {
    fail(ErrorKind::kInvalidArgument, "vectors: expected as many rows as there are, ", a.shape(0),
         ", in both matrices, found ", b.shape(0));
  }
  const Similarity kind = parse_similarity(similarity);
  std::vector<float> scores(a.shape(0));
  for (std::size_t i = 0; i < scores.size(); ++i)
    scores[i] = static_cast<float>(exact_score(kind, view_of(a).row(i), view_of(b).row(i)));
  return array_of(std::move(scores));
}

// An index with the array that it borrows.
struct Index {
  Index(MatrixIn matrix, const ExactIndexOptions& options)
      : rows(std::move(matrix)), index(view_of(rows), options, *shared_pool()) {}

  MatrixIn rows;
  ExactIndex index;
};

std::shared_ptr<Index> make_index(const MatrixIn& rows, const std::string& similarity,
                                  const std::string& form, std::size_t overfetch) {
  const ExactIndexOptions options{
      .similarity = parse_similarity(similarity), .form = parse_form(form), .overfetch = overfetch};
  const auto made = std::make_shared<std::shared_ptr<Index>>();
  run_function([=] { *made = std::make_shared<Index>(rows, options); });
  return std::move(*made);
}

class SearchCall final : public Computation {
 public:
  SearchCall(std::shared_ptr<const Index> index, MatrixIn queries, std::size_t k)
      : index_(std::move(index)), queries_(std::move(queries)), k_(k) {}

  void run() override { hits = index_->index.search(view_of(queries_), k_, *shared_pool()); }

  std::vector<std::vector<Hit>> hits;

 private:
  std::shared_ptr<const Index> index_;
  MatrixIn queries_;
  std::size_t k_;
};

// (rows, scores): (m, k) int64 and f32, k cut to the number of rows.
using RowsAndScores = nb::typed<nb::tuple, Int64Array, FloatArray>;

RowsAndScores search(const std::shared_ptr<Index>& index, const MatrixIn& queries, std::size_t k) {
  const auto call = std::make_shared<SearchCall>(index, queries, k);
  run(call, {.small = is_small(queries, index->rows)});
  const std::size_t columns = std::min(k, index->index.num_rows());
  std::vector<std::int64_t> rows;
  std::vector<float> scores;
  for (const std::vector<Hit>& hits : call->hits) {
    for (const Hit& hit : hits) {
      rows.push_back(static_cast<std::int64_t>(hit.row));
      scores.push_back(static_cast<float>(hit.score));
    }
  }
  const std::vector<std::size_t> shape = {call->hits.size(), columns};
  std::int64_t* row_data = rows.data();
  float* score_data = scores.data();
  return RowsAndScores(nb::make_tuple(array_of(row_data, shape, std::move(rows)),
                                      array_of(score_data, shape, std::move(scores))));
}

}  // namespace

Similarity parse_similarity(const std::string& name) {
  for (const Similarity similarity :
       {Similarity::kCosine, Similarity::kDot, Similarity::kEuclidean, Similarity::kManhattan})
    if (name == similarity_name(similarity)) return similarity;
  fail(ErrorKind::kInvalidArgument,
       "similarity: expected 'cosine', 'dot', 'euclidean' or 'manhattan', found ", quoted(name));
}

void bind_search(nb::module_& module) {
  using nb::arg;
  module.def("similarity_matrix", &similarity_matrix, arg("a").noconvert(), arg("b").noconvert(),
             arg("similarity"));
  module.def("similarity_pairs", &similarity_pairs, arg("a").noconvert(), arg("b").noconvert(),
             arg("similarity"));
  nb::class_<Index>(module, "Index", "An exact index; see firth.Index.")
      .def_prop_ro("num_rows", [](const Index& index) { return index.index.num_rows(); })
      .def_prop_ro("dimension", [](const Index& index) { return index.index.dimension(); })
      .def("search", &search, arg("queries").noconvert(), arg("k"));
  module.def("make_index", &make_index, arg("rows").noconvert(), arg("similarity"), arg("form"),
             arg("overfetch"));
}

}  // namespace firth::python
