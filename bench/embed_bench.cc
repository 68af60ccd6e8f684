// Tokens per second of embedding texts with one model, from text to vector:
//
//   embed_bench MODEL TEXTS.json [--set NAME] [--threads 1,2] [--budget 512,…] [--rounds N]
//               [--limit TEXTS] [--precision f32|bf16|int8] [--ids]
//
// TEXTS.json: {"sets": {"mix": ["…"]}}. Each round embeds the whole set; the median and the best
// round are printed, by the clock and by the processor time of all threads (which other programs on
// the machine disturb less). --ids tokenizes beforehand, so that only the model is timed.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <sstream>
#include <string>
#include <vector>

#include "firth/core/error.h"
#include "firth/embed/open_embedder.h"
#include "firth/io/json.h"
#include "firth/kernels/cpu.h"

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double processor_seconds() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

std::vector<std::size_t> numbers(const std::string& list) {
  std::vector<std::size_t> values;
  std::istringstream stream(list);
  for (std::string value; std::getline(stream, value, ',');)
    values.push_back(static_cast<std::size_t>(std::stoul(value)));
  return values;
}

struct Arguments {
  std::string model;
  std::string texts;
  std::string set = "mix";
  std::vector<std::size_t> threads = {1, 2};
  std::vector<std::size_t> budgets = {0};
  std::size_t rounds = 3;
  std::size_t limit = SIZE_MAX;
  firth::PrecisionChoice precision = firth::PrecisionChoice::kAsStored;
  bool ids = false;
};

Arguments parse(int argc, char** argv) {
  Arguments arguments;
  std::vector<std::string> positional;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const auto value = [&] { return std::string(i + 1 < argc ? argv[++i] : ""); };
    if (word == "--set") {
      arguments.set = value();
    } else if (word == "--threads") {
      arguments.threads = numbers(value());
    } else if (word == "--budget") {
      arguments.budgets = numbers(value());
    } else if (word == "--rounds") {
      arguments.rounds = numbers(value()).at(0);
    } else if (word == "--limit") {
      arguments.limit = numbers(value()).at(0);
    } else if (word == "--precision") {
      arguments.precision = firth::precision_choice(value()).value();
    } else if (word == "--ids") {
      arguments.ids = true;
    } else {
      positional.push_back(word);
    }
  }
  if (positional.size() != 2)
    firth::fail(firth::ErrorKind::kInvalidArgument, "expected MODEL and TEXTS.json");
  arguments.model = positional[0];
  arguments.texts = positional[1];
  return arguments;
}

std::vector<std::string> read_texts(const Arguments& arguments) {
  const auto document = firth::JsonDocument::read(arguments.texts);
  std::vector<std::string> texts;
  for (const firth::Json& text : document.root().at("sets").at(arguments.set).elements())
    if (texts.size() < arguments.limit) texts.emplace_back(text.as_string());
  return texts;
}

void run(const Arguments& arguments, std::size_t num_threads, std::size_t budget,
         const std::vector<std::string_view>& texts) {
  firth::ThreadPool pool(num_threads);
  firth::Workspace workspace(pool);
  const auto load_start = Clock::now();
  const auto embedder = firth::open_embedder(
      arguments.model, {.precision = arguments.precision, .token_budget = budget}, &pool);
  const double load = seconds_since(load_start);
  firth::Ragged ids;
  if (arguments.ids) {
    firth::TokenOptions options;
    options.layers = {0};
    ids = embedder->embed_tokens(std::span(texts), options, workspace).tokens;
  }
  std::vector<double> rates;
  std::vector<double> processor_rates;
  for (std::size_t round = 0; round < arguments.rounds + 1; ++round) {
    const auto start = Clock::now();
    const double processor_start = processor_seconds();
    const firth::Vectors vectors = arguments.ids ? embedder->embed(std::cref(ids), {}, workspace)
                                                 : embedder->embed(std::span(texts), {}, workspace);
    const auto tokens = static_cast<double>(vectors.report.num_tokens);
    if (round == 0) continue;  // warms up
    rates.push_back(tokens / seconds_since(start));
    processor_rates.push_back(tokens / (processor_seconds() - processor_start));
  }
  std::sort(rates.begin(), rates.end());
  std::sort(processor_rates.begin(), processor_rates.end());
  std::printf(
      "%-8s threads %zu  budget %5zu  load %5.1f ms  tokens/s median %7.0f best %7.0f  "
      "per processor second median %7.0f best %7.0f\n",
      arguments.set.c_str(), num_threads, budget, load * 1e3, rates[rates.size() / 2], rates.back(),
      processor_rates[processor_rates.size() / 2], processor_rates.back());
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const Arguments arguments = parse(argc, argv);
    const std::vector<std::string> texts = read_texts(arguments);
    const std::vector<std::string_view> views(texts.begin(), texts.end());
    std::printf("%zu texts, level %s\n", texts.size(),
                std::string(firth::cpu_level_name(firth::cpu_level())).c_str());
    for (const std::size_t budget : arguments.budgets)
      for (const std::size_t num_threads : arguments.threads)
        run(arguments, num_threads, budget, views);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "embed_bench: %s\n", error.what());
    return EXIT_FAILURE;
  }
}
