// Embedder: whatever turns items into vectors. A word table, a BERT, a TF-IDF + PCA pipeline:
// search, eval, the command line and Python know only this interface. open_embedder (firth/embed)
// makes one from a path.
//
// An Embedder is immutable after it is made and may be used by several threads at once, each with a
// Workspace of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "firth/core/ragged.h"
#include "firth/core/tensor.h"
#include "firth/core/workspace.h"

namespace firth {

// How vectors of a space are compared; the names are those of config_sentence_transformers.json.
enum class Similarity : std::uint8_t { kCosine, kDot, kEuclidean, kManhattan };

std::string_view similarity_name(Similarity similarity);

struct EmbedderDescription {
  std::string name;  // what it was opened by, shortened to its last part
  std::string kind;  // "sentence-transformers", "bert", "static", "model2vec", …
  std::size_t dimension = 0;
  std::size_t max_length = 0;  // tokens of an item, special tokens included; 0 = no limit
  std::size_t num_layers = 0;  // of hidden states that embed_tokens gives, the embedding output
                               // included; 0 = none
  std::size_t num_attention_heads = 0;
  Similarity similarity = Similarity::kCosine;
  bool normalized = false;  // vectors are made unit length unless the caller says otherwise
  std::map<std::string, std::string> prompts;  // name -> text put before an item
  std::string default_prompt_name;             // "" = none
  std::string licence;                         // as the model states it, "" = not stated
  std::string pooling;                         // "mean", "cls+max", …; "" where nothing is pooled
  std::string precision = "f32";               // arithmetic of its products: "f32", "bf16", "int8"
};

// UTF-8 texts, or token ids that are used as they are (no special tokens are added, nothing is cut
// but by the model's limit).
using Items = std::variant<std::span<const std::string_view>, std::reference_wrapper<const Ragged>>;

// What becomes of an item that is longer than max_length.
enum class LongPolicy : std::uint8_t {
  kTruncate,   // its beginning is embedded; the report counts it
  kError,      // invalid_argument, naming the item
  kChunkMean,  // overlapping windows, their vectors averaged by their number of tokens
  kChunkEach,  // overlapping windows, a row each
};

// Called from any thread, one call at a time, with the number of items done so far. May throw to
// stop the computation; the exception reaches the caller of embed().
using ProgressCallback = std::function<void(std::uint64_t done)>;

struct EmbedOptions {
  std::optional<std::string> prompt;  // put before every item; nullopt: the model's default prompt
  std::size_t dim = 0;                // keep the first dim components (Matryoshka); 0 = all
  std::optional<bool> normalize;      // unit length; nullopt: as the model's files say; after dim
  LongPolicy long_policy = LongPolicy::kTruncate;
  std::size_t chunk_overlap = 32;  // tokens that neighbouring windows share (kChunk…)
  std::vector<int> layers;         // mean of these hidden states is pooled, 0 = embedding output,
                                   // negative counts from the last; empty = the last
  ProgressCallback progress;
};

// What a caller should be told of, in numbers.
struct EmbedReport {
  std::uint64_t num_items = 0;
  std::uint64_t num_tokens = 0;     // that went through the model
  std::uint64_t num_truncated = 0;  // items cut (kTruncate) or split (kChunk…)
  std::uint64_t num_unknown = 0;    // tokens that the vocabulary lacks
  std::map<std::string, std::uint64_t> unknown_scripts;  // Unicode script -> unknown tokens of it

  void add(const EmbedReport& other);
};

struct Vectors {
  Tensor values;                          // f32 (rows, dimension)
  std::vector<std::int64_t> row_offsets;  // kChunkEach: the rows of item i are [i, i + 1) of these;
                                          // empty: a row an item, in order
  EmbedReport report;
};

// [begin, end) in Unicode code points of the item's text.
struct TokenSpan {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;

  friend bool operator==(const TokenSpan&, const TokenSpan&) = default;
};

struct TokenOptions {
  std::optional<std::string> prompt;
  std::vector<int> layers = {-1};     // hidden states wanted, numbered as in EmbedOptions
  std::vector<int> attention_layers;  // attention weights wanted: 0 = first transformer layer
};

struct TokenVectors {
  Ragged tokens;                    // special tokens included
  std::vector<std::string> pieces;  // (num_tokens) as the vocabulary spells them
  std::vector<TokenSpan> spans;     // (num_tokens)
  std::vector<Tensor> layers;       // for each layer asked: f32 (num_tokens, hidden_size)
  std::vector<Tensor> attentions;   // for each layer asked: f32, item after item, each
                                    // (num_attention_heads, T, T), T its number of tokens
  EmbedReport report;
};

class Tokenizer;  // text/, above this folder: only the name is used

class Embedder {
 public:
  virtual ~Embedder() = default;
  Embedder() = default;
  Embedder(const Embedder&) = delete;
  Embedder& operator=(const Embedder&) = delete;

  virtual const EmbedderDescription& description() const = 0;

  // Names the vector space: a hash of the model's files and of every choice that moves vectors
  // (pooling, precision, length limit), not of the prompt, since queries and passages meet in one
  // space. Stored with every vector file, so that two spaces are never mixed. 32 hexadecimal
  // digits. Reads the model's files at the first call.
  virtual std::string identity() const = 0;

  virtual Vectors embed(const Items& items, const EmbedOptions& options,
                        Workspace& workspace) const = 0;

  // What makes the token ids of a text; null for what has no tokens. Belongs to the embedder.
  virtual const Tokenizer* tokenizer() const { return nullptr; }

  // Throws unsupported where description().num_layers is 0.
  virtual TokenVectors embed_tokens(const Items& items, const TokenOptions& options,
                                    Workspace& workspace) const;
};

// The prompt text of that name; not_found lists the names that there are.
const std::string& prompt_by_name(const EmbedderDescription& description, std::string_view name);

}  // namespace firth
