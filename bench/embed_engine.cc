// firth as an engine of bench/run.py: embed_engine MODEL TEXTS.json THREADS [PRECISION]. It answers
// the lines of bench/peers/protocol.py: `run` embeds every text once, tokenization included, `save
// PATH` writes the vectors of the last run, `quit` tells the peak memory.
#include <iostream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bench/engine.h"
#include "firth/core/thread_pool.h"
#include "firth/embed/open_embedder.h"
#include "firth/io/json.h"
#include "firth/io/npy.h"

int main(int argc, char** argv) {
  const auto precision = firth::precision_choice(argc > 4 ? argv[4] : "");
  if (argc < 4 || argc > 5 || !precision) {
    std::cerr << "usage: embed_engine MODEL TEXTS.json THREADS [f32|bf16|int8|auto]\n";
    return 2;
  }
  const auto document = firth::JsonDocument::read(argv[2]);
  std::vector<std::string_view> texts;
  for (const firth::Json& text : document.root().elements()) texts.push_back(text.as_string());

  const double start = firth::bench::seconds_now();
  firth::ThreadPool pool(std::stoul(argv[3]));
  firth::Workspace workspace(pool);
  const auto embedder = firth::open_embedder(argv[1], {.precision = *precision}, &pool);
  firth::JsonWriter about = firth::bench::about("firth", firth::bench::seconds_now() - start);
  about.field("roof_gflops", firth::bench::roof_gflops());
  firth::bench::reply(about);

  firth::Vectors vectors;
  firth::bench::serve(
      [&] { vectors = embedder->embed(std::span<const std::string_view>(texts), {}, workspace); },
      [&](const std::string& path) {
        firth::NpyWriter writer(path, firth::DType::kF32, vectors.values.shape()[1]);
        writer.write(vectors.values.view<float>().span());
        writer.commit();
      });
  return 0;
}
