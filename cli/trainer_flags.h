// The options of the trainers of tokenizers as flags: one table of the fields that any kind has,
// each once, from which the options of the kind that is learned are filled.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "cli/options.h"
#include "firth/text/tokenizer_trainer.h"

namespace firth::cli {

// A kind of tokenizer: what it is called here and in tokenizer.json, how its texts are cut into
// words unless told otherwise, and how its trainer is set up.
struct TokenizerKind {
  std::string_view name;
  std::string_view model_type;
  std::string_view preset;
  TrainerOptions options;
};

const std::vector<TokenizerKind>& tokenizer_kinds();

// Throws UsageError that lists them.
const TokenizerKind& find_tokenizer_kind(const std::string& name);

class TrainerFlags {
 public:
  // Adds a flag for each field of any kind but unk_token, which is not the trainers' alone.
  void visit_all(OptionTable& visit);

  bool is_given(std::string_view field) const;

  // The options of the kind with what was given; UsageError for a flag that this kind does not
  // have.
  TrainerOptions options_of(const TokenizerKind& kind) const;

 private:
  // A value of a field's type, if one was given.
  using Value = std::variant<std::optional<std::size_t>, std::optional<double>,
                             std::optional<std::string>, std::vector<std::string>>;

  std::map<std::string, Value, std::less<>> values_;  // by field
};

}  // namespace firth::cli
