#include "cli/eval_args.h"

#include <filesystem>

#include "cli/interrupt.h"
#include "firth/core/error.h"

namespace firth::cli {

void for_each_model_field(EvalArgs& args, OptionTable& visit) {
  for_each_field(args.model, visit);
  for_each_field(args.vector, visit);
  visit.group("Output");
  visit("--progress", &args.progress, "WHEN", "show progress after two seconds",
        {"auto", "always", "never"});
  visit.default_text("auto: on a terminal");
  visit("--json", &args.json, "", "print one JSON object");
}

void require_data(const EvalArgs& args, std::string_view expected) {
  if (!std::filesystem::exists(args.data))
    fail(ErrorKind::kNotFound, args.data, ": expected ", expected, ", found nothing there");
}

EmbedOptions with_progress(EmbedOptions options, Progress& progress) {
  options.progress = [&progress](std::uint64_t done) {
    check_interrupt();
    progress.update({.done = done});
  };
  return options;
}

}  // namespace firth::cli
