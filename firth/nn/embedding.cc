#include "firth/nn/embedding.h"

#include <array>
#include <numeric>

#include "firth/kernels/norm.h"

namespace firth {
namespace {

// Rows of a table whose elements cannot be read in place (f16, bf16, unaligned), one for each id.
View<const float> widened_rows(Pass& pass, const AnyView& table,
                               std::span<const std::int32_t> ids) {
  const std::size_t width = table.shape()[1];
  const std::size_t row_bytes = width * dtype_size(table.dtype());
  const View<float> rows = pass.arena().allocate<float>({ids.size(), width});
  for (std::size_t t = 0; t < ids.size(); ++t) {
    const std::byte* row = table.bytes().data() + static_cast<std::size_t>(ids[t]) * row_bytes;
    AnyView(table.dtype(), Shape{width}, row).copy_to(rows.row(t));
  }
  return rows;
}

std::span<const std::int32_t> counted(Pass& pass, std::size_t n) {
  const View<std::int32_t> indices = pass.arena().allocate<std::int32_t>({n});
  std::iota(indices.data(), indices.data() + n, 0);
  return indices.span();
}

std::span<const std::int32_t> position_indices(Pass& pass, const Embedding& tables,
                                               const EmbeddingInput& input) {
  const View<std::int32_t> indices = pass.arena().allocate<std::int32_t>({input.ids.size()});
  for (std::size_t s = 0; s + 1 < input.offsets.size(); ++s) {
    auto next = static_cast<std::int32_t>(tables.first_position);
    for (auto t = static_cast<std::size_t>(input.offsets[s]);
         t < static_cast<std::size_t>(input.offsets[s + 1]); ++t) {
      const bool padding = tables.pad_id == input.ids[t];
      indices.data()[t] = padding ? static_cast<std::int32_t>(tables.first_position) - 1 : next++;
    }
  }
  return indices.span();
}

}  // namespace

Var embedding(Pass& pass, const Embedding& tables, const EmbeddingInput& input) {
  const Var x = pass.result({input.ids.size(), tables.word.shape()[1]});
  const Arena::Scope scope(pass.arena());
  std::array<EmbeddingSource, 3> sources;
  std::size_t n = 0;
  if (tables.word.holds<float>()) {
    sources[n++] = {.table = tables.word.view<float>(), .indices = input.ids.data()};
  } else {
    sources[n++] = {.table = widened_rows(pass, tables.word, input.ids),
                    .indices = counted(pass, input.ids.size()).data()};
  }
  if (tables.token_type.size() != 0) {
    sources[n++] = {.table = tables.token_type.view<float>(),
                    .indices = input.type_ids.empty() ? nullptr : input.type_ids.data()};
  }
  if (tables.position.size() != 0) {
    sources[n++] = {.table = tables.position.view<float>(),
                    .indices = position_indices(pass, tables, input).data()};
  }
  const auto used = std::span(sources).first(n);
  if (tables.norm.empty()) {
    embedding_sum(used, x.value);
  } else {
    embedding_layer_norm(used, tables.norm.kernel_weights(), x.value);
  }
  return x;
}

}  // namespace firth
