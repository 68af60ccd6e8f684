#include "embed_call.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "firth/core/error.h"

namespace firth::python {
namespace {

// Enough that the longest and the shortest texts of a block fill batches of their own kind.
constexpr std::size_t kBlockTexts = 16384;
constexpr std::size_t kBlockBytes = std::size_t{16} << 20;

// A hundredth of a second on one core with AVX2.
constexpr double kSmallOperations = 1e9;
constexpr std::size_t kSmallBytes = std::size_t{1} << 16;

// The engine numbers the items of a block: "item 3: …".
[[noreturn]] void fail_item(const Error& error, std::size_t block_begin) {
  constexpr std::string_view kItem = "item ";
  const std::string_view message = error.what();
  std::size_t item = 0;
  if (!message.starts_with(kItem)) throw error;
  const auto [end, code] =
      std::from_chars(message.data() + kItem.size(), message.data() + message.size(), item);
  if (code != std::errc()) throw error;
  fail(error.kind(), "texts[", item + block_begin, "]",
       message.substr(static_cast<std::size_t>(end - message.data())));
}

}  // namespace

double operations_of(const EmbedderDescription& model, std::size_t num_texts, std::size_t bytes) {
  constexpr double kBytesPerToken = 3;
  // The weights of a transformer's layer: 12 hidden_size^2; a multiplication and an addition each.
  constexpr double kPerToken = 24;
  double tokens =
      static_cast<double>(bytes) / kBytesPerToken + 2.0 * static_cast<double>(num_texts);
  if (model.max_length != 0)
    tokens = std::min(tokens, static_cast<double>(num_texts * model.max_length));
  const auto width = static_cast<double>(model.dimension);
  return kPerToken * width * width * static_cast<double>(model.num_layers) * tokens;
}

bool EmbedCall::is_small() const {
  const EmbedderDescription& description = model_->engine().description();
  return texts_.bytes() <= kSmallBytes &&
         operations_of(description, texts_.size(), texts_.bytes()) <= kSmallOperations;
}

void EmbedCall::count_empty() {
  const auto views = texts_.views();
  for (std::size_t i = 0; i < views.size(); ++i) {
    if (views[i].find_first_not_of(" \t\r\n") != std::string_view::npos) continue;
    if (num_empty_++ == 0) first_empty_ = i;
  }
}

Vectors EmbedCall::embed_block(std::size_t begin, std::size_t end, Workspace& workspace) {
  options_.progress = [this, begin](std::uint64_t done) { at(begin + done); };
  try {
    return model_->engine().embed(texts_.views().subspan(begin, end - begin), options_, workspace);
  } catch (const Error& error) {
    fail_item(error, begin);
  }
}

// The matrix for all texts is made when the first of several blocks is there.
void EmbedCall::append(Vectors block, std::size_t begin) {
  const View<const float> rows = std::as_const(block.values).view<float>();
  vectors_.report.add(block.report);
  if (block.row_offsets.empty()) {
    if (begin == 0) vectors_.values = Tensor::zeros<float>({texts_.size(), rows.cols()});
    std::ranges::copy(rows.span(), vectors_.values.view<float>().row(begin).data());
    return;
  }
  const std::size_t before = begin == 0 ? 0 : vectors_.values.view<float>().rows();
  Tensor all = Tensor::zeros<float>({before + rows.rows(), rows.cols()});
  if (before != 0)
    std::ranges::copy(vectors_.values.view<float>().span(), all.view<float>().data());
  std::ranges::copy(rows.span(), all.view<float>().data() + before * rows.cols());
  vectors_.values = std::move(all);
  if (begin == 0) vectors_.row_offsets.push_back(0);
  for (std::size_t i = 1; i < block.row_offsets.size(); ++i) {
    vectors_.row_offsets.push_back(block.row_offsets[i] + static_cast<std::int64_t>(before));
  }
}

void EmbedCall::run() {
  count_empty();
  const Workspaces::Lease workspace(model_->workspaces());
  const auto views = texts_.views();
  for (std::size_t begin = 0; begin < views.size() || begin == 0;) {
    std::size_t end = begin;
    for (std::size_t bytes = 0;
         end < views.size() && end - begin < kBlockTexts && bytes < kBlockBytes; ++end)
      bytes += views[end].size();
    Vectors block = embed_block(begin, end, *workspace);
    if (begin == 0 && end == views.size()) {
      vectors_ = std::move(block);
      break;
    }
    append(std::move(block), begin);
    begin = end;
    at(begin);
  }
}

}  // namespace firth::python
