// What the person is told after texts were embedded: how much, how fast, and what was silently lost
// elsewhere: texts cut at the model's limit and tokens that the model does not know.
#pragma once

#include <string>

#include "firth/core/embedder.h"

namespace firth::cli {

// Share of unknown tokens from which a run deserves a warning: an English model on Chinese text
// gives vectors that look fine and mean nothing.
inline constexpr double kManyUnknown = 0.2;

double unknown_share(const EmbedReport& report);

// "94 % of the tokens are unknown to this model, most of them Han".
std::string unknown_text(const EmbedReport& report, const std::string& model);

// Throws Error (unsupported) if too many tokens are unknown.
void refuse_many_unknown(const EmbedReport& report, const std::string& model);

// "1,000 texts, 23,456 tokens in 2.1 s (476 texts/s, 11,170 tokens/s); 3 texts cut at 256 tokens;
// 0.1 % of the tokens unknown", and the warning if it is due.
void say_report(const EmbedReport& report, const EmbedderDescription& model, double seconds);

}  // namespace firth::cli
