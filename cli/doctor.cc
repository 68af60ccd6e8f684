// `firth doctor`: what the machine has, what firth uses of it, and whether the kernels compute what
// they should at every level that the machine has.
#include <cmath>
#include <string>
#include <vector>

#include "cli/model_lookup.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "firth/core/random.h"
#include "firth/core/tensor.h"
#include "firth/core/thread_pool.h"
#include "firth/io/json_writer.h"
#include "firth/kernels/cpu.h"
#include "firth/kernels/product.h"
#include "firth/kernels/vector.h"

namespace firth::cli {
namespace {

constexpr std::size_t kRows = 7;  // not a multiple of any block, so that the edges are tested
constexpr std::size_t kWidth = 387;
constexpr std::size_t kOutputs = 45;
constexpr double kTolerance = 1e-5;  // of the sum of magnitudes

struct SelfTest {
  std::string level;
  std::string kernel;
  bool passed = false;
  double error = 0;  // greatest, relative
};

Tensor random_matrix(std::size_t rows, std::size_t cols, std::uint64_t seed) {
  Tensor matrix = Tensor::zeros<float>({rows, cols});
  Random random(seed);
  for (float& value : matrix.view<float>().span()) value = random.normal();
  return matrix;
}

// |found - expected| as a share of the sum of magnitudes.
double relative_error(std::span<const float> a, std::span<const float> b, float found) {
  double sum = 0;
  double magnitude = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    sum += static_cast<double>(a[i]) * b[i];
    magnitude += std::abs(static_cast<double>(a[i]) * b[i]);
  }
  return std::abs(found - sum) / magnitude;
}

SelfTest test_product(const std::string& level) {
  const Tensor x = random_matrix(kRows, kWidth, 1);
  const Tensor weight = random_matrix(kOutputs, kWidth, 2);
  const PackedWeight packed(weight.view<float>(), Precision::kF32);
  Tensor y = Tensor::zeros<float>({kRows, kOutputs});
  Tensor alone = Tensor::zeros<float>({1, kOutputs});
  packed_product(x.view<float>(), packed, {}, y.view<float>());
  SelfTest test{.level = level, .kernel = "product", .passed = true};
  for (std::size_t i = 0; i < kRows; ++i) {
    packed_product(x.view<float>().slice_rows(i, i + 1), packed, {}, alone.view<float>());
    for (std::size_t j = 0; j < kOutputs; ++j) {
      const float found = y.view<float>()(i, j);
      test.error = std::max(
          test.error, relative_error(x.view<float>().row(i), weight.view<float>().row(j), found));
      test.passed = test.passed && found == alone.view<float>()(0, j);
    }
  }
  test.passed = test.passed && test.error <= kTolerance;
  return test;
}

SelfTest test_dot(const std::string& level) {
  const Tensor a = random_matrix(1, kWidth, 3);
  const Tensor b = random_matrix(1, kWidth, 4);
  SelfTest test{.level = level, .kernel = "dot"};
  for (std::size_t length = 1; length <= kWidth; ++length) {
    const auto left = a.view<float>().span().first(length);
    const auto right = b.view<float>().span().first(length);
    test.error = std::max(test.error, relative_error(left, right, dot(left, right)));
  }
  test.passed = test.error <= kTolerance;
  return test;
}

std::vector<SelfTest> run_self_tests() {
  const CpuLevel chosen = cpu_level();
  std::vector<SelfTest> tests;
  for (int level = 0; level <= static_cast<int>(machine_cpu_level()); ++level) {
    set_cpu_level(static_cast<CpuLevel>(level));
    const std::string name(cpu_level_name(cpu_level()));
    tests.push_back(test_product(name));
    tests.push_back(test_dot(name));
  }
  set_cpu_level(chosen);
  return tests;
}

struct Diagnosis {
  std::string cpu = cpu_model_name();
  std::string machine_level{cpu_level_name(machine_cpu_level())};
  std::string level{cpu_level_name(cpu_level())};
  std::size_t threads = ThreadPool::available_threads();
  std::size_t models = find_models().size();
  std::vector<SelfTest> tests = run_self_tests();

  bool passed() const {
    for (const SelfTest& test : tests) {
      if (!test.passed) return false;
    }
    return true;
  }
};

void print_json(const Diagnosis& diagnosis) {
  JsonWriter json;
  json.begin_object().field("version", FIRTH_VERSION).field("compiler", __VERSION__);
  json.field("cpu", diagnosis.cpu).field("machine_level", diagnosis.machine_level);
  json.field("level", diagnosis.level).field("threads", diagnosis.threads);
  json.field("models", diagnosis.models).field("passed", diagnosis.passed());
  json.key("self_test").begin_array();
  for (const SelfTest& test : diagnosis.tests) {
    json.begin_object().field("level", test.level).field("kernel", test.kernel);
    json.field("passed", test.passed).field("relative_error", test.error).end_object();
  }
  print(json.end_array().end_object().newline().take());
}

void print_text(const Diagnosis& diagnosis) {
  print("firth      " FIRTH_VERSION ", compiled by " __VERSION__ "\n");
  print("processor  ", diagnosis.cpu, "\n");
  print("level      ", diagnosis.level);
  if (diagnosis.level != diagnosis.machine_level) {
    print(", lowered by FIRTH_CPU; the machine has ", diagnosis.machine_level);
  }
  print("\nthreads    ", diagnosis.threads, "\n");
  print("models     ", diagnosis.models,
        diagnosis.models == 0 ? "" : " ('firth models' lists them)", "\n");
  for (const SelfTest& test : diagnosis.tests) {
    print("self-test  ", test.kernel, " at ", test.level, ": ", test.passed ? "passed" : "FAILED",
          ", relative error ", test.error, "\n");
  }
}

struct DoctorArgs {
  bool json = false;
};

void for_each_field(DoctorArgs& args, OptionTable& visit) {
  visit.group("Output");
  visit("--json", &args.json, "", "print one JSON object");
}

class DoctorCommand final : public Command {
 public:
  CommandInfo info() const override {
    return {.name = "doctor",
            .summary = "Says what firth uses of this machine and tests its kernels.",
            .examples = {{{"firth doctor", "processor, level, threads, self-test"},
                          {"FIRTH_CPU=avx2 firth doctor", "the same with the level lowered"},
                          {"firth doctor --json", "for a bug report"}}},
            .notes =
                "FIRTH_CPU=scalar|avx2|avx512|vnni|amx lowers the level for any verb. The exit "
                "code is 1 if a self-test fails."};
  }

  void for_each_option(OptionTable& visit) override { for_each_field(args_, visit); }

  int run(const CommonArgs& common) override {
    static_cast<void>(common);
    const Diagnosis diagnosis;
    args_.json ? print_json(diagnosis) : print_text(diagnosis);
    return diagnosis.passed() ? 0 : 1;
  }

 private:
  DoctorArgs args_;
};

}  // namespace

std::unique_ptr<Command> make_doctor() {
  return std::make_unique<DoctorCommand>();
}

}  // namespace firth::cli
