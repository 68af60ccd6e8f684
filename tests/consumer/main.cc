// Uses the library as another project would: one umbrella header, one target. Embeds three texts
// with the model named on the command line and ranks them by their nearness to the first.
#include <array>
#include <cstdio>
#include <string_view>

#include "firth/firth.h"

int main(int argc, char** argv) {
  try {
    if (argc != 2) return 2;
    firth::ThreadPool pool(2);
    firth::Workspace workspace(pool);
    const auto embedder = firth::open_embedder(argv[1], {}, &pool);
    constexpr std::array<std::string_view, 3> kTexts = {"a cat", "a cat sat", "stock markets fell"};
    const firth::Vectors vectors = embedder->embed(std::span(kTexts), {}, workspace);

    const firth::View<const float> rows = vectors.values.view<float>();
    const firth::ExactIndex index(rows, {}, pool);
    const auto hits = index.search(rows.slice_rows(0, 1), 3, pool);
    for (const firth::Hit& hit : hits[0]) {
      std::printf("%.4f  %s\n", hit.score, kTexts[hit.row].data());
    }
    return 0;
  } catch (const firth::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
