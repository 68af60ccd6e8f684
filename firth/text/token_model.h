// The third part of a tokenizer: splits a word into tokens of the vocabulary. One class a `type` of
// tokenizer.json; make_token_model holds the list.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "firth/io/json.h"
#include "firth/text/vocabulary.h"

namespace firth {

// A token and the bytes of the word that it stands for.
struct ModelToken {
  std::int32_t id = 0;
  std::size_t begin = 0;
  std::size_t end = 0;
};

class TokenModel {
 public:
  // What one thread keeps between words: scratch, and a cache of bounded size.
  class State {
   public:
    virtual ~State() = default;

    // Bytes that may be read from where a word begins: all up to `text_end`, if the word lies
    // before it.
    std::size_t readable(std::string_view word) const {
      return text_end != nullptr ? static_cast<std::size_t>(text_end - word.data()) : word.size();
    }

    std::vector<ModelToken> tokens;
    const char* text_end = nullptr;  // of the text that the words lie in; null: they are apart
  };

  static constexpr std::size_t kBatch = 32;  // words that are handed over at once

  virtual ~TokenModel() = default;

  // Appends the tokens of a word (valid UTF-8, not empty).
  virtual void tokenize(std::string_view word, std::vector<ModelToken>& tokens) const = 0;

  // The fast path, for ids alone: the same as tokenize(). `state` is one of make_state().
  virtual void append_ids(std::string_view word, State& state,
                          std::vector<std::int32_t>& ids) const;

  // The same for several words, at most kBatch, in which a model may hide the time that its memory
  // takes.
  virtual void append_ids(std::span<const std::string_view> words, State& state,
                          std::vector<std::int32_t>& ids) const {
    for (const std::string_view word : words) {
      append_ids(word, state, ids);
    }
  }

  virtual std::unique_ptr<State> make_state() const { return std::make_unique<State>(); }

  // How a token of `word` is shown.
  virtual std::string_view spelling(const ModelToken& token, std::string_view word) const {
    static_cast<void>(word);
    return vocabulary().token(token.id);
  }

  virtual const Vocabulary& vocabulary() const = 0;
  virtual std::optional<std::int32_t> unknown_id() const = 0;
};

// Every word is a token, or unknown.
class WordLevel : public TokenModel {
 public:
  WordLevel(Vocabulary vocabulary, std::string_view unk_token);

  void tokenize(std::string_view word, std::vector<ModelToken>& tokens) const override;

  const Vocabulary& vocabulary() const override { return vocabulary_; }

  std::optional<std::int32_t> unknown_id() const override { return unknown_id_; }

 private:
  Vocabulary vocabulary_;
  std::string unk_token_;
  std::optional<std::int32_t> unknown_id_;
};

// The unknown token's id, which a text has just asked for: an error if the vocabulary has none.
std::int32_t require_unknown_id(std::optional<std::int32_t> id, std::string_view unk_token);

std::unique_ptr<const TokenModel> make_token_model(const Json& spec);

}  // namespace firth
