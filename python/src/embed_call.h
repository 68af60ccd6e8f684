// One call of a model: texts to vectors, a block at a time, so that neither the tokens of ten
// million texts are in memory at once nor a wish to stop goes unheard.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "computation.h"
#include "firth/core/embedder.h"
#include "model.h"
#include "texts.h"

namespace firth::python {

class EmbedCall final : public Computation {
 public:
  EmbedCall(std::shared_ptr<const Model> model, Texts texts, EmbedOptions options)
      : model_(std::move(model)), texts_(std::move(texts)), options_(std::move(options)) {}

  void run() override;

  // Done in some hundredths of a second on any machine.
  bool is_small() const;

  Vectors take_vectors() { return std::move(vectors_); }

  std::uint64_t num_empty() const { return num_empty_; }

  std::uint64_t first_empty() const { return first_empty_; }

 private:
  Vectors embed_block(std::size_t begin, std::size_t end, Workspace& workspace);
  void append(Vectors block, std::size_t begin);
  void count_empty();

  std::shared_ptr<const Model> model_;
  Texts texts_;
  EmbedOptions options_;
  Vectors vectors_;
  std::uint64_t num_empty_ = 0;
  std::uint64_t first_empty_ = 0;
};

// Roughly, what a model computes for that many bytes of text.
double operations_of(const EmbedderDescription& model, std::size_t num_texts, std::size_t bytes);

}  // namespace firth::python
