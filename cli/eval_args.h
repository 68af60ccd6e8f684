// What the verbs of `firth eval` have in common: data that people judged, a model, progress.
#pragma once

#include <string>

#include "cli/model_args.h"
#include "cli/options.h"
#include "cli/progress.h"

namespace firth::cli {

struct EvalArgs {
  std::string data;
  std::string split = "test";
  std::string progress = "auto";
  bool json = false;
  ModelArgs model;
  VectorArgs vector;
};

// The options that follow those of the data.
void for_each_model_field(EvalArgs& args, OptionTable& visit);

// Errors: not_found unless something lies at args.data; `expected` says what: "a folder".
void require_data(const EvalArgs& args, std::string_view expected);

// `options` with a callback that shows progress and hears Ctrl-C.
EmbedOptions with_progress(EmbedOptions options, Progress& progress);

}  // namespace firth::cli
