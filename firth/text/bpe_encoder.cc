// The loop over words.
#include "firth/text/bpe_encoder.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>

#include "firth/text/byte_level.h"
#include "firth/text/word_scanner.h"

namespace firth {
std::unique_ptr<const BpeEncoder> BpeEncoder::make(const PreTokenizer* pre_tokenizer,
                                                   const TokenModel& model) {
  const auto* bpe = dynamic_cast<const Bpe*>(&model);
  const std::optional<ByteWords> words = byte_words_of(pre_tokenizer);
  if (bpe == nullptr || !words || !bpe->options().continuing_subword_prefix.empty() ||
      !bpe->options().end_of_word_suffix.empty()) {
    return nullptr;
  }
  std::unique_ptr<BpeEncoder> encoder(
      new BpeEncoder(*bpe, words->pattern, words->add_prefix_space));
  for (std::size_t byte = 0; byte < 256; ++byte) {
    const char letter = static_cast<char>(byte);
    const auto id = bpe->vocabulary().find(spell_bytes(std::string_view(&letter, 1)));
    if (!id) return nullptr;
    encoder->byte_ids_[byte] = *id;
  }
  encoder->byte_pairs_.reserve(std::size_t{256} * 256);
  for (const std::int32_t left : encoder->byte_ids_) {
    for (const std::int32_t right : encoder->byte_ids_) {
      encoder->byte_pairs_.push_back(bpe->merges().find(left, right));
    }
  }
  return encoder;
}

void BpeEncoder::encode(std::string_view text, Bpe::State& state,
                        std::vector<std::int32_t>& ids) const {
  if (text.empty()) return;
  std::string prefixed;
  if (add_prefix_space_ && text[0] != ' ') {
    prefixed.reserve(text.size() + 1);
    prefixed = ' ';
    prefixed += text;
    text = prefixed;
  }
  with_word_pattern(pattern_,
                    [&](auto tag) { encode_words<decltype(tag)::pattern()>(text, state, ids); });
}

template <WordPattern P>
void BpeEncoder::encode_words(std::string_view text, Bpe::State& state,
                              std::vector<std::int32_t>& ids) const {
  // Ids are gathered in a buffer: three are always copied, which is most often enough.
  constexpr std::size_t kBuffer = 512;
  std::array<std::int32_t, kBuffer + 3> buffer;
  std::size_t num_buffered = 0;
  const auto flush = [&] {
    ids.insert(ids.end(), buffer.begin(),
               buffer.begin() + static_cast<std::ptrdiff_t>(num_buffered));
    num_buffered = 0;
  };
  const auto append = [&](const WordCache::Key& key) {
    const std::span<const std::int32_t> found = state.cache.find(key);
    if (!found.empty() && found.size() <= 3) {
      std::memcpy(buffer.data() + num_buffered, found.data(), 3 * sizeof(std::int32_t));
      num_buffered += found.size();
      if (num_buffered > kBuffer) flush();
      return;
    }
    flush();
    const std::size_t before = ids.size();
    ids.insert(ids.end(), found.begin(), found.end());
    if (!found.empty()) return;
    split_word(key.word(), state, ids);
    state.cache.remember(key, std::span(ids).subspan(before));
  };
  // A batch of words is found before the first of them is looked up, so that their places in the
  // cache are on their way meanwhile.
  constexpr std::size_t kBatch = 16;
  std::array<WordCache::Key, kBatch> keys;
  const char* p = text.data();
  const char* const end = p + text.size();
  const WordScanner<P> scanner(end);
  while (p != end) {
    std::size_t num_keys = 0;
    for (; num_keys < kBatch && p != end; ++num_keys) {
      const char* const begin = p;
      p = scanner.next(p);
      keys[num_keys] = WordCache::Key(std::string_view(begin, static_cast<std::size_t>(p - begin)),
                                      static_cast<std::size_t>(end - begin));
      state.cache.prefetch(keys[num_keys]);
    }
    for (std::size_t i = 0; i < num_keys; ++i) append(keys[i]);
  }
  flush();
}

void BpeEncoder::split_word(std::string_view word, Bpe::State& state,
                            std::vector<std::int32_t>& ids) const {
  if (model_.options().ignore_merges) {
    if (const auto id = model_.vocabulary().find(spell_bytes(word))) {
      ids.push_back(*id);
      return;
    }
  }
  state.merger.ids.resize(word.size());
  std::transform(word.begin(), word.end(), state.merger.ids.begin(),
                 [&](char byte) { return byte_ids_[static_cast<unsigned char>(byte)]; });
  const auto* const bytes = reinterpret_cast<const unsigned char*>(word.data());
  state.merger.merge_bytes(model_.merges(), {bytes, word.size()}, byte_pairs_);
  state.merger.for_each([&](std::size_t, std::size_t, std::int32_t id) { ids.push_back(id); });
}

}  // namespace firth
