// Products alone, beside the roof of the core: for each CPU level of the machine and each shape
// that occurs in encoders, giga-operations per second of one thread and their share of the f32
// multiply-adds the core can do in registers, measured between the shapes. Few rows (a query) are
// bound by how fast W can be read, so for one row gigabytes per second are printed as well.
//
//   product_bench [LEVEL…]        scalar avx2 avx512 vnni amx; default: avx2 and all above
//
// Times are CPU time of the thread, best of several rounds.
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "firth/core/random.h"
#include "firth/kernels/cpu.h"
#include "firth/kernels/product.h"
#include "firth/kernels/roof.h"

namespace firth {
namespace {

double thread_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

// Seconds of one call: the best of several rounds, each long enough for the clock.
template <class Call>
double best_seconds(double expected_seconds, const Call& call) {
  const int calls = std::max(1, static_cast<int>(0.004 / expected_seconds));
  double best = 1e30;
  for (int round = 0; round < 7; ++round) {
    const double start = thread_seconds();
    for (int i = 0; i < calls; ++i) call();
    best = std::min(best, (thread_seconds() - start) / calls);
  }
  return best;
}

double measured_roof() {
  constexpr std::size_t kSteps = 1000000;
  double operations = 0;
  const double seconds = best_seconds(1.0, [&] { operations = run_f32_roof(kSteps); });
  return operations / seconds;
}

Tensor random_matrix(std::size_t rows, std::size_t cols) {
  Tensor out(DType::kF32, Shape{rows, cols});
  Random random(rows);
  for (float& v : out.view<float>().span()) v = random.normal();
  return out;
}

void measure_shape(std::size_t k, std::size_t n, Precision precision) {
  const Tensor w = random_matrix(n, k);
  const PackedWeight packed(w.view<float>(), precision);
  const double roof = measured_roof();
  std::printf("%6zu %6zu", k, n);
  for (const std::size_t rows : {1, 2, 4, 8, 16, 64, 256, 2048}) {
    const Tensor x = random_matrix(rows, k);
    Tensor y(DType::kF32, Shape{rows, n});
    const double operations = 2.0 * static_cast<double>(rows * k * n);
    const double seconds = best_seconds(
        operations / roof, [&] { packed_product(x.view<float>(), packed, {}, y.view<float>()); });
    std::printf(" %5.0f %3.0f%%", 1e-9 * operations / seconds, 100 * operations / seconds / roof);
    if (rows == 1) std::printf(" %4.0f", 1e-9 * static_cast<double>(packed.bytes()) / seconds);
  }
  std::printf("   %4.0f\n", 1e-9 * roof);
  std::fflush(stdout);
}

void measure_level(CpuLevel level, Precision precision) {
  const std::string name(cpu_level_name(level));
  if (level > machine_cpu_level()) {
    std::printf("\n%s: not on this machine\n", name.c_str());
    return;
  }
  set_cpu_level(level);
  std::printf("\n%s, %s: Gop/s and share of the f32 roof by rows (one row: GB/s of W)\n",
              name.c_str(), std::string(precision_name(precision)).c_str());
  std::printf(
      "     k      n          1             2          4          8         16"
      "         64        256       2048   roof\n");
  constexpr std::pair<std::size_t, std::size_t> kShapes[] = {{384, 384},   {384, 1152}, {384, 1536},
                                                             {1536, 384},  {768, 3072}, {3072, 768},
                                                             {1024, 4096}, {4096, 1024}};
  for (const auto& [k, n] : kShapes) measure_shape(k, n, precision);
}

}  // namespace

// The levels named on the command line, or all but the scalar one.
void measure(std::span<const char* const> names) {
  const std::vector<std::string> asked(names.begin(), names.end());
  std::printf("%s, one thread\n", cpu_model_name().c_str());
  for (const CpuLevel level :
       {CpuLevel::kScalar, CpuLevel::kAvx2, CpuLevel::kAvx512, CpuLevel::kVnni, CpuLevel::kAmx}) {
    const bool named = std::find(asked.begin(), asked.end(), cpu_level_name(level)) != asked.end();
    if (!named && (!asked.empty() || level == CpuLevel::kScalar)) continue;
    for (const Precision precision : {Precision::kF32, Precision::kBF16, Precision::kInt8}) {
      measure_level(level, precision);
    }
  }
}

}  // namespace firth

int main(int argc, char** argv) {
  firth::measure({argv + 1, static_cast<std::size_t>(argc) - 1});
  return 0;
}
