// For tests only: an Embedder that looks its vectors up, so that metrics are tested without a
// model.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "firth/core/embedder.h"
#include "firth/core/error.h"

namespace firth {

class LookupEmbedder : public Embedder {
 public:
  explicit LookupEmbedder(std::size_t dimension) { description_.dimension = dimension; }

  void add(const std::string& text, std::vector<float> vector) {
    vectors_[text] = std::move(vector);
  }

  EmbedderDescription& description() { return description_; }

  const EmbedderDescription& description() const override { return description_; }

  std::string identity() const override { return std::string(32, '0'); }

  Vectors embed(const Items& items, const EmbedOptions& options, Workspace&) const override {
    const auto texts = std::get<std::span<const std::string_view>>(items);
    Vectors result{.values = Tensor::zeros<float>(Shape{texts.size(), description_.dimension}),
                   .row_offsets = {},
                   .report = {.num_items = texts.size(), .unknown_scripts = {}}};
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const auto found = vectors_.find(options.prompt.value_or("") + std::string(texts[i]));
      if (found == vectors_.end()) fail(ErrorKind::kNotFound, "no vector of ", quoted(texts[i]));
      std::copy(found->second.begin(), found->second.end(),
                result.values.view<float>().row(i).begin());
    }
    return result;
  }

 private:
  EmbedderDescription description_;
  std::map<std::string, std::vector<float>> vectors_;
};

}  // namespace firth
