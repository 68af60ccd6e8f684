// fastText's `quantize`: the rows of the input table that matter most are kept, then both tables
// become codes. Importance is the length of a row; the end of the line is always kept.
#include <algorithm>
#include <numeric>

#include "firth/core/error.h"
#include "firth/kernels/vector.h"
#include "firth/words/fasttext_model.h"

namespace firth {
namespace {

// Rows in the order in which they will lie: words first, both in their old order.
std::vector<std::size_t> kept_rows(const FastTextParts& parts, std::size_t cutoff) {
  std::vector<float> norms(parts.input.rows());
  std::vector<float> row(parts.input.cols());
  for (std::size_t i = 0; i < norms.size(); ++i) {
    parts.input.copy_row(i, row);
    norms[i] = norm(row);
  }
  const auto end_of_line = parts.words.find(kSentenceEnd);
  std::vector<std::size_t> rows(norms.size());
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  std::ranges::stable_sort(rows, [&](std::size_t a, std::size_t b) {
    if (end_of_line && a == *end_of_line) return b != *end_of_line;
    if (end_of_line && b == *end_of_line) return false;
    return norms[a] > norms[b];
  });
  rows.resize(std::min(cutoff, rows.size()));
  std::ranges::sort(rows);
  return rows;
}

void keep_rows(FastTextParts& parts, const std::vector<std::size_t>& rows) {
  const std::size_t num_words = parts.words.size();
  auto table = std::make_shared<Tensor>(
      Tensor::zeros<float>({rows.size(), static_cast<std::size_t>(parts.args.dim)}));
  std::vector<std::string_view> words;
  std::vector<std::uint64_t> counts;
  auto& buckets = parts.kept_buckets.emplace();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    parts.input.copy_row(rows[i], table->view<float>().row(i));
    if (rows[i] < num_words) {
      words.push_back(parts.words[rows[i]]);
      counts.push_back(parts.word_counts[rows[i]]);
    } else {
      const auto row = static_cast<std::int32_t>(buckets.size());
      buckets[static_cast<std::int32_t>(rows[i] - num_words)] = row;
    }
  }
  parts.words = WordList::copy_of(words);
  parts.word_counts = std::move(counts);
  parts.input = FastTextMatrix(std::move(table));
}

}  // namespace

std::shared_ptr<const FastTextModel> FastTextModel::quantize(const QuantizeOptions& options) const {
  if (quantized())
    fail(ErrorKind::kInvalidArgument, "quantize: expected a model of floats, found codes");
  if (options.dsub == 0 || options.dsub > dimension())
    fail(ErrorKind::kInvalidArgument, "dsub: expected 1 to ", dimension(), ", found ",
         options.dsub);
  FastTextParts parts = parts_;
  if (options.cutoff > 0 && options.cutoff < parts.input.rows()) {
    if (!supervised()) {
      fail(ErrorKind::kUnsupported,
           "cutoff: expected a supervised model, found vectors of words, whose output table ",
           "has a row for each word");
    }
    keep_rows(parts, kept_rows(parts, options.cutoff));
  }
  parts.input = firth::quantize(parts.input, options.dsub, options.qnorm, options.seed);
  if (options.qout) parts.output = firth::quantize(parts.output, 2, options.qnorm, options.seed);
  return std::make_shared<const FastTextModel>(std::move(parts));
}

}  // namespace firth
