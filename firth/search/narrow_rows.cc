#include "firth/search/narrow_rows.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "firth/core/error.h"
#include "firth/kernels/quantize.h"
#include "firth/kernels/vector.h"

namespace firth {
namespace {

constexpr std::size_t kGrainRows = 4096;

[[noreturn]] void fail_row(std::span<const float> row, std::size_t i) {
  const auto bad =
      std::find_if_not(row.begin(), row.end(), [](float x) { return std::isfinite(x); });
  if (bad == row.end()) {
    fail(ErrorKind::kInvalidArgument, "row ", i,
         ": expected a vector shorter than 1.8e19, found one whose squared length is beyond f32");
  }
  fail(ErrorKind::kInvalidArgument, "row ", i, ": expected finite numbers, found ", *bad,
       " at component ", bad - row.begin());
}

float int8_norm(std::span<const std::int8_t> row, float scale) {
  constexpr std::size_t kStep = 65536;  // squares of 128 that 32 bits can add up
  std::int64_t sum = 0;
  for (std::size_t begin = 0; begin < row.size(); begin += kStep) {
    std::int32_t part = 0;
    for (const std::int8_t x : row.subspan(begin, std::min(kStep, row.size() - begin))) {
      part += x * x;
    }
    sum += part;
  }
  return static_cast<float>(scale * std::sqrt(static_cast<double>(sum)));
}

struct OwnedRows {
  Tensor narrow;
  std::vector<float> scales;
  std::vector<float> norms;
};

}  // namespace

void find_norms(View<const float> rows, std::span<float> norms, ThreadPool& pool) {
  pool.parallel_for(norms.size(), kGrainRows, [&](std::size_t begin, std::size_t end, std::size_t) {
    for (std::size_t i = begin; i < end; ++i) {
      norms[i] = std::sqrt(squared_norm(rows.row(i)));
      if (!std::isfinite(norms[i])) fail_row(rows.row(i), i);
    }
  });
}

NarrowRows narrow_rows(View<const float> rows, RowForm form, ThreadPool& pool) {
  const std::size_t n = rows.rows();
  auto owned = std::make_shared<OwnedRows>();
  owned->norms.resize(n);
  find_norms(rows, owned->norms, pool);
  NarrowRows result{.form = form,
                    .dimension = rows.cols(),
                    .int8 = {},
                    .bits = {},
                    .scales = {},
                    .norms = owned->norms,
                    .owner = owned};
  if (form == RowForm::kInt8) {
    owned->narrow = Tensor::zeros<std::int8_t>(rows.shape());
    owned->scales.resize(n);
    const View<std::int8_t> values = owned->narrow.view<std::int8_t>();
    pool.parallel_for(n, kGrainRows, [&](std::size_t begin, std::size_t end, std::size_t) {
      quantize_int8_rows(rows.slice_rows(begin, end), values.slice_rows(begin, end),
                         std::span(owned->scales).subspan(begin, end - begin));
    });
    result.int8 = values;
    result.scales = owned->scales;
  } else {
    owned->narrow = Tensor::zeros<std::uint8_t>(Shape{n, binary_bytes(rows.cols())});
    const View<std::uint8_t> bits = owned->narrow.view<std::uint8_t>();
    pool.parallel_for(n, kGrainRows, [&](std::size_t begin, std::size_t end, std::size_t) {
      quantize_binary_rows(rows.slice_rows(begin, end), bits.slice_rows(begin, end));
    });
    result.bits = bits;
  }
  return result;
}

NarrowRows int8_rows(View<const std::int8_t> values, std::span<const float> scales,
                     ThreadPool& pool) {
  const std::size_t n = values.rows();
  if (scales.size() != n) {
    fail(ErrorKind::kInvalidArgument, "int8 vectors: expected a scale for each of ", n,
         " rows, found ", scales.size());
  }
  auto norms = std::make_shared<std::vector<float>>(n);
  pool.parallel_for(n, kGrainRows, [&](std::size_t begin, std::size_t end, std::size_t) {
    for (std::size_t i = begin; i < end; ++i) {
      (*norms)[i] = int8_norm(values.row(i), scales[i]);
      if (!std::isfinite((*norms)[i])) {
        fail(ErrorKind::kInvalidArgument, "int8 vectors: row ", i,
             ": expected a finite scale, found ", scales[i]);
      }
    }
  });
  return {.form = RowForm::kInt8,
          .dimension = values.cols(),
          .int8 = values,
          .bits = {},
          .scales = scales,
          .norms = *norms,
          .owner = norms};
}

}  // namespace firth
