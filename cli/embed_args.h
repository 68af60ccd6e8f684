// The options of `firth embed`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/input_args.h"
#include "cli/model_args.h"
#include "cli/options.h"

namespace firth::cli {

struct EmbedArgs {
  InputArgs input;
  ModelArgs model;
  VectorArgs vector;
  std::string output;
  std::string format = "auto";
  std::string dtype = "f32";
  bool tokens = false;
  std::string layers;
  std::vector<int> attention;
  bool resume = false;
  std::string unknown = "warn";
  std::string progress = "auto";
  bool json = false;
};

void for_each_field(EmbedArgs& args, OptionTable& visit);

// --tokens, --layers or --attention was given.
bool wants_tokens(const EmbedArgs& args);

// That nothing stands beside them which they would not heed; throws UsageError.
void check_token_args(const EmbedArgs& args);

// --tokens, --layers, --attention: what stands behind a sentence vector (embed_tokens.cc).
void embed_tokens(const EmbedArgs& args, OpenModel& model, TextInput& input);

}  // namespace firth::cli
