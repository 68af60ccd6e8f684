#include "firth/models/static_embedding.h"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <optional>
#include <span>
#include <utility>

#include "firth/core/error.h"
#include "firth/io/json.h"
#include "firth/io/mapped_file.h"
#include "firth/io/model_folder.h"
#include "firth/io/safetensors.h"
#include "firth/kernels/vector.h"
#include "firth/models/config.h"
#include "firth/models/model_card.h"
#include "firth/models/open_sentence_transformer.h"
#include "firth/models/pooling.h"
#include "firth/models/sequences.h"
#include "firth/models/transformer_folder.h"
#include "firth/models/vector_modules.h"
#include "firth/models/vector_output.h"

namespace firth {
namespace {

constexpr std::size_t kTextsAPiece = 64;  // of the parallel loop

// The row and the weight of each token.
class TokenTable {
 public:
  TokenTable() = default;
  explicit TokenTable(const Checkpoint& weights);

  std::size_t width() const { return rows_.shape()[1]; }

  std::size_t vocab_size() const { return row_of_.empty() ? rows_.shape()[0] : row_of_.size(); }

  // sum += weight * row; `scratch` holds a row.
  void add(std::int32_t id, std::span<float> sum, std::span<float> scratch) const {
    const auto token = static_cast<std::size_t>(id);
    const std::size_t row = row_of_.empty() ? token : row_of_[token];
    const float weight = weight_of_.empty() ? 1.0F : weight_of_[token];
    if (rows_.holds<float>()) {
      axpy(weight, rows_.view<float>().row(row), sum);
      return;
    }
    const std::size_t row_bytes = width() * dtype_size(rows_.dtype());
    AnyView(rows_.dtype(), Shape{width()}, rows_.bytes().data() + row * row_bytes).copy_to(scratch);
    axpy(weight, scratch, sum);
  }

 private:
  Checkpoint weights_;                 // keeps the rows mapped
  AnyView rows_;                       // (num_rows, width)
  std::vector<std::uint32_t> row_of_;  // token -> row; empty: the token's own
  std::vector<float> weight_of_;       // token -> weight; empty: 1
};

[[noreturn]] void fail_shape(const Checkpoint& weights, const std::string& name,
                             std::string_view expected) {
  const TensorInfo& info = weights.info(name);
  fail(ErrorKind::kCorrupt, weights.where(name), ": expected ", expected, ", found ", info.dtype,
       " of shape ", Shape(info.shape).to_string());
}

// A list of numbers of whatever type numpy wrote; float64 among them, which is no type of tensors
// here.
std::vector<double> read_numbers(const Checkpoint& weights, const std::string& name) {
  const TensorInfo& info = weights.info(name);
  if (info.shape.size() != 1) fail_shape(weights, name, "a list of numbers");
  std::vector<double> numbers(info.shape[0]);
  if (info.dtype == "F64") {
    const auto file = MappedFile::open(weights.files().front());
    if (weights.files().size() != 1) fail_shape(weights, name, "a list in a file of its own");
    std::memcpy(numbers.data(), file->bytes().data() + info.offset, info.bytes);
    return numbers;
  }
  const AnyView view = weights.tensor(name);
  if (view.dtype() == DType::kI64) {
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      std::int64_t value = 0;
      std::memcpy(&value, view.bytes().data() + i * sizeof(value), sizeof(value));
      numbers[i] = static_cast<double>(value);
    }
    return numbers;
  }
  const Tensor values = Tensor::from(view);
  std::ranges::copy(values.view<float>().span(), numbers.begin());
  return numbers;
}

TokenTable::TokenTable(const Checkpoint& weights) : weights_(weights) {
  const std::string name = weights.has("embedding.weight") ? "embedding.weight" : "embeddings";
  rows_ = weights.tensor(name);
  if (rows_.shape().rank() != 2 || rows_.shape().size() == 0)
    fail_shape(weights, name, "a matrix (tokens, dimension)");
  if (name == "embeddings" && weights.has("mapping")) {
    for (const double row : read_numbers(weights, "mapping")) {
      if (!(row >= 0 && row < static_cast<double>(rows_.shape()[0]))) {
        fail(ErrorKind::kCorrupt, weights.where("mapping"), ": expected rows of the ",
             rows_.shape()[0], " of 'embeddings', found ", row);
      }
      row_of_.push_back(static_cast<std::uint32_t>(row));
    }
  }
  if (name == "embeddings" && weights.has("weights")) {
    for (const double weight : read_numbers(weights, "weights"))
      weight_of_.push_back(static_cast<float>(weight));
    if (weight_of_.size() != vocab_size()) {
      fail(ErrorKind::kCorrupt, weights.where("weights"), ": expected a weight for each of ",
           vocab_size(), " tokens, found ", weight_of_.size());
    }
  }
}

struct StaticParts {
  EmbedderDescription description;
  SharedTokenizer tokenizer;
  TokenTable table;
  VectorChain chain;
  std::optional<std::int32_t> left_out;  // a token that does not count
  bool cut_text = false;                 // model2vec: before tokenization, see max_code_points()
  std::vector<std::string> files;
};

class StaticEmbedding final : public Embedder {
 public:
  explicit StaticEmbedding(StaticParts parts) : parts_(std::move(parts)) {}

  const EmbedderDescription& description() const override { return parts_.description; }

  const Tokenizer* tokenizer() const override { return &*parts_.tokenizer; }

  std::string identity() const override {
    std::call_once(identity_once_, [this] {
      const std::string choices[] = {parts_.description.kind,
                                     "max_length " + std::to_string(parts_.description.max_length)};
      identity_ = space_identity(parts_.files, choices);
    });
    return identity_;
  }

  Vectors embed(const Items& items, const EmbedOptions& options,
                Workspace& workspace) const override;

 private:
  std::size_t max_code_points(const Items& items) const;
  void mean(std::span<const std::int32_t> ids, std::span<float> out,
            std::span<float> scratch) const;

  StaticParts parts_;
  mutable std::once_flag identity_once_;
  mutable std::string identity_;
  mutable std::once_flag median_once_;
  mutable std::size_t median_token_length_ = 0;
};

// Of the vocabulary's spelling in code points, as numpy takes it: of an even number the mean of the
// two in the middle, rounded down.
std::size_t median_token_length(const Tokenizer& tokenizer) {
  std::vector<std::size_t> lengths;
  for (std::size_t id = 0; id < tokenizer.vocab_size(); ++id) {
    const auto token = tokenizer.id_to_token(static_cast<std::int32_t>(id));
    if (!token) continue;
    lengths.push_back(static_cast<std::size_t>(
        std::ranges::count_if(*token, [](char c) { return (c & 0xC0) != 0x80; })));
  }
  if (lengths.empty()) return 0;
  const std::size_t middle = lengths.size() / 2;
  std::ranges::sort(lengths);
  if (lengths.size() % 2 == 1) return lengths[middle];
  return (lengths[middle - 1] + lengths[middle]) / 2;
}

// model2vec cuts a text to max_length times the median length of a token, so that tokenization
// stays short. The median is only needed where a text could be cut.
std::size_t StaticEmbedding::max_code_points(const Items& items) const {
  const std::size_t max_length = parts_.description.max_length;
  const auto* texts = std::get_if<std::span<const std::string_view>>(&items);
  if (!parts_.cut_text || max_length == 0 || texts == nullptr) return 0;
  const auto may_be_cut = [&](std::string_view text) { return text.size() > max_length; };
  if (std::ranges::none_of(*texts, may_be_cut)) return 0;
  std::call_once(median_once_,
                 [this] { median_token_length_ = median_token_length(*parts_.tokenizer); });
  return max_length * median_token_length_;
}

void StaticEmbedding::mean(std::span<const std::int32_t> ids, std::span<float> out,
                           std::span<float> scratch) const {
  std::ranges::fill(out, 0.0F);
  std::size_t count = 0;
  for (const std::int32_t id : ids) {
    if (id == parts_.left_out) continue;
    parts_.table.add(id, out, scratch);
    ++count;
  }
  if (count == 0) return;
  for (float& value : out) value /= static_cast<float>(count);
}

Vectors StaticEmbedding::embed(const Items& items, const EmbedOptions& options,
                               Workspace& workspace) const {
  if (!options.layers.empty()) {
    fail(ErrorKind::kUnsupported, parts_.description.name, ": a ", parts_.description.kind,
         " model has no layers to choose from");
  }
  const OutputForm form = output_form(parts_.description, options);
  Sequences sequences = make_sequences(parts_.tokenizer, items,
                                       {.prompt = chosen_prompt(parts_.description, options.prompt),
                                        .add_special_tokens = false,
                                        .max_length = parts_.description.max_length,
                                        .max_code_points = max_code_points(items),
                                        .vocab_size = parts_.table.vocab_size(),
                                        .long_policy = options.long_policy,
                                        .chunk_overlap = options.chunk_overlap},
                                       workspace.pool());
  const Ragged& tokens = sequences.tokens;
  Tensor rows = Tensor::zeros<float>({tokens.num_sequences(), form.dimension});
  ProgressCounter progress(options.progress, sequences);
  workspace.pool().parallel_for(
      tokens.num_sequences(), kTextsAPiece,
      [&](std::size_t begin, std::size_t end, std::size_t worker) {
        Pass pass(workspace.arena(worker));
        const Arena::Scope scope(pass.arena());
        const auto indices = pass.arena().allocate<std::size_t>({end - begin}).span();
        const auto scratch = pass.arena().allocate<float>({parts_.table.width()}).span();
        Var vectors = pass.result({end - begin, parts_.table.width()});
        for (std::size_t i = begin; i < end; ++i) {
          indices[i - begin] = i;
          mean(tokens.sequence(i), vectors.value.row(i - begin), scratch);
        }
        for (const VectorModule& module : parts_.chain.modules)
          vectors = apply(pass, module, vectors);
        write_rows(vectors.value, indices, form, rows.view<float>());
        progress.finished(indices);
      });
  return finish_vectors(std::move(sequences), std::move(rows), options, form);
}

void check_options(const std::string& folder, const OpenOptions& options) {
  if (options.pooling && parse_pooling(*options.pooling).modes != PoolingConfig{}.modes) {
    fail(ErrorKind::kInvalidArgument, folder, ": pooling ", quoted(*options.pooling),
         ": static embeddings know 'mean' only");
  }
}

StaticParts load_parts(const std::string& folder, const OpenOptions& options) {
  check_options(folder, options);
  StaticParts parts;
  const Checkpoint weights = Checkpoint::open(folder);
  parts.files = weights.files();
  parts.table = TokenTable(weights);
  parts.tokenizer = SharedTokenizer(open_tokenizer(add_tokenizer_files(folder, parts.files)));
  parts.description.pooling = "mean";
  return parts;
}

}  // namespace

std::unique_ptr<const Embedder> open_static_embedding(const std::string& folder,
                                                      const std::vector<ModuleEntry>& modules,
                                                      const OpenOptions& options) {
  StaticParts parts = load_parts(model_subfolder(folder, modules.front().path), options);
  const auto truncate_dim = read_model_card(folder, parts.description);
  parts.description.kind = "static";
  parts.description.max_length =
      options.max_length != 0 ? options.max_length : parts.tokenizer->truncation_max_length();
  parts.chain = read_vector_chain(folder, std::span(modules).subspan(1), parts.table.width(),
                                  Precision::kF32, truncate_dim, parts.files);
  parts.description.dimension = parts.chain.width;
  parts.description.normalized = parts.chain.normalized;
  return std::make_unique<StaticEmbedding>(std::move(parts));
}

std::unique_ptr<const Embedder> open_model2vec(const std::string& folder,
                                               const OpenOptions& options) {
  StaticParts parts = load_parts(folder, options);
  read_model_card(folder, parts.description);
  const JsonDocument document = JsonDocument::read(model_file(folder, "config.json"));
  const Json config = document.root();
  constexpr std::size_t kDefaultMaxLength = 512;  // model2vec's, where the file says nothing
  const auto stated = config.find("max_length");
  const bool unlimited = stated && stated->is_null();
  parts.description.kind = "model2vec";
  parts.description.max_length = options.max_length != 0 ? options.max_length
                                 : unlimited
                                     ? 0
                                     : read_count_or(config, "max_length", kDefaultMaxLength);
  parts.description.normalized = read_bool_or(config, "normalize", false);
  parts.description.dimension = parts.table.width();
  parts.chain.width = parts.table.width();
  parts.left_out = parts.tokenizer->unknown_id();
  parts.cut_text = true;
  return std::make_unique<StaticEmbedding>(std::move(parts));
}

}  // namespace firth
