// From items to the token sequences that go through a model: prompt, tokenization, the limit on the
// length and what becomes of longer texts, and the numbers that a caller should be told.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "firth/core/embedder.h"
#include "firth/core/ragged.h"
#include "firth/core/thread_pool.h"
#include "firth/text/tokenizer.h"

namespace firth {

// A tokenizer with the states of the threads that use it: they hold caches worth keeping from call
// to call. Safe to share between threads.
class SharedTokenizer {
 public:
  SharedTokenizer() = default;

  explicit SharedTokenizer(std::unique_ptr<const Tokenizer> tokenizer)
      : tokenizer_(std::move(tokenizer)), states_(std::make_unique<States>()) {}

  const Tokenizer& operator*() const { return *tokenizer_; }

  const Tokenizer* operator->() const { return tokenizer_.get(); }

  // A state that is this thread's until the lease ends.
  class Lease {
   public:
    explicit Lease(const SharedTokenizer& owner);
    ~Lease();
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;

    Tokenizer::State& state() { return *state_; }

   private:
    const SharedTokenizer& owner_;
    std::unique_ptr<Tokenizer::State> state_;
  };

 private:
  struct States {
    std::mutex mutex;
    std::vector<std::unique_ptr<Tokenizer::State>> idle;
  };

  std::unique_ptr<const Tokenizer> tokenizer_;
  std::unique_ptr<States> states_;
};

struct SequenceOptions {
  std::string_view prompt;
  bool add_special_tokens = true;
  std::size_t max_length = 0;       // 0 = no limit
  std::size_t max_code_points = 0;  // LongPolicy::kTruncate: the text is cut to them beforehand
  std::size_t vocab_size = 0;       // ids must be below
  LongPolicy long_policy = LongPolicy::kTruncate;
  std::size_t chunk_overlap = 32;
};

struct Sequences {
  Ragged tokens;
  std::vector<std::int64_t> row_offsets;  // policies kChunk…: item i has the sequences [i, i + 1)
                                          // of these; else empty: a sequence an item
  EmbedReport report;

  std::size_t num_items() const {
    return row_offsets.empty() ? tokens.num_sequences() : row_offsets.size() - 1;
  }
};

// Texts are tokenized on all threads of the pool. Errors: invalid_argument for an item that is too
// long (LongPolicy::kError), an id beyond the vocabulary, a limit that leaves no room for windows.
Sequences make_sequences(const SharedTokenizer& tokenizer, const Items& items,
                         const SequenceOptions& options, ThreadPool& pool);

// The text as the tokenizer gets it: with the prompt before it, cut to max_code_points.
// `buffer` holds it where it differs from the text.
std::string_view prepared_text(std::string_view text, const SequenceOptions& options,
                               std::string& buffer);

}  // namespace firth
