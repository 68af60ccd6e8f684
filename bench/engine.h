// What the engines of this folder share: clocks, the machine's roof, and the line protocol of
// bench/peers/protocol.py.
#pragma once

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <iostream>
#include <string>

#include "firth/io/json_writer.h"
#include "firth/kernels/cpu.h"
#include "firth/kernels/roof.h"

namespace firth::bench {

inline double seconds_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

inline double cpu_seconds_now() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

// GFLOP/s of one core that does nothing but multiply-adds in registers; the best of five rounds.
inline double roof_gflops() {
  double best = 0;
  for (int round = 0; round < 5; ++round) {
    const double start = seconds_now();
    const double operations = run_f32_roof(2'000'000);
    best = std::max(best, operations / (seconds_now() - start) * 1e-9);
  }
  return best;
}

inline double peak_mib() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024.0;
}

// Ends the object and sends it.
inline void reply(JsonWriter& json) {
  std::cout << json.end_object().take() << std::endl;
}

// The beginning of an engine's first line.
inline JsonWriter about(const std::string& engine, double load_seconds) {
  JsonWriter json;
  json.begin_object().field("engine", engine).field("version", FIRTH_VERSION);
  json.field("level", cpu_level_name(cpu_level())).field("load_seconds", load_seconds);
  return json;
}

// Answers until `quit`.
template <class Run, class Save>
void serve(Run&& run, Save&& save) {
  for (std::string line; std::getline(std::cin, line);) {
    JsonWriter answer;
    answer.begin_object();
    if (line == "run") {
      const double wall = seconds_now();
      const double cpu = cpu_seconds_now();
      run();
      answer.field("seconds", seconds_now() - wall).field("cpu_seconds", cpu_seconds_now() - cpu);
    } else if (line.starts_with("save ")) {
      save(line.substr(5));
    } else {
      answer.field("peak_mib", peak_mib());
    }
    reply(answer);
    if (line == "quit") return;
  }
}

}  // namespace firth::bench
