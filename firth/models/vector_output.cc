#include "firth/models/vector_output.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "firth/core/error.h"
#include "firth/io/hash.h"
#include "firth/kernels/vector.h"

namespace firth {

OutputForm output_form(const EmbedderDescription& description, const EmbedOptions& options) {
  if (options.dim > description.dimension) {
    fail(ErrorKind::kInvalidArgument, description.name, ": expected a dimension of at most ",
         description.dimension, ", found ", options.dim);
  }
  return {.dimension = options.dim == 0 ? description.dimension : options.dim,
          .normalize = options.normalize.value_or(description.normalized),
          .model = description.name};
}

void check_finite(std::span<const float> values, std::string_view model) {
  // By the bits, without a jump, so that it costs next to nothing.
  constexpr std::uint32_t kExponent = 0x7F800000;
  bool finite = true;
  for (const float value : values) {
    finite = finite & ((std::bit_cast<std::uint32_t>(value) & kExponent) != kExponent);
  }
  if (finite) return;
  fail(ErrorKind::kCorrupt, model, ": expected vectors of finite numbers, found NaN or infinity; ",
       "the weights are damaged or too large");
}

void write_rows(View<const float> from, std::span<const std::size_t> rows, const OutputForm& form,
                View<float> to) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    check_finite(from.row(i), form.model);
    std::ranges::copy(from.row(i).first(form.dimension), to.row(rows[i]).begin());
    if (form.normalize) normalize_rows(to.slice_rows(rows[i], rows[i] + 1));
  }
}

namespace {

Tensor average_windows(const Sequences& sequences, View<const float> rows, const OutputForm& form) {
  const std::size_t n = sequences.num_items();
  Tensor out = Tensor::zeros<float>({n, form.dimension});
  const View<float> means = out.view<float>();
  for (std::size_t i = 0; i < n; ++i) {
    const auto begin = static_cast<std::size_t>(sequences.row_offsets[i]);
    const auto end = static_cast<std::size_t>(sequences.row_offsets[i + 1]);
    if (end - begin == 1) {  // not split: the same bits as without windows
      std::ranges::copy(rows.row(begin), means.row(i).begin());
      continue;
    }
    float total = 0;
    for (std::size_t w = begin; w < end; ++w) {
      const auto weight = static_cast<float>(sequences.tokens.length(w));
      axpy(weight, rows.row(w), means.row(i));
      total += weight;
    }
    for (float& value : means.row(i)) value /= total;
    if (form.normalize) normalize_rows(means.slice_rows(i, i + 1));
  }
  return out;
}

}  // namespace

Vectors finish_vectors(Sequences sequences, Tensor rows, const EmbedOptions& options,
                       const OutputForm& form) {
  Vectors out;
  if (options.long_policy == LongPolicy::kChunkMean) {
    out.values = average_windows(sequences, std::as_const(rows).view<float>(), form);
  } else {
    out.values = std::move(rows);
    if (options.long_policy == LongPolicy::kChunkEach)
      out.row_offsets = std::move(sequences.row_offsets);
  }
  out.report = std::move(sequences.report);
  return out;
}

std::string_view chosen_prompt(const EmbedderDescription& description,
                               const std::optional<std::string>& prompt) {
  if (prompt) return *prompt;
  if (description.default_prompt_name.empty()) return {};
  return prompt_by_name(description, description.default_prompt_name);
}

void ProgressCounter::finished(std::span<const std::size_t> sequence_indices) {
  if (!callback_) return;
  const std::lock_guard lock(mutex_);
  sequences_done_ += sequence_indices.size();
  // Windows of an item may end in any order: its share of all sequences is near enough.
  const std::uint64_t total = std::max<std::uint64_t>(sequences_.tokens.num_sequences(), 1);
  callback_(sequences_done_ * sequences_.num_items() / total);
}

std::string space_identity(std::span<const std::string> files,
                           std::span<const std::string> choices) {
  Hash hash;
  for (const std::string& file : files) hash.add_field(hash_file(file));
  for (const std::string& choice : choices) hash.add_field(choice);
  return hash.hex();
}

}  // namespace firth
