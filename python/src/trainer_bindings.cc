// firth/text/tokenizer_trainer.h.
#include <nanobind/stl/string.h>

#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "bindings.h"
#include "computation.h"
#include "errors.h"
#include "firth/core/error.h"
#include "firth/io/json.h"
#include "firth/text/tokenizer_recipe.h"
#include "firth/text/tokenizer_trainer.h"
#include "model.h"
#include "texts.h"

namespace firth::python {
namespace {

constexpr std::size_t kSmallBytes = std::size_t{1} << 18;

TrainerOptions options_of_kind(const std::string& kind) {
  if (kind == "bpe") return BpeTrainerOptions{};
  if (kind == "wordpiece") return WordPieceTrainerOptions{};
  if (kind == "unigram") return UnigramTrainerOptions{};
  if (kind == "word") return WordLevelTrainerOptions{};
  fail(ErrorKind::kInvalidArgument, "kind: expected bpe, wordpiece, unigram or word, found ",
       quoted(kind));
}

std::size_t whole_number(nb::handle value, std::string_view name) {
  std::int64_t number = -1;
  if (!nb::try_cast(value, number) || number < 0) {
    fail(ErrorKind::kInvalidArgument, name, ": expected a whole number from 0, found ",
         nb::cast<std::string>(nb::repr(value)));
  }
  return static_cast<std::size_t>(number);
}

void take(nb::handle value, std::string_view name, std::size_t& field) {
  field = whole_number(value, name);
}

void take(nb::handle value, std::string_view name, std::optional<std::size_t>& field) {
  field = whole_number(value, name);
}

void take(nb::handle value, std::string_view name, double& field) {
  if (!nb::try_cast(value, field)) {
    fail(ErrorKind::kInvalidArgument, name, ": expected a number, found ",
         nb::cast<std::string>(nb::repr(value)));
  }
}

void take(nb::handle value, std::string_view name, std::string& field) {
  field = utf8_of(value, name);
}

void take(nb::handle value, std::string_view name, std::vector<std::string>& field) {
  field.clear();
  for (const nb::handle item : value) field.emplace_back(utf8_of(item, name));
}

using TrainerFields = nb::typed<nb::dict, nb::str, nb::any>;

TrainerOptions options_of(const std::string& kind, const nb::dict& given) {
  TrainerOptions options = options_of_kind(kind);
  std::visit(
      [&](auto& fields) {
        for_each_field(fields, [&](std::string_view name, auto& field, std::string_view) {
          const nb::str key(name.data(), name.size());
          if (given.contains(key)) take(given[key], name, field);
        });
      },
      options);
  return options;
}

// What a computation that was left alone still needs.
struct Job {
  std::shared_ptr<ThreadPool> pool = shared_pool();
  TokenizerTrainer trainer;

  Job(TokenizerRecipe recipe, TrainerOptions options)
      : trainer(std::move(recipe), std::move(options), *pool) {}
};

class Learning final : public Computation {
 public:
  explicit Learning(std::shared_ptr<Job> job) : job_(std::move(job)) {}

  void run() override {
    json = job_->trainer.train([this](std::string_view, double fraction) {
      at(static_cast<std::uint64_t>(1000 * fraction));
    });
  }

  std::string json;

 private:
  std::shared_ptr<Job> job_;
};

class Trainer {
 public:
  Trainer(const std::string& tokenizer_json, const std::string& kind, const TrainerFields& options)
      : job_(std::make_shared<Job>(
            read_recipe(JsonDocument::parse(tokenizer_json, "tokenizer").root()),
            options_of(kind, options))) {}

  void add(nb::handle texts) {
    const auto views = std::make_shared<Texts>(texts);
    run_function([job = job_, views] { job->trainer.add(views->views()); },
                 {.small = views->bytes() <= kSmallBytes});
  }

  std::string train() {
    const auto learning = std::make_shared<Learning>(job_);
    run(learning);
    return std::move(learning->json);
  }

 private:
  std::shared_ptr<Job> job_;
};

}  // namespace

void bind_trainer(nb::module_& module) {
  using nb::arg;
  nb::class_<Trainer>(module, "TokenizerTrainer",
                      "Learns a tokenizer.json; see firth.Tokenizer.train_from_iterator.")
      .def(nb::init<const std::string&, const std::string&, const TrainerFields&>(),
           arg("tokenizer"), arg("kind"), arg("options"))
      .def("add", &Trainer::add, arg("texts"))
      .def("train", &Trainer::train);
  module.def("byte_alphabet", &byte_alphabet);
  module.def(
      "normalizer_json", [](const std::string& names) { return normalizer_json(names); },
      arg("names"));
  module.def(
      "pre_tokenizer_json", [](const std::string& names) { return pre_tokenizer_json(names); },
      arg("names"));
}

}  // namespace firth::python
