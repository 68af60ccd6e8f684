// `firth doctor`: what the machine has, what firth uses of it, and whether the kernels compute what
// they should at every level that the machine has.
#include <cstdlib>
#include <string>
#include <vector>

#include "cli/model_lookup.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "firth/core/thread_pool.h"
#include "firth/io/json_writer.h"
#include "firth/kernels/cpu.h"
#include "firth/kernels/self_check.h"

namespace firth::cli {
namespace {

// __VERSION__ of GCC is a bare number.
#if defined(__clang__)
constexpr const char* kCompiler = __VERSION__;
#else
constexpr const char* kCompiler = "GCC " __VERSION__;
#endif

struct SelfTest {
  std::string level;
  bool passed = false;
  std::string fault;  // which kernel disagrees with the scalar one
};

std::vector<SelfTest> run_self_tests() {
  std::vector<SelfTest> tests;
  for (int level = 0; level <= static_cast<int>(machine_cpu_level()); ++level) {
    const auto tested = static_cast<CpuLevel>(level);
    SelfTest test{std::string(cpu_level_name(tested)), false, ""};
    test.passed = kernels_self_test(tested, &test.fault);
    tests.push_back(std::move(test));
  }
  return tests;
}

std::string level_of_environment() {
  const char* asked = std::getenv("FIRTH_CPU");
  return asked == nullptr ? "" : asked;
}

struct Diagnosis {
  std::string cpu = cpu_model_name();
  std::string machine_level{cpu_level_name(machine_cpu_level())};
  std::string level{cpu_level_name(cpu_level())};
  std::string asked_level = level_of_environment();  // "" = none
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
  json.begin_object().field("version", FIRTH_VERSION).field("compiler", kCompiler);
  json.field("cpu", diagnosis.cpu).field("machine_level", diagnosis.machine_level);
  if (!diagnosis.asked_level.empty()) json.field("asked_level", diagnosis.asked_level);
  json.field("level", diagnosis.level).field("threads", diagnosis.threads);
  json.field("models", diagnosis.models).field("passed", diagnosis.passed());
  json.key("self_test").begin_array();
  for (const SelfTest& test : diagnosis.tests) {
    json.begin_object().field("level", test.level).field("passed", test.passed);
    json.field("fault", test.fault).end_object();
  }
  print(json.end_array().end_object().newline().take());
}

void print_text(const Diagnosis& diagnosis) {
  print("firth      " FIRTH_VERSION ", compiled by ", kCompiler, "\n");
  print("processor  ", diagnosis.cpu, "\n");
  print("level      ", diagnosis.level);
  if (diagnosis.level != diagnosis.machine_level) {
    print(", lowered by FIRTH_CPU; the machine has ", diagnosis.machine_level);
  }
  if (!diagnosis.asked_level.empty() && diagnosis.asked_level != diagnosis.level) {
    print("; FIRTH_CPU asks for ", diagnosis.asked_level, ", which the machine lacks");
  }
  print("\nthreads    ", diagnosis.threads, "\n");
  print("models     ", diagnosis.models,
        diagnosis.models == 0 ? "" : " ('firth models' lists them)", "\n");
  for (const SelfTest& test : diagnosis.tests) {
    print("self-test  ", test.level, test.passed ? ": passed" : ": FAILED: ", test.fault, "\n");
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
