// The report at the end of a run.
#include "cli/embed_report.h"

#include <algorithm>
#include <sstream>

#include "cli/input_args.h"
#include "cli/output.h"
#include "firth/core/error.h"

namespace firth::cli {
namespace {

std::string percent(double share) {
  return fixed(100 * share, share > 0 && share < 0.1 ? 1 : 0) + " %";
}

std::string long_texts(const EmbedReport& report, std::size_t max_length, LongPolicy policy) {
  const std::string limit = "the model's " + grouped(max_length) + " tokens";
  const std::string texts = counted(report.num_truncated, "text");
  if (policy == LongPolicy::kChunkMean) {
    return texts + " longer than " + limit + ", averaged over windows";
  }
  if (policy == LongPolicy::kChunkEach) {
    return texts + " longer than " + limit + ", a row for each window";
  }
  return texts + " cut to " + limit + " (see --long)";
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

void say_report(const EmbedReport& report, const EmbedderDescription& model, LongPolicy policy,
                double seconds) {
  const auto rate = [&](std::uint64_t amount) {
    return grouped(static_cast<std::uint64_t>(static_cast<double>(amount) / seconds));
  };
  std::ostringstream line;
  line << counted(report.num_items, "text") << ", " << counted(report.num_tokens, "token");
  if (seconds > 0) {
    line << " in " << fixed(seconds, 2) << " s (" << rate(report.num_items) << " texts/s, "
         << rate(report.num_tokens) << " tokens/s)";
  }
  line << "; ";
  if (report.num_truncated > 0) {
    line << long_texts(report, model.max_length, policy) << "; ";
  }
  line << percent(unknown_share(report)) << " of the tokens unknown";
  say(line.str());
  if (unknown_share(report) > kManyUnknown) {
    warn(unknown_text(report, model.name) +
         ": such vectors look fine and mean little; take a model for these texts");
  }
}

void EmptyTexts::note(const Record& record) {
  if (record.text.find_first_not_of(" \t\r\n") != std::string::npos) return;
  if (count_++ == 0) first_ = place_of(record);
}

void EmptyTexts::warn_of_them() const {
  if (count_ == 0) return;
  warn(counted(count_, "text") + (count_ == 1 ? " is" : " are") + " empty (" +
       (count_ == 1 ? "" : "the first: ") + first_ + "): such vectors mean nothing");
}

}  // namespace firth::cli
