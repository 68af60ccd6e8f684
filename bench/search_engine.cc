// firth as an engine of bench/search.py: search_engine FORM ROWS.npy QUERIES.npy THREADS. It
// answers the lines of bench/peers/protocol.py: `run` searches the ten nearest rows of every query,
// `save PATH` writes their numbers as floats, `quit` tells the peak memory.
#include <algorithm>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "bench/engine.h"
#include "firth/core/error.h"
#include "firth/core/thread_pool.h"
#include "firth/io/npy.h"
#include "firth/kernels/cpu.h"
#include "firth/search/exact_index.h"

namespace {

constexpr std::size_t kHits = 10;

firth::RowForm form_of(const std::string& name) {
  const std::map<std::string, firth::RowForm> forms = {{"f32", firth::RowForm::kF32},
                                                       {"int8", firth::RowForm::kInt8},
                                                       {"binary", firth::RowForm::kBinary}};
  return forms.at(name);
}

std::vector<float> numbers_of(const std::vector<std::vector<firth::Hit>>& found) {
  std::vector<float> numbers;
  for (const auto& hits : found) {
    for (const firth::Hit& hit : hits) numbers.push_back(static_cast<float>(hit.row));
  }
  return numbers;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::cerr << "usage: search_engine f32|int8|binary ROWS.npy QUERIES.npy THREADS\n";
    return 2;
  }
  const firth::Tensor rows = firth::Tensor::from(firth::NpyFile::open(argv[2]).values());
  const firth::Tensor queries = firth::Tensor::from(firth::NpyFile::open(argv[3]).values());
  const double start = firth::bench::seconds_now();
  firth::ThreadPool pool(std::stoul(argv[4]));
  const firth::ExactIndex index(rows.view<float>(), {.form = form_of(argv[1])}, pool);
  firth::JsonWriter about =
      firth::bench::about("firth " + std::string(argv[1]), firth::bench::seconds_now() - start);
  about.field("roof_gflops", firth::bench::roof_gflops());
  firth::bench::reply(about);

  std::vector<std::vector<firth::Hit>> found;
  firth::bench::serve([&] { found = index.search(queries.view<float>(), kHits, pool); },
                      [&](const std::string& path) {
                        firth::NpyWriter writer(path, firth::DType::kF32, kHits);
                        writer.write(std::span<const float>(numbers_of(found)));
                        writer.commit();
                      });
  return 0;
}
