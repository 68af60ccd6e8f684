// How the rows of a product are cut: into blocks that stay in the second-level cache while the
// panels of W pass by, and those into tiles that fit the registers. Neither touches a row's bits.
#pragma once

#include <algorithm>
#include <cstddef>

namespace firth {

struct RowBlock {
  // A block is a whole number of tiles, about this many rows: enough that reading a panel from
  // memory is paid back, few enough that 112 rows of 1,024 floats leave half of a 1 MiB cache free.
  static constexpr std::size_t kRows = 112;

  std::size_t first = 0;  // row of x
  std::size_t rows = 0;
  std::size_t max_tile_rows = 1;

  static RowBlock at(std::size_t first, std::size_t total_rows, std::size_t max_tile_rows) {
    const std::size_t most = std::max<std::size_t>(1, kRows / max_tile_rows) * max_tile_rows;
    return {first, std::min(most, total_rows - first), max_tile_rows};
  }

  std::size_t num_tiles() const { return (rows + max_tile_rows - 1) / max_tile_rows; }

  // Relative to `first`. Tiles are as equal as can be: 15 rows are 8 and 7, not 14 and 1.
  std::size_t tile_begin(std::size_t tile) const { return rows * tile / num_tiles(); }

  std::size_t tile_rows(std::size_t tile) const { return tile_begin(tile + 1) - tile_begin(tile); }

  // A tile of one or two rows has too few independent sums to fill the pipeline (a multiply-add
  // takes 4 cycles, and two start in each), so it takes several panels side by side.
  std::size_t panels_at_once() const { return rows == 1 ? 4 : rows == 2 ? 2 : 1; }
};

}  // namespace firth
