#include "firth/eval/embed_texts.h"

#include <algorithm>
#include <utility>

#include "firth/core/error.h"

namespace firth {
namespace {

// Enough that sorting by length fills every batch with texts of one length.
constexpr std::size_t kTextsPerCall = 8192;

}  // namespace

Tensor embed_texts(const Embedder& embedder, std::span<const std::string_view> texts,
                   const EmbedOptions& options, Workspace& workspace, EmbedReport& report) {
  if (options.long_policy == LongPolicy::kChunkEach) {
    fail(ErrorKind::kInvalidArgument, "eval: expected one vector a text, found --long chunk-each");
  }
  Tensor all;
  for (std::size_t begin = 0; begin < texts.size(); begin += kTextsPerCall) {
    const auto part = texts.subspan(begin, std::min(kTextsPerCall, texts.size() - begin));
    EmbedOptions part_options = options;
    if (options.progress) {
      part_options.progress = [&](std::uint64_t done) { options.progress(begin + done); };
    }
    Vectors vectors = embedder.embed(part, part_options, workspace);
    report.add(vectors.report);
    if (part.size() == texts.size()) return std::move(vectors.values);
    const View<const float> values = std::as_const(vectors.values).view<float>();
    if (begin == 0) all = Tensor::zeros<float>(Shape{texts.size(), values.cols()});
    std::ranges::copy(values.span(), all.view<float>().row(begin).begin());
  }
  if (texts.empty()) {
    const std::size_t full = embedder.description().dimension;
    all = Tensor::zeros<float>(Shape{0, options.dim == 0 ? full : std::min(options.dim, full)});
  }
  return all;
}

}  // namespace firth
