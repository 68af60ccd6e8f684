#include "firth/models/pooling.h"

#include <algorithm>
#include <array>
#include <utility>

#include "firth/core/error.h"
#include "firth/io/json.h"
#include "firth/io/model_folder.h"
#include "firth/models/config.h"

namespace firth {
namespace {

struct ModeName {
  std::string_view name;     // ours, and in the specs of the command line
  std::string_view st_name;  // in "pooling_mode"
  std::string_view boolean;  // in files before release 5.4
  Pooling mode;
};

// In the order in which the booleans are concatenated.
constexpr auto kModes = std::to_array<ModeName>({
    {"cls", "cls", "pooling_mode_cls_token", Pooling::kCls},
    {"max", "max", "pooling_mode_max_tokens", Pooling::kMax},
    {"mean", "mean", "pooling_mode_mean_tokens", Pooling::kMean},
    {"mean_sqrt_len", "mean_sqrt_len_tokens", "pooling_mode_mean_sqrt_len_tokens",
     Pooling::kMeanSqrtLen},
    {"weightedmean", "weightedmean", "pooling_mode_weightedmean_tokens", Pooling::kWeightedMean},
    {"last", "lasttoken", "pooling_mode_lasttoken", Pooling::kLast},
});

const ModeName* find_mode(std::string_view name) {
  for (const ModeName& mode : kModes) {
    if (name == mode.name || name == mode.st_name) return &mode;
  }
  return nullptr;
}

std::string known_modes() {
  std::string names;
  for (const ModeName& mode : kModes) names += (names.empty() ? "" : ", ") + std::string(mode.name);
  return names;
}

Pooling mode_from_file(const Json& value) {
  const ModeName* mode = find_mode(value.as_string());
  if (mode == nullptr) {
    fail(ErrorKind::kUnsupported, value.where(), ": pooling ", value.describe(),
         " is not known; known: ", known_modes());
  }
  return mode->mode;
}

std::vector<Pooling> modes_from_list(const Json& value) {
  if (value.is_string()) return {mode_from_file(value)};
  std::vector<Pooling> modes;
  for (const Json& element : value.elements()) modes.push_back(mode_from_file(element));
  if (modes.empty())
    fail(ErrorKind::kCorrupt, value.where(), ": expected a pooling mode, found an empty list");
  return modes;
}

std::vector<Pooling> modes_from_booleans(const Json& config) {
  std::vector<Pooling> modes;
  for (const ModeName& mode : kModes) {
    if (read_bool_or(config, mode.boolean, false)) modes.push_back(mode.mode);
  }
  if (modes.empty()) modes.push_back(Pooling::kMean);
  return modes;
}

// One chosen row of each sequence: its first or last token that is not of the prompt.
void pick_rows(View<const float> tokens, std::span<const std::int64_t> offsets, bool last,
               const PoolOptions& options, View<float> y) {
  for (std::size_t s = 0; s + 1 < offsets.size(); ++s) {
    const auto begin = static_cast<std::size_t>(offsets[s]);
    const auto end = static_cast<std::size_t>(offsets[s + 1]);
    const auto out = y.row(s).subspan(options.column, tokens.cols());
    const bool only_prompt = end - begin <= options.skip_tokens;
    if (begin == end || (last && only_prompt && options.skip_tokens != 0)) {
      std::ranges::fill(out, 0.0F);
      continue;
    }
    const std::size_t first = only_prompt ? begin : begin + options.skip_tokens;
    std::ranges::copy(tokens.row(last ? end - 1 : first), out.begin());
  }
}

}  // namespace

PoolingConfig parse_pooling(std::string_view spec) {
  PoolingConfig config{.modes = {}};
  for (std::size_t begin = 0; begin <= spec.size();) {
    const std::size_t end = std::min(spec.find('+', begin), spec.size());
    const ModeName* mode = find_mode(spec.substr(begin, end - begin));
    if (mode == nullptr) {
      fail(ErrorKind::kInvalidArgument, "pooling ", quoted(spec), ": expected one or several of ",
           known_modes(), ", joined by '+'");
    }
    config.modes.push_back(mode->mode);
    begin = end + 1;
  }
  return config;
}

std::string pooling_name(const PoolingConfig& config) {
  std::string name;
  for (const Pooling mode : config.modes) {
    const auto known = std::ranges::find(kModes, mode, &ModeName::mode);
    name += (name.empty() ? "" : "+") + std::string(known->name);
  }
  return name;
}

PoolingConfig read_pooling(const std::string& folder, std::size_t hidden_size) {
  const JsonDocument document = JsonDocument::read(model_file(folder, "config.json"));
  const Json config = document.root();
  for (const std::string_view field : {"embedding_dimension", "word_embedding_dimension"}) {
    const std::size_t width = read_count_or(config, field, hidden_size);
    if (width != hidden_size) {
      fail(ErrorKind::kCorrupt, config.at(field).where(), ": expected the hidden_size ",
           hidden_size, " of the model, found ", width);
    }
  }
  PoolingConfig out;
  const auto mode = config.find("pooling_mode");
  out.modes = mode ? modes_from_list(*mode) : modes_from_booleans(config);
  out.include_prompt = read_bool_or(config, "include_prompt", true);
  return out;
}

Var pool(Pass& pass, const PoolingConfig& config, View<const float> tokens,
         std::span<const std::int64_t> offsets, std::size_t prompt_tokens) {
  const Var y = pass.result({offsets.size() - 1, config.modes.size() * tokens.cols()});
  PoolOptions options{.skip_tokens = prompt_tokens};
  for (const Pooling mode : config.modes) {
    options.pooling = mode;
    if (mode == Pooling::kCls || mode == Pooling::kLast) {
      pick_rows(tokens, offsets, mode == Pooling::kLast, options, y.value);
    } else {
      pool(tokens, offsets, options, y.value);
    }
    options.column += tokens.cols();
  }
  return y;
}

}  // namespace firth
