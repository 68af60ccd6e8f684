#include "firth/models/cross_encoder.h"

#include <algorithm>
#include <mutex>
#include <utility>

#include "firth/core/error.h"
#include "firth/core/ragged.h"
#include "firth/io/json.h"
#include "firth/io/model_folder.h"
#include "firth/models/batches.h"
#include "firth/models/classifier.h"
#include "firth/models/config.h"
#include "firth/models/encoder.h"
#include "firth/models/model_card.h"
#include "firth/models/modules_json.h"
#include "firth/models/sentence_transformer.h"
#include "firth/models/sequences.h"
#include "firth/models/transformer_folder.h"
#include "firth/models/vector_output.h"

namespace firth {
namespace {

constexpr std::size_t kPairsAPiece = 16;  // of the parallel loop

struct CrossEncoderParts {
  RerankerDescription description;
  LoadedClassifier model;
  SharedTokenizer tokenizer;
  bool uses_type_ids = false;
  std::size_t token_budget = 0;
};

// Pairs as token ids, one after another.
struct PairTokens {
  Ragged tokens;
  std::vector<std::int32_t> type_ids;
  EmbedReport report;

  void append(const PairTokens& other) {
    tokens.ids.insert(tokens.ids.end(), other.tokens.ids.begin(), other.tokens.ids.end());
    for (std::size_t i = 0; i < other.tokens.num_sequences(); ++i) {
      tokens.offsets.push_back(tokens.offsets.back() +
                               static_cast<std::int64_t>(other.tokens.length(i)));
    }
    type_ids.insert(type_ids.end(), other.type_ids.begin(), other.type_ids.end());
    report.add(other.report);
  }
};

class CrossEncoder final : public Reranker {
 public:
  explicit CrossEncoder(CrossEncoderParts parts) : parts_(std::move(parts)) {}

  const RerankerDescription& description() const override { return parts_.description; }

  PairScores score(std::span<const TextPair> pairs, const RerankOptions& options,
                   Workspace& workspace) const override {
    PairTokens tokens =
        tokenize(pairs, options.prompt.value_or(parts_.description.prompt), workspace.pool());
    PairScores out{.values = Tensor::zeros<float>({pairs.size(), parts_.description.labels.size()}),
                   .report = std::move(tokens.report)};
    std::mutex mutex;
    std::uint64_t done = 0;
    const auto run = [&](const Batch& batch, Arena& arena) {
      Pass pass(arena);
      const Var scores = batch_scores(pass, batch.input, options.logits);
      for (std::size_t i = 0; i < batch.indices.size(); ++i) {
        check_finite(scores.value.row(i), parts_.description.name);
        std::ranges::copy(scores.value.row(i),
                          out.values.view<float>().row(batch.indices[i]).begin());
      }
      if (!options.progress) return;
      const std::lock_guard lock(mutex);
      options.progress(done += batch.indices.size());
    };
    for_each_batch(tokens.tokens, parts_.token_budget, workspace, run, tokens.type_ids);
    return out;
  }

 private:
  Var batch_scores(Pass& pass, const EncoderInput& input, bool logits) const {
    const Var hidden = parts_.model.base.encoder->forward(pass, input, {});
    const Var scores = parts_.model.head->logits(pass, hidden.value, input);
    return logits ? scores : activated(parts_.model.activation, scores);
  }

  PairTokens tokenize(std::span<const TextPair> pairs, const std::string& prompt,
                      ThreadPool& pool) const {
    std::vector<PairTokens> pieces((pairs.size() + kPairsAPiece - 1) / kPairsAPiece);
    pool.parallel_for(pairs.size(), kPairsAPiece,
                      [&](std::size_t begin, std::size_t end, std::size_t) {
                        for (std::size_t i = begin; i < end; ++i)
                          add_pair(i, pairs[i], prompt, pieces[begin / kPairsAPiece]);
                      });
    PairTokens all;
    for (const PairTokens& piece : pieces) all.append(piece);
    all.report.num_tokens = all.tokens.num_tokens();
    return all;
  }

  void add_pair(std::size_t index, const TextPair& pair, const std::string& prompt,
                PairTokens& piece) const {
    const std::size_t limit = parts_.description.max_length;
    const std::string text = prompt + std::string(pair.text);
    Encoding encoding = parts_.tokenizer->encode_pair(text, pair.pair);
    ++piece.report.num_items;
    if (limit != 0 && encoding.ids.size() > limit) {
      encoding = parts_.tokenizer->encode_pair(text, pair.pair, {.max_length = limit});
      ++piece.report.num_truncated;
    }
    check_ids(index, encoding);
    if (const auto unknown = parts_.tokenizer->unknown_id()) {
      piece.report.num_unknown +=
          static_cast<std::uint64_t>(std::ranges::count(encoding.ids, *unknown));
    }
    piece.tokens.ids.insert(piece.tokens.ids.end(), encoding.ids.begin(), encoding.ids.end());
    piece.tokens.close_sequence();
    if (parts_.uses_type_ids) {
      piece.type_ids.insert(piece.type_ids.end(), encoding.type_ids.begin(),
                            encoding.type_ids.end());
    }
  }

  void check_ids(std::size_t index, const Encoding& encoding) const {
    const EncoderShape& shape = parts_.model.base.encoder->shape();
    const auto check = [&](std::span<const std::int32_t> ids, std::size_t bound,
                           std::string_view what) {
      for (const std::int32_t id : ids) {
        if (id >= 0 && static_cast<std::size_t>(id) < bound) continue;
        fail(ErrorKind::kCorrupt, parts_.description.name, ": pair ", index,
             ": the tokenizer gave ", what, " ", id, ", expected 0 to ", bound - 1);
      }
    };
    check(encoding.ids, shape.vocab_size, "the token id");
    if (parts_.uses_type_ids) check(encoding.type_ids, shape.type_vocab_size, "the token type");
  }

  CrossEncoderParts parts_;
};

// Where tokenizer_config.json lists what the model takes, token types must be among it.
bool takes_type_ids(const std::string& folder, const EncoderShape& shape) {
  if (shape.type_vocab_size < 2) return false;
  const auto path = find_model_file(folder, "tokenizer_config.json");
  if (!path) return true;
  const JsonDocument document = JsonDocument::read(*path);
  const auto names = document.root().find("model_input_names");
  if (!names || names->is_null()) return true;
  const auto elements = names->elements();
  return std::ranges::any_of(elements,
                             [](const Json& name) { return name.as_string() == "token_type_ids"; });
}

// What config_sentence_transformers.json names; it goes before config.json.
std::optional<ActivationFunction> card_activation(const std::string& folder) {
  const auto path = find_model_file(folder, "config_sentence_transformers.json");
  if (!path) return std::nullopt;
  const JsonDocument document = JsonDocument::read(*path);
  const auto name = document.root().find("activation_fn");
  if (!name || name->is_null() || !name->as_string().starts_with("torch.")) return std::nullopt;
  return read_torch_activation(*name);
}

}  // namespace

bool is_cross_encoder(const std::string& folder) {
  std::string encoder = folder;
  if (find_model_file(folder, "modules.json")) {
    const auto modules = read_modules_json(folder);
    if (modules.size() != 1) return false;
    encoder = model_subfolder(folder, modules.front().path);
  }
  return find_model_file(encoder, "config.json") && is_classifier(read_architecture(encoder));
}

std::unique_ptr<const Reranker> open_cross_encoder(const std::string& folder,
                                                   const std::string& encoder,
                                                   const OpenOptions& options, ThreadPool* pool) {
  CrossEncoderParts parts;
  parts.model = load_classifier(encoder, options.precision, pool);
  if (const auto activation = card_activation(folder)) parts.model.activation = *activation;
  const EncoderShape& shape = parts.model.base.encoder->shape();
  const TransformerSettings settings = read_transformer_settings(encoder);
  parts.tokenizer = SharedTokenizer(open_model_tokenizer(encoder, settings.lower_case));
  parts.uses_type_ids = takes_type_ids(encoder, shape);
  parts.token_budget =
      options.token_budget == 0 ? SentenceTransformer::kTokenBudget : options.token_budget;
  EmbedderDescription card;
  read_model_card(folder, card);
  parts.description = {
      .name = card.name,
      .kind = shape.family,
      .max_length = choose_max_length(card.name, options, settings, shape),
      .labels = parts.model.labels,
      .prompt = std::string(chosen_prompt(card, std::nullopt)),
      .prompts = card.prompts,
      .licence = card.licence,
  };
  return std::make_unique<CrossEncoder>(std::move(parts));
}

}  // namespace firth
