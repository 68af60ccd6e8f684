#include "firth/kernels/scan.h"

#include <bit>
#include <cmath>
#include <cstring>

#include "firth/kernels/quantize.h"
#include "firth/kernels/vector.h"

namespace firth {
namespace {

std::int32_t dot_int8_scalar(const std::uint8_t* query, int offset, const std::int8_t* row,
                             std::size_t n) {
  std::int32_t sum = 0;
  for (std::size_t j = 0; j < n; ++j) sum += (query[j] - offset) * row[j];
  return sum;
}

std::uint32_t hamming_scalar(const std::uint8_t* a, const std::uint8_t* b, std::size_t num_bytes) {
  int sum = 0;
  for (std::size_t j = 0; j < num_bytes; ++j) {
    sum += std::popcount(static_cast<std::uint8_t>(a[j] ^ b[j]));
  }
  return static_cast<std::uint32_t>(sum);
}

}  // namespace

void scan_f32(View<const float> queries, View<const float> rows, float* scores,
              std::size_t stride) {
  for (std::size_t i = 0; i < queries.rows(); ++i) {
    for (std::size_t j = 0; j < rows.rows(); ++j) {
      scores[i * stride + j] = dot(queries.row(i), rows.row(j));
    }
  }
}

Int8Queries::Int8Queries(View<const float> queries)
    : dimension_(queries.cols()),
      padded_dimension_((queries.cols() + 63) / 64 * 64),
      offset_(128),
      scales_(queries.rows()),
      bytes_(queries.rows() * padded_dimension_, static_cast<std::uint8_t>(offset_)) {
  std::vector<std::int8_t> values(dimension_);
  for (std::size_t i = 0; i < queries.rows(); ++i) {
    quantize_int8_rows(queries.slice_rows(i, i + 1), {values.data(), Shape{1, dimension_}},
                       std::span(scales_).subspan(i, 1));
    for (std::size_t j = 0; j < dimension_; ++j) {
      bytes_[i * padded_dimension_ + j] = static_cast<std::uint8_t>(values[j] + offset_);
    }
  }
}

void scan_int8(const Int8Queries& queries, const Int8Rows& rows, float* scores,
               std::size_t stride) {
  for (std::size_t i = 0; i < queries.num_queries(); ++i) {
    const std::uint8_t* query = queries.bytes().data() + i * queries.padded_dimension();
    for (std::size_t j = 0; j < rows.num_rows; ++j) {
      const std::int32_t sum = dot_int8_scalar(
          query, queries.offset(), rows.values + j * queries.dimension(), queries.dimension());
      scores[i * stride + j] = static_cast<float>(sum) * rows.scales[j] * queries.scales()[i];
    }
  }
}

void scan_hamming(View<const std::uint8_t> queries, View<const std::uint8_t> rows,
                  std::uint32_t* distances, std::size_t stride) {
  for (std::size_t i = 0; i < queries.rows(); ++i) {
    for (std::size_t j = 0; j < rows.rows(); ++j) {
      distances[i * stride + j] =
          hamming_scalar(queries.row(i).data(), rows.row(j).data(), rows.cols());
    }
  }
}

}  // namespace firth
