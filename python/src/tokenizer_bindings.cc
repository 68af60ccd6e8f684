// firth/text/tokenizer.h.
#include <nanobind/stl/optional.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <optional>
#include <string>

#include "arrays.h"
#include "bindings.h"
#include "computation.h"
#include "errors.h"
#include "firth/core/error.h"
#include "firth/core/ragged.h"
#include "firth/io/atomic_file.h"
#include "firth/io/file.h"
#include "firth/io/json.h"
#include "firth/io/model_folder.h"
#include "firth/text/pipeline.h"
#include "firth/text/tokenizer.h"
#include "firth/text/tokenizer_files.h"
#include "model.h"
#include "texts.h"

namespace firth::python {
namespace {

using SharedTokenizerPointer = std::shared_ptr<const Tokenizer>;

constexpr std::size_t kTextsAPiece = 64;  // of the parallel loop
constexpr std::size_t kSmallBytes = std::size_t{1} << 16;

// A tokenizer, and what keeps it alive (a model's belongs to the model).
struct TokenizerHandle {
  SharedTokenizerPointer tokenizer;
};

TokenizerHandle open_at(const std::string& path) {
  const auto opened = std::make_shared<std::unique_ptr<const Tokenizer>>();
  run_function([=] { *opened = open_tokenizer(path); });
  return {std::move(*opened)};
}

// The text of a tokenizer.json.
TokenizerHandle from_json(const std::string& json) {
  const auto opened = std::make_shared<std::unique_ptr<const Tokenizer>>();
  run_function([=] {
    const std::string where = "tokenizer.json";
    const JsonDocument document = JsonDocument::parse(json, where);
    *opened = std::make_unique<Pipeline>(read_tokenizer_json(document.root(), where));
  });
  return {std::move(*opened)};
}

std::optional<TokenizerHandle> of_model(const std::shared_ptr<Model>& model) {
  const Tokenizer* tokenizer = model->engine().tokenizer();
  if (tokenizer == nullptr) return std::nullopt;
  return TokenizerHandle{SharedTokenizerPointer(model, tokenizer)};
}

Encoding encode(const TokenizerHandle& handle, nb::handle text, nb::handle pair,
                bool add_special_tokens, std::size_t max_length) {
  const std::string first(utf8_of(text, "text"));
  const EncodeOptions options{.add_special_tokens = add_special_tokens, .max_length = max_length};
  const auto result = std::make_shared<Encoding>();
  const RunOptions size{.small = first.size() <= kSmallBytes};
  const SharedTokenizerPointer tokenizer = handle.tokenizer;
  if (pair.is_none()) {
    run_function([=] { *result = tokenizer->encode(first, options); }, size);
  } else {
    const std::string second(utf8_of(pair, "pair"));
    run_function([=] { *result = tokenizer->encode_pair(first, second, options); }, size);
  }
  return std::move(*result);
}

class EncodeBatch final : public Computation {
 public:
  EncodeBatch(SharedTokenizerPointer tokenizer, nb::handle texts, nb::handle pairs,
              EncodeOptions options)
      : tokenizer_(std::move(tokenizer)), texts_(texts), options_(options) {
    if (pairs.is_none()) return;
    pairs_.emplace(pairs);
    if (pairs_->size() != texts_.size()) {
      fail(ErrorKind::kInvalidArgument, "pairs: expected ", texts_.size(), ", one a text, found ",
           pairs_->size());
    }
  }

  bool is_small() const { return texts_.bytes() <= kSmallBytes && !pairs_; }

  void run() override {
    encodings.resize(texts_.size());
    shared_pool()->parallel_for(
        texts_.size(), kTextsAPiece, [this](std::size_t begin, std::size_t end, std::size_t) {
          at(begin);
          for (std::size_t i = begin; i < end; ++i) {
            const std::string_view text = texts_.views()[i];
            encodings[i] = pairs_ ? tokenizer_->encode_pair(text, pairs_->views()[i], options_)
                                  : tokenizer_->encode(text, options_);
          }
        });
  }

  std::vector<Encoding> encodings;

 private:
  SharedTokenizerPointer tokenizer_;
  Texts texts_;
  std::optional<Texts> pairs_;
  EncodeOptions options_;
};

std::vector<Encoding> encode_batch(const TokenizerHandle& handle, nb::handle texts,
                                   nb::handle pairs, bool add_special_tokens,
                                   std::size_t max_length) {
  const auto call = std::make_shared<EncodeBatch>(
      handle.tokenizer, texts, pairs,
      EncodeOptions{.add_special_tokens = add_special_tokens, .max_length = max_length});
  run(call, {.small = call->is_small()});
  return std::move(call->encodings);
}

// Ids of all texts, one after another, by the fast path: a part a piece of the texts, then joined.
class EncodeIds final : public Computation {
 public:
  EncodeIds(SharedTokenizerPointer tokenizer, nb::handle texts, EncodeOptions options)
      : tokenizer_(std::move(tokenizer)), texts_(texts), options_(options) {}

  bool is_small() const { return texts_.bytes() <= kSmallBytes; }

  void run() override {
    std::vector<Ragged> parts((texts_.size() + kTextsAPiece - 1) / kTextsAPiece);
    shared_pool()->parallel_for(
        texts_.size(), kTextsAPiece, [&](std::size_t begin, std::size_t end, std::size_t) {
          at(begin);
          const auto state = tokenizer_->make_state();
          Ragged& part = parts[begin / kTextsAPiece];
          for (std::size_t i = begin; i < end; ++i) {
            tokenizer_->encode_ids(texts_.views()[i], options_, *state, part.ids);
            part.close_sequence();
          }
        });
    for (const Ragged& part : parts) {
      for (std::size_t i = 0; i < part.num_sequences(); ++i) {
        const auto ids = part.sequence(i);
        result.ids.insert(result.ids.end(), ids.begin(), ids.end());
        result.close_sequence();
      }
    }
  }

  Ragged result;

 private:
  SharedTokenizerPointer tokenizer_;
  Texts texts_;
  EncodeOptions options_;
};

using IdsAndOffsets = nb::typed<nb::tuple, Int32Array, Int64Array>;

IdsAndOffsets encode_ids(const TokenizerHandle& handle, nb::handle texts, bool add_special_tokens,
                         std::size_t max_length) {
  const auto call = std::make_shared<EncodeIds>(
      handle.tokenizer, texts,
      EncodeOptions{.add_special_tokens = add_special_tokens, .max_length = max_length});
  run(call, {.small = call->is_small()});
  return IdsAndOffsets(nb::make_tuple(array_of(std::move(call->result.ids)),
                                      array_of(std::move(call->result.offsets))));
}

nb::str decode(const TokenizerHandle& handle, const std::vector<std::int32_t>& ids,
               bool skip_special_tokens) {
  return to_str(handle.tokenizer->decode(ids, skip_special_tokens));
}

std::optional<nb::str> id_to_token(const TokenizerHandle& handle, std::int32_t id) {
  const auto token = handle.tokenizer->id_to_token(id);
  if (!token) return std::nullopt;
  return to_str(*token);
}

std::optional<std::int32_t> token_to_id(const TokenizerHandle& handle, nb::handle token) {
  return handle.tokenizer->token_to_id(utf8_of(token, "token"));
}

nb::typed<nb::list, nb::str> tokens_of(const Encoding& encoding) {
  nb::typed<nb::list, nb::str> tokens;
  for (const std::string& token : encoding.tokens) tokens.append(to_str(token));
  return tokens;
}

using Places = nb::typed<nb::list, nb::typed<nb::tuple, int, int>>;

Places offsets_of(const Encoding& encoding) {
  Places offsets;
  for (const TokenSpan span : encoding.offsets)
    offsets.append(nb::make_tuple(span.begin, span.end));
  return offsets;
}

}  // namespace

void bind_tokenizer(nb::module_& module) {
  using nb::arg;
  nb::class_<Encoding>(module, "Encoding", "Tokens of a text; see firth.Encoding.")
      .def_ro("ids", &Encoding::ids)
      .def_ro("type_ids", &Encoding::type_ids)
      .def_prop_ro("special_tokens_mask",
                   [](const Encoding& e) {
                     return std::vector<int>(e.special_tokens_mask.begin(),
                                             e.special_tokens_mask.end());
                   })
      .def_prop_ro("tokens", &tokens_of)
      .def_prop_ro("offsets", &offsets_of)
      .def_ro("word_ids", &Encoding::word_ids);
  nb::class_<TokenizerHandle>(module, "Tokenizer", "An opened tokenizer; see firth.Tokenizer.")
      .def("encode", &encode, arg("text"), arg("pair").none(), arg("add_special_tokens"),
           arg("max_length"))
      .def("encode_batch", &encode_batch, arg("texts"), arg("pairs").none(),
           arg("add_special_tokens"), arg("max_length"))
      .def("encode_ids", &encode_ids, arg("texts"), arg("add_special_tokens"), arg("max_length"))
      .def("decode", &decode, arg("ids"), arg("skip_special_tokens"))
      .def("token_to_id", &token_to_id, arg("token"))
      .def("id_to_token", &id_to_token, arg("id"))
      .def_prop_ro("vocab_size", [](const TokenizerHandle& t) { return t.tokenizer->vocab_size(); })
      .def_prop_ro("unknown_id", [](const TokenizerHandle& t) { return t.tokenizer->unknown_id(); })
      .def_prop_ro("truncation_max_length",
                   [](const TokenizerHandle& t) { return t.tokenizer->truncation_max_length(); });
  module.def("open_tokenizer", &open_at, arg("path"));
  module.def("tokenizer_from_str", &from_json, arg("json"));
  module.def(
      "write_file",
      [](const std::string& path, const std::string& text) { write_file(path, text); }, arg("path"),
      arg("text"));
  module.def("tokenizer_of", &of_model, arg("embedder"));
}

}  // namespace firth::python
