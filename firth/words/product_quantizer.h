// Product quantisation as in fastText's .ftz (Jegou et al. 2011; Joulin et al. 2016,
// arXiv:1612.03651): a vector is cut into parts of dsub components, each of which becomes the
// number of the nearest of 256 centroids. The last part may be shorter.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "firth/core/tensor.h"

namespace firth {

class ProductQuantizer {
 public:
  static constexpr std::size_t kCentroids = 256;

  ProductQuantizer() = default;
  ProductQuantizer(std::size_t dim, std::size_t dsub);
  // As they lie in a file: (num_parts, 256, dsub), the last part's rows last_dsub long.
  ProductQuantizer(std::size_t dim, std::size_t dsub, std::vector<float> centroids);

  std::size_t dim() const { return dim_; }

  std::size_t dsub() const { return dsub_; }

  std::size_t num_parts() const { return num_parts_; }

  std::size_t last_dsub() const { return part_size(num_parts_ - 1); }

  std::span<const float> centroids() const { return centroids_; }

  // k-means, 25 rounds over at most 65,536 rows; rows: (n, dim), n > 0. With fewer than 256 rows
  // the centroids that are left over stay zero.
  void train(View<const float> rows, std::uint64_t seed);

  void encode(std::span<const float> row, std::span<std::uint8_t> codes) const;

  // out += scale * what the codes stand for.
  void add(std::span<const std::uint8_t> codes, float scale, std::span<float> out) const;

 private:
  std::size_t part_size(std::size_t part) const {
    return part + 1 == num_parts_ ? dim_ - part * dsub_ : dsub_;
  }

  std::span<const float> centroid(std::size_t part, std::size_t code) const {
    const std::size_t size = part_size(part);
    return std::span(centroids_).subspan(part * kCentroids * dsub_ + code * size, size);
  }

  void train_part(std::size_t part, View<const float> rows, std::uint64_t seed);
  std::size_t nearest(std::size_t part, const float* x) const;

  std::size_t dim_ = 0;
  std::size_t dsub_ = 0;
  std::size_t num_parts_ = 0;
  std::vector<float> centroids_;
};

}  // namespace firth
