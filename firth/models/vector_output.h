// The last steps of every embedder: rows cut to the dimension asked for and made unit length,
// windows of one item averaged, progress reported.
#pragma once

#include <cstdint>
#include <mutex>
#include <span>
#include <string_view>

#include "firth/core/embedder.h"
#include "firth/core/precision.h"
#include "firth/models/sequences.h"

namespace firth {

struct OutputForm {
  std::size_t dimension = 0;  // components kept of each row
  bool normalize = false;
  std::string_view model;  // its name, for errors
};

// Errors: corrupt for NaN and infinities, which damaged weights give.
void check_finite(std::span<const float> values, std::string_view model);

// Checks options.dim against the model's dimension.
OutputForm output_form(const EmbedderDescription& description, const EmbedOptions& options);

// Row i of `from` becomes row rows[i] of `to`: (n, form.dimension). Rows that are not finite are an
// error.
void write_rows(View<const float> from, std::span<const std::size_t> rows, const OutputForm& form,
                View<float> to);

// The rows of all sequences, in order, and what the options want of them: averages over the windows
// of an item weigh each by its number of tokens.
Vectors finish_vectors(Sequences sequences, Tensor rows, const EmbedOptions& options,
                       const OutputForm& form);

// The prompt put before the items: the caller's, else the model's default, else none.
std::string_view chosen_prompt(const EmbedderDescription& description,
                               const std::optional<std::string>& prompt);

// Counts finished items for a callback that wants one call at a time.
class ProgressCounter {
 public:
  ProgressCounter(const ProgressCallback& callback, const Sequences& sequences)
      : callback_(callback), sequences_(sequences) {}

  void finished(std::span<const std::size_t> sequence_indices);

 private:
  const ProgressCallback& callback_;
  const Sequences& sequences_;
  std::mutex mutex_;
  std::uint64_t sequences_done_ = 0;
};

// The identity of a vector space: a hash of the content of the files and of the choices.
std::string space_identity(std::span<const std::string> files,
                           std::span<const std::string> choices);

}  // namespace firth
