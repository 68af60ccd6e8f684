// firth as an engine of bench/run.py: embed_engine MODEL TEXTS.json THREADS. It answers the lines
// of bench/peers/protocol.py: `run` embeds every text once, tokenization included, `save PATH`
// writes the vectors of the last run, `quit` tells the peak memory.
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <iostream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "firth/core/thread_pool.h"
#include "firth/embed/open_embedder.h"
#include "firth/io/json.h"
#include "firth/io/json_writer.h"
#include "firth/io/npy.h"
#include "firth/kernels/cpu.h"
#include "firth/kernels/roof.h"

namespace {

double seconds_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double cpu_seconds_now() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

void reply(firth::JsonWriter& json) {
  std::cout << json.end_object().take() << std::endl;
}

// GFLOP/s of one core that does nothing but multiply-adds in registers; the best of five rounds.
double roof_gflops() {
  double best = 0;
  for (int round = 0; round < 5; ++round) {
    const double start = seconds_now();
    const double operations = firth::run_f32_roof(2'000'000);
    best = std::max(best, operations / (seconds_now() - start) * 1e-9);
  }
  return best;
}

double peak_mib() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024.0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "usage: embed_engine MODEL TEXTS.json THREADS\n";
    return 2;
  }
  const auto document = firth::JsonDocument::read(argv[2]);
  std::vector<std::string_view> texts;
  for (const firth::Json& text : document.root().elements()) texts.push_back(text.as_string());

  const double start = seconds_now();
  firth::ThreadPool pool(std::stoul(argv[3]));
  firth::Workspace workspace(pool);
  const auto embedder = firth::open_embedder(argv[1], {}, &pool);
  const double load_seconds = seconds_now() - start;

  firth::JsonWriter json;
  json.begin_object().field("engine", "firth").field("version", FIRTH_VERSION);
  json.field("level", firth::cpu_level_name(firth::cpu_level()))
      .field("load_seconds", load_seconds);
  json.field("roof_gflops", roof_gflops());
  reply(json);

  firth::Vectors vectors;
  for (std::string line; std::getline(std::cin, line);) {
    firth::JsonWriter answer;
    answer.begin_object();
    if (line == "run") {
      const double wall = seconds_now();
      const double cpu = cpu_seconds_now();
      vectors = embedder->embed(std::span<const std::string_view>(texts), {}, workspace);
      answer.field("seconds", seconds_now() - wall).field("cpu_seconds", cpu_seconds_now() - cpu);
    } else if (line.starts_with("save ")) {
      firth::NpyWriter writer(line.substr(5), firth::DType::kF32, vectors.values.shape()[1]);
      writer.write(vectors.values.view<float>().span());
      writer.commit();
    } else {
      answer.field("peak_mib", peak_mib());
    }
    reply(answer);
    if (line == "quit") return 0;
  }
}
