// How fast a tokenizer turns text into ids, on one thread:
//
//   tokenizer_bench TOKENIZER FILE...
//
// TOKENIZER is what open_tokenizer takes; each FILE is texts, one a line. Prints for each file the
// first pass (a fresh state) and the best of several passes, in MB of text per second of
// processor time, with the number of ids and a checksum of them by which programs can be compared.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <string>
#include <string_view>
#include <vector>

#include "firth/core/error.h"
#include "firth/io/mapped_file.h"
#include "firth/text/tokenizer.h"

namespace firth {
namespace {

// Of processor time, which other programs on the machine disturb least.
double seconds() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

struct Pass {
  double seconds = 0;
  std::uint64_t num_ids = 0;
  std::uint64_t checksum = 0;  // sum of (position + 1) * id, modulo 2^64
};

Pass encode_all(const Tokenizer& tokenizer, const std::vector<std::string_view>& lines,
                Tokenizer::State& state) {
  Pass pass;
  std::vector<std::int32_t> ids;
  const double start = seconds();
  for (const std::string_view line : lines) {
    tokenizer.encode_ids(line, {.add_special_tokens = false}, state, ids);
  }
  pass.seconds = seconds() - start;
  pass.num_ids = ids.size();
  for (std::size_t i = 0; i < ids.size(); ++i) {
    pass.checksum += (i + 1) * static_cast<std::uint64_t>(ids[i]);
  }
  return pass;
}

void measure(const Tokenizer& tokenizer, const std::string& path) {
  constexpr int kNumPasses = 15;
  const auto file = MappedFile::open(path);
  const std::vector<std::string_view> lines = lines_of(file->text());
  const double megabytes = static_cast<double>(file->text().size()) / 1e6;
  const auto state = tokenizer.make_state();
  const Pass first = encode_all(tokenizer, lines, *state);
  double best = first.seconds;
  for (int i = 0; i < kNumPasses; ++i) {
    best = std::min(best, encode_all(tokenizer, lines, *state).seconds);
  }
  std::printf("%s: %.1f MB/s (first pass %.1f), %zu lines, %llu ids, checksum %llu\n", path.c_str(),
              megabytes / best, megabytes / first.seconds, lines.size(),
              static_cast<unsigned long long>(first.num_ids),
              static_cast<unsigned long long>(first.checksum));
}

int run(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: tokenizer_bench TOKENIZER FILE...\n");
    return 2;
  }
  const double start = seconds();
  const auto tokenizer = open_tokenizer(argv[1]);
  std::printf("%s: opened in %.1f ms, %zu tokens\n", argv[1], 1e3 * (seconds() - start),
              tokenizer->vocab_size());
  for (int i = 2; i < argc; ++i) {
    measure(*tokenizer, argv[i]);
  }
  return 0;
}

}  // namespace
}  // namespace firth

int main(int argc, char** argv) {
  try {
    return firth::run(argc, argv);
  } catch (const firth::Error& error) {
    std::fprintf(stderr, "tokenizer_bench: %s\n", error.what());
    return 1;
  }
}
