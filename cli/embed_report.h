// What the person is told after texts were embedded: how much, how fast, and what was silently lost
// elsewhere: texts cut at the model's limit and tokens that the model does not know.
#pragma once

#include <string>

#include "firth/core/embedder.h"
#include "firth/io/records.h"

namespace firth::cli {

// Share of unknown tokens from which a run deserves a warning: an English model on Chinese text
// gives vectors that look fine and mean nothing.
inline constexpr double kManyUnknown = 0.2;

double unknown_share(const EmbedReport& report);

// "94 % of the tokens are unknown to this model, most of them Han".
std::string unknown_text(const EmbedReport& report, const std::string& model);

// Throws Error (unsupported) if too many tokens are unknown.
void refuse_many_unknown(const EmbedReport& report, const std::string& model);

// "1,000 texts, 23,456 tokens in 2.1 s (476 texts/s, 11,170 tokens/s); 3 texts cut to the model's
// 256 tokens (see --long); 0.1 % of the tokens unknown", and the warning if it is due. Without a
// time if `seconds` is 0.
void say_report(const EmbedReport& report, const EmbedderDescription& model, LongPolicy policy,
                double seconds);

// Texts without a word in them have a vector like all others, that of the special tokens alone.
class EmptyTexts {
 public:
  void note(const Record& record);
  void warn_of_them() const;  // one line, nothing if there were none

 private:
  std::uint64_t count_ = 0;
  std::string first_;  // where it stands
};

}  // namespace firth::cli
