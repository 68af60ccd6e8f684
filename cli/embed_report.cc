// The report at the end of a run.
#include "cli/embed_report.h"

#include <algorithm>
#include <sstream>

#include "cli/output.h"
#include "firth/core/error.h"

namespace firth::cli {
namespace {

std::string percent(double share) {
  return fixed(100 * share, share > 0 && share < 0.1 ? 1 : 0) + " %";
}

}  // namespace

double unknown_share(const EmbedReport& report) {
  return report.num_tokens == 0
             ? 0
             : static_cast<double>(report.num_unknown) / static_cast<double>(report.num_tokens);
}

std::string unknown_text(const EmbedReport& report, const std::string& model) {
  std::string text = percent(unknown_share(report)) + " of the tokens are unknown to " + model;
  const auto most = std::ranges::max_element(report.unknown_scripts, {},
                                             [](const auto& script) { return script.second; });
  if (most != report.unknown_scripts.end()) {
    // Unicode's name for what belongs to no script.
    text += ", most of them " + (most->first == "Common" ? "signs and digits" : most->first);
  }
  return text;
}

void refuse_many_unknown(const EmbedReport& report, const std::string& model) {
  if (unknown_share(report) <= kManyUnknown) return;
  fail(ErrorKind::kUnsupported, "input: expected at most ", percent(kManyUnknown),
       " of unknown tokens, found that ", unknown_text(report, model));
}

void say_report(const EmbedReport& report, const EmbedderDescription& model, double seconds) {
  const auto rate = [&](std::uint64_t amount) {
    return grouped(
        static_cast<std::uint64_t>(static_cast<double>(amount) / std::max(seconds, 1e-9)));
  };
  std::ostringstream line;
  line << counted(report.num_items, "text") << ", " << counted(report.num_tokens, "token") << " in "
       << fixed(seconds, 2) << " s (" << rate(report.num_items) << " texts/s, "
       << rate(report.num_tokens) << " tokens/s); ";
  if (report.num_truncated > 0) {
    line << counted(report.num_truncated, "text") << " longer than the " << model.max_length
         << " tokens that the model takes; ";
  }
  line << percent(unknown_share(report)) << " of the tokens unknown";
  say(line.str());
  if (unknown_share(report) > kManyUnknown) {
    warn(unknown_text(report, model.name) +
         ": such vectors look fine and mean little; take a model for these texts");
  }
}

}  // namespace firth::cli
