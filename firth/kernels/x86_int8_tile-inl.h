// One tile of the int8 product. x86_int8.cc includes this inside its namespace once for each level,
// with FIRTH_LEVEL the class that holds the level's instructions and FIRTH_TARGET the attribute
// that lets the compiler use them.

template <>
struct Tile<FIRTH_LEVEL> {
  using Level = FIRTH_LEVEL;

  // sums: (kRows, kPanels * panel width)
  template <std::size_t kRows, std::size_t kPanels>
  FIRTH_TARGET static void add(const NarrowTileInput& in, std::int32_t* sums) {
    constexpr std::size_t kVectors = kPanels * 2;
    Level::Vector acc[kRows][kVectors];
#pragma GCC unroll 16
    for (std::size_t i = 0; i < kRows; ++i) {
#pragma GCC unroll 16
      for (std::size_t j = 0; j < kVectors; ++j) acc[i][j] = Level::broadcast(0);
    }
    const std::byte* x = in.x;
    const std::byte* panel = in.panel;
    const std::size_t x_stride = in.x_stride, panel_size = in.panel_size;
    for (const std::byte* end = x + in.groups * 4; x != end; x += 4) {
      Level::Vector w[kVectors];
#pragma GCC unroll 16
      for (std::size_t j = 0; j < kVectors; ++j) {
        w[j] = Level::load_weights(panel + j / 2 * panel_size + j % 2 * Level::kLoadBytes);
      }
      panel += 2 * Level::kLoadBytes;
#pragma GCC unroll 16
      for (std::size_t i = 0; i < kRows; ++i) {
        const Level::Vector xi = Level::broadcast(group_at(x + i * x_stride));
#pragma GCC unroll 16
        for (std::size_t j = 0; j < kVectors; ++j) {
          acc[i][j] = Level::add_products(acc[i][j], xi, w[j]);
        }
      }
    }
#pragma GCC unroll 16
    for (std::size_t i = 0; i < kRows; ++i) {
#pragma GCC unroll 16
      for (std::size_t j = 0; j < kVectors; ++j) {
        Level::store(sums + (i * kVectors + j) * Level::kLanes, acc[i][j]);
      }
    }
  }
};

#undef FIRTH_LEVEL
#undef FIRTH_TARGET
