// Prints how fast the kernels beside the products are, at every level of the machine: attention,
// layer norm, pooling and the scans of exact search. One thread; each figure is the best of several
// rounds, and the share is that of the multiply-add roof of the same level in the same run.
//
//   build/bench/kernels_bench [name]        only workloads whose name begins so
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "firth/core/random.h"
#include "firth/core/workspace.h"
#include "firth/kernels/attention.h"
#include "firth/kernels/cpu.h"
#include "firth/kernels/norm.h"
#include "firth/kernels/pool.h"
#include "firth/kernels/quantize.h"
#include "firth/kernels/roof.h"
#include "firth/kernels/scan.h"
#include "firth/kernels/vector.h"

namespace firth::bench {
namespace {

constexpr int kRounds = 7;
constexpr double kRoundSeconds = 0.01;
constexpr double kMaxSeconds = 0.5;  // of a workload, after which no further round is begun

// CPU time of the calling thread: other programs on the machine disturb it least.
double seconds_now() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

Tensor random_matrix(std::size_t rows, std::size_t cols, std::uint64_t seed) {
  Tensor out = Tensor::zeros<float>(Shape{rows, cols});
  Random random(seed);
  for (float& x : out.view<float>().span()) x = random.uniform() * 2.0F - 1.0F;
  return out;
}

// Seconds of one call, the best of the rounds.
template <class F>
double best_seconds(const F& f) {
  const double start = seconds_now();
  f();
  double best = seconds_now() - start;
  const auto repeats = 1 + static_cast<std::size_t>(kRoundSeconds / std::max(best, 1e-9));
  for (int round = 0; round < kRounds && seconds_now() - start < kMaxSeconds; ++round) {
    const double begin = seconds_now();
    for (std::size_t i = 0; i < repeats; ++i) f();
    best = std::min(best, (seconds_now() - begin) / static_cast<double>(repeats));
  }
  return best;
}

struct Level {
  std::string name;
  bool slow;    // the scalar level is not for large workloads
  double roof;  // GFLOP/s
};

double measured_roof() {
  constexpr std::size_t kSteps = 1'000'000;
  double operations = 0.0;
  const double seconds = best_seconds([&] { operations = run_f32_roof(kSteps); });
  return operations / seconds * 1e-9;
}

void print_rate(const Level& level, const std::string& workload, double operations,
                double seconds) {
  const double rate = operations / seconds * 1e-9;
  std::printf("%-7s %-36s %9.1f GFLOP/s  %5.1f %% of the roof\n", level.name.c_str(),
              workload.c_str(), rate, 100.0 * rate / level.roof);
}

void print_time(const Level& level, const std::string& workload, double seconds, double elements) {
  std::printf("%-7s %-36s %9.3f ns an element\n", level.name.c_str(), workload.c_str(),
              seconds / elements * 1e9);
}

void bench_attention(const Level& level) {
  for (const std::size_t head_dim : {32, 64}) {
    for (const std::size_t length : {8, 30, 128, 512, 2048, 8192}) {
      if (level.slow && length > 512) continue;
      constexpr std::size_t kHeads = 12;
      const std::size_t hidden = kHeads * head_dim;
      const std::size_t count = std::max<std::size_t>(1, 256 / length);  // sequences a batch
      const Tensor qkv = random_matrix(count * length, 3 * hidden, 1);
      Tensor y = Tensor::zeros<float>(Shape{count * length, hidden});
      std::vector<std::int64_t> offsets;
      for (std::size_t i = 0; i <= count; ++i) {
        offsets.push_back(static_cast<std::int64_t>(i * length));
      }
      const float* x = qkv.view<float>().data();
      const AttentionInput input{.q = x,
                                 .k = x + hidden,
                                 .v = x + 2 * hidden,
                                 .q_stride = 3 * hidden,
                                 .k_stride = 3 * hidden,
                                 .v_stride = 3 * hidden,
                                 .offsets = offsets,
                                 .num_heads = kHeads,
                                 .head_dim = head_dim,
                                 .scale = 0.17F};
      Arena scratch;
      const double seconds = best_seconds([&] { attention(input, y.view<float>(), scratch); });
      const auto n = static_cast<double>(length);
      print_rate(level,
                 "attention 12 x " + std::to_string(head_dim) + ", T = " + std::to_string(length),
                 4.0 * n * n * static_cast<double>(hidden * count), seconds);
    }
  }
}

void bench_rows(const Level& level) {
  constexpr std::size_t kRows = 128, kHidden = 384;
  const auto elements = static_cast<double>(kRows * kHidden);
  const Tensor x = random_matrix(kRows, kHidden, 2);
  const Tensor ones = random_matrix(1, kHidden, 3);
  Tensor y = Tensor::zeros<float>(Shape{kRows, kHidden});
  const LayerNormWeights weights{ones.view<float>().data(), ones.view<float>().data()};
  print_time(level, "layer_norm 384",
             best_seconds([&] { layer_norm(x.view<float>(), weights, y.view<float>()); }),
             elements);
  const std::vector<std::int64_t> offsets = {0, 28, 128};
  Tensor pooled = Tensor::zeros<float>(Shape{2, kHidden});
  print_time(level, "pool mean 384",
             best_seconds([&] { pool(x.view<float>(), offsets, {}, pooled.view<float>()); }),
             elements);
  print_time(level, "normalize_rows 384", best_seconds([&] { normalize_rows(y.view<float>()); }),
             elements);
  Tensor narrow = Tensor::zeros<std::int8_t>(Shape{kRows, kHidden});
  std::vector<float> scales(kRows);
  print_time(level, "quantize_int8_rows 384", best_seconds([&] {
               quantize_int8_rows(x.view<float>(), narrow.view<std::int8_t>(), scales);
             }),
             elements);
}

// f(block of rows begin, end) over the table, as exact search walks it.
template <class F>
void walk(std::size_t num_rows, const F& f) {
  for (std::size_t begin = 0; begin < num_rows; begin += kScanBlockRows) {
    f(begin, std::min(num_rows, begin + kScanBlockRows));
  }
}

void print_scan(const Level& level, const std::string& workload, double products, double bytes,
                double seconds) {
  const double rate = 2.0 * products / seconds * 1e-9;
  std::printf("%-7s %-36s %9.1f GOP/s  %6.1f GB/s  %5.1f %% of the f32 roof\n", level.name.c_str(),
              workload.c_str(), rate, bytes / seconds * 1e-9, 100.0 * rate / level.roof);
}

void bench_scans(const Level& level) {
  constexpr std::size_t kRows = 100'000, kDimension = 384;
  const Tensor rows = random_matrix(kRows, kDimension, 4);
  Tensor narrow = Tensor::zeros<std::int8_t>(Shape{kRows, kDimension});
  Tensor bits = Tensor::zeros<std::uint8_t>(Shape{kRows, kDimension / 8});
  std::vector<float> scales(kRows);
  quantize_int8_rows(rows.view<float>(), narrow.view<std::int8_t>(), scales);
  quantize_binary_rows(rows.view<float>(), bits.view<std::uint8_t>());
  for (const std::size_t count : {1, 4, 16, 64, 256}) {
    if (level.slow && count > 4) continue;
    const Tensor queries = random_matrix(count, kDimension, 5);
    Tensor query_bits = Tensor::zeros<std::uint8_t>(Shape{count, kDimension / 8});
    quantize_binary_rows(queries.view<float>(), query_bits.view<std::uint8_t>());
    std::vector<float> scores(count * kScanBlockRows);
    const std::string label = " 100000 x 384, " + std::to_string(count) + " queries";
    const auto products = static_cast<double>(count * kRows * kDimension);
    const auto table = static_cast<double>(kRows * kDimension);
    const double f32 = best_seconds([&] {
      walk(kRows, [&](std::size_t begin, std::size_t end) {
        scan_f32(queries.view<float>(), rows.view<float>().slice_rows(begin, end), scores.data(),
                 kScanBlockRows);
      });
    });
    print_scan(level, "scan f32" + label, products, table * 4, f32);
    const double int8 = best_seconds([&] {
      const Int8Queries prepared(queries.view<float>());
      walk(kRows, [&](std::size_t begin, std::size_t end) {
        const Int8Rows block{narrow.view<std::int8_t>().data() + begin * kDimension,
                             scales.data() + begin, end - begin};
        scan_int8(prepared, block, scores.data(), kScanBlockRows);
      });
    });
    print_scan(level, "scan int8" + label, products, table, int8);
    const double hamming = best_seconds([&] {
      walk(kRows, [&](std::size_t begin, std::size_t end) {
        scan_hamming(query_bits.view<std::uint8_t>(),
                     bits.view<std::uint8_t>().slice_rows(begin, end), scores.data(),
                     kScanBlockRows);
      });
    });
    print_scan(level, "scan binary" + label, products, table / 8, hamming);
  }
}

void bench_level(CpuLevel asked, std::string_view only) {
  const std::string name(cpu_level_name(asked));
  if (asked > machine_cpu_level()) {
    std::printf("%-7s not on this machine\n", name.c_str());
    return;
  }
  set_cpu_level(asked);
  const Level level{name, asked == CpuLevel::kScalar, measured_roof()};
  std::printf("%-7s f32 roof %.1f GFLOP/s\n", name.c_str(), level.roof);
  const auto wanted = [&](std::string_view workload) { return workload.starts_with(only); };
  if (wanted("attention")) bench_attention(level);
  if (wanted("rows")) bench_rows(level);
  if (wanted("scan")) bench_scans(level);
}

}  // namespace
}  // namespace firth::bench

int main(int argc, char** argv) {
  using firth::CpuLevel;
  const std::string_view only = argc > 1 ? argv[1] : "";
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  std::printf("%s, one thread\n", firth::cpu_model_name().c_str());
  for (const CpuLevel level :
       {CpuLevel::kScalar, CpuLevel::kAvx2, CpuLevel::kAvx512, CpuLevel::kVnni}) {
    firth::bench::bench_level(level, only);
  }
  return 0;
}
