#include "firth/models/sentence_transformer.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "firth/core/error.h"
#include "firth/kernels/vector.h"
#include "firth/models/batches.h"
#include "firth/models/vector_output.h"
#include "firth/nn/attention.h"

namespace firth {
namespace {

// The mean of several hidden states, gathered while a batch runs.
class LayerMean {
 public:
  LayerMean(std::span<const std::size_t> layers, std::size_t rows, std::size_t hidden_size,
            Arena& arena)
      : layers_(layers), sum_(arena.allocate<float>({rows, hidden_size})) {
    std::ranges::fill(sum_.span(), 0.0F);
  }

  EncoderTaps taps() {
    return {.hidden_state = [this](std::size_t layer, View<const float> x) { add(layer, x); },
            .attention = {},
            .num_layers = std::ranges::max(layers_)};
  }

  View<float> mean() {
    const auto count = static_cast<float>(layers_.size());
    for (float& value : sum_.span()) value /= count;
    return sum_;
  }

 private:
  void add(std::size_t layer, View<const float> hidden) {
    for (auto times = std::ranges::count(layers_, layer); times > 0; --times)
      axpy(1.0F, hidden.span(), sum_.span());
  }

  std::span<const std::size_t> layers_;
  View<float> sum_;
};

}  // namespace

std::string SentenceTransformer::identity() const {
  std::call_once(identity_once_, [this] {
    const std::string choices[] = {"pooling " + pooling_name(parts_.pooling),
                                   "precision " + std::string(precision_name(parts_.precision)),
                                   "max_length " + std::to_string(parts_.description.max_length)};
    identity_ = space_identity(parts_.files, choices);
  });
  return identity_;
}

SequenceOptions SentenceTransformer::sequence_options(std::string_view prompt) const {
  return {.prompt = prompt,
          .max_length = parts_.description.max_length,
          .vocab_size = parts_.encoder->shape().vocab_size};
}

// Tokens at the start of a text that are its prompt, the special ones before it included: those of
// the prompt alone without the closing special token, as sentence-transformers counts them.
std::size_t SentenceTransformer::prompt_tokens(std::string_view prompt) const {
  if (parts_.pooling.include_prompt || prompt.empty()) return 0;
  std::string buffer;
  const Encoding encoding =
      parts_.tokenizer->encode(prepared_text({}, sequence_options(prompt), buffer),
                               {.max_length = parts_.description.max_length});
  const bool closed =
      !encoding.special_tokens_mask.empty() && encoding.special_tokens_mask.back() != 0;
  return encoding.ids.size() - (closed ? 1 : 0);
}

std::size_t SentenceTransformer::resolve_layer(int layer) const {
  const auto count = static_cast<int>(parts_.description.num_layers);
  const int resolved = layer < 0 ? layer + count : layer;
  if (resolved < 0 || resolved >= count) {
    fail(ErrorKind::kInvalidArgument, parts_.description.name, ": layer ", layer, ": expected ",
         -count, " to ", count - 1, " (0 = the embedding output)");
  }
  return static_cast<std::size_t>(resolved);
}

Vectors SentenceTransformer::embed(const Items& items, const EmbedOptions& options,
                                   Workspace& workspace) const {
  const OutputForm form = output_form(parts_.description, options);
  std::vector<std::size_t> layers;
  for (const int layer : options.layers) layers.push_back(resolve_layer(layer));
  const std::string_view prompt = chosen_prompt(parts_.description, options.prompt);
  const bool texts = std::holds_alternative<std::span<const std::string_view>>(items);
  const std::size_t skip = texts ? prompt_tokens(prompt) : 0;

  SequenceOptions sequence_form = sequence_options(prompt);
  sequence_form.long_policy = options.long_policy;
  sequence_form.chunk_overlap = options.chunk_overlap;
  Sequences sequences = make_sequences(parts_.tokenizer, items, sequence_form, workspace.pool());

  Tensor rows = Tensor::zeros<float>({sequences.tokens.num_sequences(), form.dimension});
  ProgressCounter progress(options.progress, sequences);
  for_each_batch(sequences.tokens, token_budget(), workspace,
                 [&](const Batch& batch, Arena& arena) {
                   Pass pass(arena);
                   View<const float> hidden;
                   if (layers.empty()) {
                     hidden = parts_.encoder->forward(pass, batch.input, {}).value;
                   } else {
                     LayerMean mean(layers, batch.input.ids.size(),
                                    parts_.encoder->shape().hidden_size, arena);
                     parts_.encoder->forward(pass, batch.input, mean.taps());
                     hidden = mean.mean();
                   }
                   Var vectors = pool(pass, parts_.pooling, hidden, batch.input.offsets, skip);
                   for (const VectorModule& module : parts_.modules)
                     vectors = apply(pass, module, vectors);
                   write_rows(vectors.value, batch.indices, form, rows.view<float>());
                   progress.finished(batch.indices);
                 });
  return finish_vectors(std::move(sequences), std::move(rows), options, form);
}

namespace {

// Tokens, their spelling and their place in the text, for all items.
struct SpelledTokens {
  Sequences sequences;
  std::vector<std::string> pieces;
  std::vector<TokenSpan> spans;
};

std::uint32_t count_code_points(std::string_view text) {
  return static_cast<std::uint32_t>(
      std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

// Offsets count from the item's text: what lies in the prompt before it becomes empty.
TokenSpan without_prompt(TokenSpan span, std::uint32_t prompt_length) {
  return {span.begin - std::min(span.begin, prompt_length),
          span.end - std::min(span.end, prompt_length)};
}

void spell_texts(const SharedTokenizer& tokenizer, std::span<const std::string_view> texts,
                 const SequenceOptions& options, SpelledTokens& out) {
  const std::uint32_t prompt_length = count_code_points(options.prompt);
  std::string buffer;
  for (const std::string_view text : texts) {
    Encoding encoding =
        tokenizer->encode(prepared_text(text, options, buffer), {.max_length = options.max_length});
    std::ranges::move(encoding.tokens, std::back_inserter(out.pieces));
    for (const TokenSpan span : encoding.offsets)
      out.spans.push_back(without_prompt(span, prompt_length));
  }
}

void spell_ids(const SharedTokenizer& tokenizer, SpelledTokens& out) {
  for (const std::int32_t id : out.sequences.tokens.ids)
    out.pieces.push_back(tokenizer->id_to_token(id).value_or(""));
  out.spans.resize(out.pieces.size());
}

SpelledTokens spell(const SharedTokenizer& tokenizer, const Items& items,
                    const SequenceOptions& options, ThreadPool& pool) {
  SpelledTokens out{
      .sequences = make_sequences(tokenizer, items, options, pool), .pieces = {}, .spans = {}};
  if (const auto* texts = std::get_if<std::span<const std::string_view>>(&items)) {
    spell_texts(tokenizer, *texts, options, out);
  } else {
    spell_ids(tokenizer, out);
  }
  if (out.pieces.size() != out.sequences.tokens.num_tokens())
    fail(ErrorKind::kInternal, "the tokenizer gave a text two different numbers of tokens");
  return out;
}

// Where the attention weights of each item begin in the tensor of a layer, and their total.
std::vector<std::size_t> attention_begins(const Ragged& tokens, std::size_t num_heads) {
  std::vector<std::size_t> begins{0};
  for (std::size_t i = 0; i < tokens.num_sequences(); ++i)
    begins.push_back(begins.back() + num_heads * tokens.length(i) * tokens.length(i));
  return begins;
}

}  // namespace

TokenVectors SentenceTransformer::embed_tokens(const Items& items, const TokenOptions& options,
                                               Workspace& workspace) const {
  const EncoderShape& shape = parts_.encoder->shape();
  std::vector<std::size_t> layers;
  for (const int layer : options.layers) layers.push_back(resolve_layer(layer));
  for (const int layer : options.attention_layers) {
    if (layer < 0 || static_cast<std::size_t>(layer) >= shape.num_hidden_layers) {
      fail(ErrorKind::kInvalidArgument, parts_.description.name, ": attention layer ", layer,
           ": expected 0 to ", shape.num_hidden_layers - 1);
    }
  }
  const std::string_view prompt = chosen_prompt(parts_.description, options.prompt);
  SpelledTokens spelled =
      spell(parts_.tokenizer, items, sequence_options(prompt), workspace.pool());
  const Ragged& tokens = spelled.sequences.tokens;
  const auto begins = attention_begins(tokens, shape.num_attention_heads);

  TokenVectors out;
  for (std::size_t i = 0; i < layers.size(); ++i)
    out.layers.push_back(Tensor::zeros<float>({tokens.num_tokens(), shape.hidden_size}));
  for (std::size_t i = 0; i < options.attention_layers.size(); ++i)
    out.attentions.push_back(Tensor::zeros<float>({begins.back()}));

  // Batches are in another order than the items: each item's rows go to their own place.
  const auto copy_hidden = [&](const Batch& batch, View<const float> hidden, Tensor& to) {
    for (std::size_t s = 0; s < batch.indices.size(); ++s) {
      const auto rows = hidden.slice_rows(static_cast<std::size_t>(batch.input.offsets[s]),
                                          static_cast<std::size_t>(batch.input.offsets[s + 1]));
      check_finite(rows.span(), parts_.description.name);
      const auto begin = static_cast<std::size_t>(tokens.offsets[batch.indices[s]]);
      std::ranges::copy(rows.span(), to.view<float>().row(begin).data());
    }
  };
  const auto copy_attention = [&](const Batch& batch, const float* weights, Tensor& to) {
    for (const std::size_t item : batch.indices) {
      const std::size_t size = begins[item + 1] - begins[item];
      std::copy_n(weights, size, to.view<float>().data() + begins[item]);
      weights += size;
    }
  };

  for_each_batch(tokens, token_budget(), workspace, [&](const Batch& batch, Arena& arena) {
    Pass pass(arena);
    std::vector<std::span<float>> weights(options.attention_layers.size());
    for (auto& of_layer : weights) {
      of_layer = arena
                     .allocate<float>({attention_probabilities_size(batch.input.offsets,
                                                                    shape.num_attention_heads)})
                     .span();
    }
    const EncoderTaps taps{
        .hidden_state =
            [&](std::size_t layer, View<const float> hidden) {
              for (std::size_t i = 0; i < layers.size(); ++i)
                if (layers[i] == layer) copy_hidden(batch, hidden, out.layers[i]);
            },
        .attention =
            [&](std::size_t layer) {
              const auto wanted =
                  std::ranges::find(options.attention_layers, static_cast<int>(layer));
              if (wanted == options.attention_layers.end()) return std::span<float>();
              return weights[static_cast<std::size_t>(wanted - options.attention_layers.begin())];
            }};
    parts_.encoder->forward(pass, batch.input, taps);
    for (std::size_t i = 0; i < weights.size(); ++i) {
      const auto first = std::ranges::find(options.attention_layers, options.attention_layers[i]) -
                         options.attention_layers.begin();
      copy_attention(batch, weights[static_cast<std::size_t>(first)].data(), out.attentions[i]);
    }
  });

  out.report = std::move(spelled.sequences.report);
  out.tokens = std::move(spelled.sequences.tokens);
  out.pieces = std::move(spelled.pieces);
  out.spans = std::move(spelled.spans);
  return out;
}

}  // namespace firth
