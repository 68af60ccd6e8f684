// Exact search over a table of sentence-like vectors: queries a second, GFLOP/s of the first pass,
// recall@10 of the narrow forms.
//
//   search_bench [--rows N] [--dim D] [--queries Q] [--threads T] [--rounds R] [--npy FILE]
//
// Without --npy the rows are made: each lies near one of some hundred centres, so that neighbours
// are as close to one another as those of real texts; the queries are rows with noise added. With
// it the rows are the file's, repeated with noise up to N.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "firth/core/random.h"
#include "firth/io/npy.h"
#include "firth/kernels/cpu.h"
#include "firth/search/exact_index.h"

namespace firth {
namespace {

struct Options {
  std::size_t rows = 100000;
  std::size_t dim = 384;
  std::size_t queries = 1000;
  std::size_t threads = 1;
  std::size_t rounds = 5;
  std::string npy;
};

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Of all threads of this process: on a busy machine it says more than the clock on the wall.
double cpu_seconds() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

void make_unit(std::span<float> row) {
  const auto norm = static_cast<float>(exact_norm(row));
  for (float& x : row) x /= norm;
}

// Each row is one of `from` with noise of that length (1 = as long as the row itself), made unit
// length.
Tensor near_rows(View<const float> from, std::size_t n, float noise, std::uint64_t seed) {
  Tensor rows = Tensor::zeros<float>(Shape{n, from.cols()});
  Random random(seed);
  const float scale = noise / std::sqrt(static_cast<float>(from.cols()));
  for (std::size_t i = 0; i < n; ++i) {
    const auto centre = from.row(random.below(from.rows()));
    const auto row = rows.view<float>().row(i);
    for (std::size_t j = 0; j < row.size(); ++j) row[j] = centre[j] + scale * random.normal();
    make_unit(row);
  }
  return rows;
}

Tensor make_rows(Options& options) {
  if (!options.npy.empty()) {
    const Tensor real = Tensor::from(NpyFile::open(options.npy).values());
    options.dim = real.shape()[1];
    return near_rows(real.view<float>(), options.rows, 0.3F, 1);
  }
  Tensor centres = Tensor::zeros<float>(Shape{300, options.dim});
  Random random(7);
  for (float& x : centres.view<float>().span()) x = random.normal();
  for (std::size_t i = 0; i < 300; ++i) make_unit(centres.view<float>().row(i));
  return near_rows(centres.view<float>(), options.rows, 1.0F, 1);
}

using Hits = std::vector<std::vector<Hit>>;

double recall(const Hits& truth, const Hits& found) {
  double same = 0;
  double all = 0;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    for (const Hit& t : truth[i]) {
      ++all;
      same += std::ranges::count(found[i], t.row, &Hit::row) > 0 ? 1 : 0;
    }
  }
  return same / all;
}

void run(const Options& options, const ExactIndex& index, View<const float> queries,
         const char* name, const Hits& truth, ThreadPool& pool) {
  const double pairs = static_cast<double>(queries.rows()) * static_cast<double>(index.num_rows());
  std::vector<double> seconds;
  std::vector<double> cpu;
  Hits hits;
  for (std::size_t round = 0; round < options.rounds; ++round) {
    const double start = now();
    const double cpu_start = cpu_seconds();
    hits = index.search(queries, 10, pool);
    seconds.push_back(now() - start);
    cpu.push_back(cpu_seconds() - cpu_start);
  }
  std::ranges::sort(seconds);
  const double best = seconds.front();
  const double median = seconds[seconds.size() / 2];
  const double cpu_best = std::ranges::min(cpu);
  std::printf(
      "%-7s %6zu queries  best %9.1f q/s  median %9.1f q/s  %7.1f GFLOP/s  a CPU second %7.1f",
      name, queries.rows(), static_cast<double>(queries.rows()) / best,
      static_cast<double>(queries.rows()) / median,
      2 * pairs * static_cast<double>(options.dim) / best / 1e9,
      2 * pairs * static_cast<double>(options.dim) / cpu_best / 1e9);
  if (!truth.empty()) std::printf("  recall@10 %.4f", recall(truth, hits));
  std::printf("\n");
}

int bench(Options options) {
  ThreadPool pool(options.threads);
  const Tensor rows = make_rows(options);
  const Tensor queries = near_rows(rows.view<float>(), options.queries, 0.5F, 2);
  const View<const float> batch = queries.view<float>();
  const View<const float> one = batch.slice_rows(0, 1);
  std::printf("%zu rows of %zu, %zu threads, level %s\n", options.rows, options.dim,
              options.threads, std::string(cpu_level_name(cpu_level())).c_str());
  Hits truth;
  Hits truth_one;
  for (const auto& [form, name] :
       {std::pair{RowForm::kF32, "f32"}, std::pair{RowForm::kInt8, "int8"},
        std::pair{RowForm::kBinary, "binary"}}) {
    const double start = now();
    const ExactIndex index(rows.view<float>(), {.form = form}, pool);
    std::printf("%-7s made in %.3f s\n", name, now() - start);
    if (form == RowForm::kF32) {
      truth = index.search(batch, 10, pool);
      truth_one = {truth.front()};
    }
    run(options, index, batch, name, truth, pool);
    run(options, index, one, name, truth_one, pool);
  }
  return 0;
}

}  // namespace
}  // namespace firth

int main(int argc, char** argv) {
  firth::Options options;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    const std::size_t number = std::strtoull(argv[i + 1], nullptr, 10);
    if (name == "--rows")
      options.rows = number;
    else if (name == "--dim")
      options.dim = number;
    else if (name == "--queries")
      options.queries = number;
    else if (name == "--threads")
      options.threads = number;
    else if (name == "--rounds")
      options.rounds = number;
    else if (name == "--npy")
      options.npy = argv[i + 1];
    else
      return std::fprintf(stderr, "search_bench: unknown option %s\n", argv[i]), 2;
  }
  return firth::bench(options);
}
