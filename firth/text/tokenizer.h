// Tokenizer: a text to token ids, exactly as the reference (Hugging Face tokenizers) does it: added
// tokens are cut out, then normalizer, pre-tokenizer, model and post-processor run in turn.
// Immutable after loading and safe to share between threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "firth/core/embedder.h"

namespace firth {

struct EncodeOptions {
  bool add_special_tokens = true;
  std::size_t max_length = 0;  // ids kept, special tokens included; 0 = no limit
};

struct Encoding {
  std::vector<std::int32_t> ids;
  std::vector<std::string> tokens;  // as the vocabulary spells them; of added tokens, what matched
  std::vector<TokenSpan> offsets;   // code points of the text; special tokens (0, 0)
  std::vector<std::int32_t> type_ids;
  std::vector<std::uint8_t> special_tokens_mask;
  std::vector<std::optional<std::uint32_t>> word_ids;
};

struct EncodeStats {
  std::size_t full_length = 0;  // ids that the text has without a limit, special tokens included
  std::size_t num_unknown = 0;  // unknown tokens among the ids kept
};

class Tokenizer {
 public:
  // Buffers and caches that one thread keeps between calls. Never needed for the result, of bounded
  // size, made by make_state() of the same tokenizer.
  class State {
   public:
    virtual ~State() = default;
  };

  virtual ~Tokenizer() = default;

  virtual std::unique_ptr<State> make_state() const = 0;

  // The fast path: appends the ids to `ids`. Texts need not be valid UTF-8: each ill-formed
  // sequence is read as U+FFFD, as Rust's from_utf8_lossy does (offsets count it as one code
  // point).
  virtual EncodeStats encode_ids(std::string_view text, const EncodeOptions& options, State& state,
                                 std::vector<std::int32_t>& ids) const = 0;

  EncodeStats encode_ids(std::string_view text, const EncodeOptions& options,
                         std::vector<std::int32_t>& ids) const {
    return encode_ids(text, options, *make_state(), ids);
  }

  virtual Encoding encode(std::string_view text, const EncodeOptions& options = {}) const = 0;

  // Two texts in one sequence, as the post-processor's pair template says; to reach max_length the
  // longer one is cut first.
  virtual Encoding encode_pair(std::string_view text, std::string_view pair,
                               const EncodeOptions& options = {}) const = 0;

  // Tokens joined as the tokenizer's decoder says. Ids outside the vocabulary are skipped.
  virtual std::string decode(std::span<const std::int32_t> ids,
                             bool skip_special_tokens = true) const = 0;

  virtual std::size_t vocab_size() const = 0;  // greatest id + 1, added tokens included
  virtual std::optional<std::int32_t> token_to_id(std::string_view token) const = 0;
  virtual std::optional<std::string> id_to_token(std::int32_t id) const = 0;
  virtual std::optional<std::int32_t> unknown_id() const = 0;

  // The truncation section of tokenizer.json; 0 = none. `firth tokenize` on the file itself obeys
  // it, models do not: their own max_seq_length decides.
  virtual std::size_t truncation_max_length() const = 0;
};

// Opens tokenizer.json, vocab.txt (with tokenizer_config.json beside it, if there is one), or a
// folder that holds one of them (tokenizer.json first).
std::unique_ptr<const Tokenizer> open_tokenizer(const std::filesystem::path& path);

// The tokenizer of a model's folder, as transformers makes it: where tokenizer_config.json names
// BERT's class and states do_lower_case, its settings replace the normalizer and the pre-tokenizer
// of tokenizer.json. With `lower_case`, texts are lower-cased before they are normalized, but not
// the special tokens in them (sentence-transformers' do_lower_case).
std::unique_ptr<const Tokenizer> open_model_tokenizer(const std::string& folder, bool lower_case);

// Adds, for each unknown token that `text` gives, one to the count of its Unicode script ("Han",
// "Cyrillic", …; "Common" for signs and digits). Slower than encode_ids: call it where num_unknown
// is not 0.
void count_unknown_scripts(const Tokenizer& tokenizer, std::string_view text,
                           const EncodeOptions& options,
                           std::map<std::string, std::uint64_t>& counts);

}  // namespace firth
