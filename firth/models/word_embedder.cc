#include "firth/models/word_embedder.h"

#include <algorithm>
#include <filesystem>
#include <mutex>
#include <vector>

#include "firth/core/error.h"
#include "firth/kernels/vector.h"
#include "firth/models/vector_output.h"
#include "firth/words/word_vectors.h"

namespace firth {
namespace {

constexpr std::size_t kTextsAPiece = 64;  // of the parallel loop

class WordEmbedder final : public Embedder {
 public:
  WordEmbedder(const std::string& path, std::shared_ptr<const WordVectors> vectors)
      : path_(path), vectors_(std::move(vectors)) {
    description_.name = std::filesystem::path(path).filename().string();
    description_.kind = vectors_->kind();
    description_.dimension = vectors_->dimension();
    description_.pooling = "mean";
  }

  const EmbedderDescription& description() const override { return description_; }

  std::string identity() const override {
    std::call_once(identity_once_, [this] {
      const std::string files[] = {path_}, choices[] = {description_.kind};
      identity_ = space_identity(files, choices);
    });
    return identity_;
  }

  Vectors embed(const Items& items, const EmbedOptions& options,
                Workspace& workspace) const override;

 private:
  std::size_t embed_one(const Items& items, std::size_t i, std::string_view prompt,
                        std::span<float> out, std::size_t& num_tokens) const;

  std::string path_;
  std::shared_ptr<const WordVectors> vectors_;
  EmbedderDescription description_;
  mutable std::once_flag identity_once_;
  mutable std::string identity_;
};

std::size_t num_items(const Items& items) {
  if (const auto* texts = std::get_if<std::span<const std::string_view>>(&items))
    return texts->size();
  return std::get<std::reference_wrapper<const Ragged>>(items).get().num_sequences();
}

// Returns the number of words that have no vector.
std::size_t WordEmbedder::embed_one(const Items& items, std::size_t i, std::string_view prompt,
                                    std::span<float> out, std::size_t& num_tokens) const {
  if (const auto* texts = std::get_if<std::span<const std::string_view>>(&items)) {
    std::string joined;
    std::string_view text = (*texts)[i];
    if (!prompt.empty()) text = joined = std::string(prompt) + std::string(text);
    for_each_token(text, [&](std::string_view) { ++num_tokens; });
    return vectors_->text_vector(text, out);
  }
  const auto ids = std::get<std::reference_wrapper<const Ragged>>(items).get().sequence(i);
  std::ranges::fill(out, 0.0F);
  std::vector<float> row(out.size());
  for (const std::int32_t id : ids) {
    if (id < 0 || static_cast<std::size_t>(id) >= vectors_->words().size()) {
      fail(ErrorKind::kInvalidArgument, description_.name, ": item ", i, ": expected ids below ",
           vectors_->words().size(), ", found ", id);
    }
    vectors_->copy_row(static_cast<std::size_t>(id), row);
    axpy(1.0F / static_cast<float>(ids.size()), row, out);
  }
  num_tokens += ids.size();
  return 0;
}

Vectors WordEmbedder::embed(const Items& items, const EmbedOptions& options,
                            Workspace& workspace) const {
  if (!options.layers.empty()) {
    fail(ErrorKind::kUnsupported, description_.name, ": a ", description_.kind,
         " model has no layers to choose from");
  }
  const OutputForm form = output_form(description_, options);
  const std::string_view prompt = chosen_prompt(description_, options.prompt);
  const std::size_t n = num_items(items);
  Vectors out;
  out.values = Tensor::zeros<float>({n, form.dimension});
  std::mutex mutex;
  std::uint64_t done = 0;
  workspace.pool().parallel_for(
      n, kTextsAPiece, [&](std::size_t begin, std::size_t end, std::size_t) {
        Tensor rows = Tensor::zeros<float>({end - begin, description_.dimension});
        std::vector<std::size_t> places(end - begin);
        std::size_t unknown = 0, tokens = 0;
        for (std::size_t i = begin; i < end; ++i) {
          places[i - begin] = i;
          unknown += embed_one(items, i, prompt, rows.view<float>().row(i - begin), tokens);
        }
        write_rows(rows.view<float>(), places, form, out.values.view<float>());
        const std::scoped_lock lock(mutex);
        out.report.num_unknown += unknown;
        out.report.num_tokens += tokens;
        done += end - begin;
        if (options.progress) options.progress(done);
      });
  out.report.num_items = n;
  if (options.long_policy == LongPolicy::kChunkEach) {
    for (std::size_t i = 0; i <= n; ++i) out.row_offsets.push_back(static_cast<std::int64_t>(i));
  }
  return out;
}

}  // namespace

std::unique_ptr<const Embedder> open_word_embedder(const std::string& path,
                                                   const OpenOptions& options) {
  if (options.pooling && *options.pooling != "mean") {
    fail(ErrorKind::kInvalidArgument, path, ": pooling ", quoted(*options.pooling),
         ": vectors of words know 'mean' only");
  }
  if (options.max_length != 0) {
    fail(ErrorKind::kInvalidArgument, path, ": max length: vectors of words have no limit");
  }
  return std::make_unique<WordEmbedder>(path, open_word_vectors(path));
}

}  // namespace firth
