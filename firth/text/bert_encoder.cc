// One pass: characters to words, words to ids.
#include "firth/text/bert_encoder.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace firth {

BertEncoder::State::State() : word_(4 * kMaxShortWord), remembered_(kFewRemembered) {}

void BertEncoder::State::remember(const ShortWord& word, std::size_t hash,
                                  std::span<const std::int32_t> ids) {
  if (ids.size() > kMaxIds) {
    return;
  }
  if (++num_stored_ > remembered_.size() && remembered_.size() < kMostRemembered) {
    remembered_.assign(4 * remembered_.size(), {});
    num_stored_ = 1;
  }
  Remembered& place = place_of(hash);
  place.word = word;
  place.num_ids = static_cast<std::uint32_t>(ids.size());
  std::copy(ids.begin(), ids.end(), place.ids.begin());
}

template <class F>
bool BertEncoder::for_each_part(char32_t c, F&& f) const {
  if (options_.clean_text) {
    if (has_flag(c, kCleanedAway)) {
      return true;
    }
    c = is_whitespace(c) ? U' ' : c;
  }
  const bool chinese = options_.handle_chinese_chars && is_bert_chinese(c);
  bool alone = true;
  const auto put = [&](char32_t part) {
    const std::uint8_t flags = code_point_record(part).flags;
    f(Part{part, (flags & kWhitespace) != 0    ? Fate::kSpace
                 : (flags & kPunctuation) != 0 ? Fate::kSign
                                               : Fate::kLetter});
  };
  const auto put_lower = [&](char32_t part) {
    const LowerCase lower = options_.lowercase ? lower_case(part) : LowerCase{part};
    put(lower.first);
    if (lower.second != 0) {
      put(lower.second);
    }
  };
  if (chinese) {
    put(U' ');
  }
  if (options_.strips_accents()) {
    decompose(c, false, [&](char32_t part) {
      const internal::CodePointRecord& record = code_point_record(part);
      if ((record.flags & kNonspacingMark) == 0) {
        alone = alone && record.combining_class == 0;
        put_lower(part);
      }
    });
  } else {
    put_lower(c);
  }
  if (chinese) {
    put(U' ');
  }
  return alone;
}

BertEncoder::Char BertEncoder::classify(char32_t c) const {
  std::array<Part, 3> parts{};
  std::size_t n = 0;
  const bool alone = for_each_part(c, [&](const Part& part) {
    if (n < parts.size()) {
      parts[n] = part;
    }
    ++n;
  });
  Char result;
  if (!alone) {
    return result;
  }
  Part part = parts[0];
  if (n == 3 && parts[0].fate == Fate::kSpace && parts[2].fate == Fate::kSpace) {
    part = {parts[1].character, Fate::kSign};
    n = 1;
  }
  if (n != 1 || utf8_length(part.character) > result.bytes.size()) {
    result.fate = n == 0 ? Fate::kDropped : Fate::kSeveral;
    return result;
  }
  char bytes[4] = {};
  result.length = encode_utf8(part.character, bytes) & 0xF;
  std::copy_n(bytes, result.bytes.size(), result.bytes.begin());
  result.fate = part.fate;
  return result;
}

BertEncoder::BertEncoder(const BertNormalizerOptions& options, const WordPiece& model)
    : options_(options), model_(model), chars_(0x10000) {
  for (char32_t c = 0; c < chars_.size(); ++c) {
    chars_[c] = c >= 0xD800 && c < 0xE000 ? Char{} : classify(c);
  }
  for (std::size_t c = 1; c < 0x80; ++c) {
    ascii_letters_[c] = chars_[c].fate == Fate::kLetter ? chars_[c].bytes[0] : '\0';
  }
  const Vocabulary& vocabulary = model.vocabulary();
  whole_words_.resize(std::bit_ceil(2 * vocabulary.num_tokens() + 2));
  vocabulary.for_each([&](std::string_view token, std::int32_t id) {
    if (!token.empty() && token.size() <= kMaxShortWord) {
      char padded[kMaxShortWord] = {};
      std::copy(token.begin(), token.end(), padded);
      add_whole_word(short_word(padded, token.size()), id);
    }
  });
}

// Reads 16 bytes whatever the length.
BertEncoder::ShortWord BertEncoder::short_word(const char* bytes, std::size_t length) {
  ShortWord word;
  std::memcpy(&word.low, bytes, sizeof word.low);
  std::memcpy(&word.high, bytes + sizeof word.low, sizeof word.high);
  if (length < 8) {
    word.low &= (std::uint64_t{1} << (8 * length)) - 1;
    word.high = 0;
  } else if (length < 16) {
    word.high &= (std::uint64_t{1} << (8 * (length - 8))) - 1;
  }
  word.length = static_cast<std::uint32_t>(length);
  return word;
}

std::size_t BertEncoder::hash(const ShortWord& word) {
  std::uint64_t h = word.low * 0x9E3779B97F4A7C15u + word.high * 0xC2B2AE3D27D4EB4Fu;
  h ^= h >> 29;
  h *= 0xBF58476D1CE4E5B9u;
  return h >> 32;
}

void BertEncoder::add_whole_word(const ShortWord& word, std::int32_t id) {
  const std::size_t mask = whole_words_.size() - 1;
  std::size_t slot = hash(word) & mask;
  while (whole_words_[slot].id >= 0) {
    slot = (slot + 1) & mask;
  }
  whole_words_[slot] = {word, id};
}

bool BertEncoder::encode(std::string_view text, State& state,
                         std::vector<std::int32_t>& ids) const {
  constexpr std::ptrdiff_t kRun = 64;  // bytes copied between two looks at the capacity
  const std::size_t before = ids.size();
  state.length_ = 0;
  state.num_chars_ = 0;
  const char* p = text.data();
  const char* const end = p + text.size();
  while (p != end) {
    state.reserve(kRun);
    const char* const run = p;
    const char* const run_end = end - p < kRun ? end : p + kRun;
    char* out = state.word_.data() + state.length_;
    for (char letter; p != run_end && (letter = ascii_letters_[static_cast<unsigned char>(*p)]);) {
      *out++ = letter;
      ++p;
    }
    state.length_ += static_cast<std::size_t>(p - run);
    state.num_chars_ += static_cast<std::size_t>(p - run);
    if (p == run_end) {
      continue;
    }
    const char32_t code_point = decode_utf8(p);
    const Char c = code_point < chars_.size() ? chars_[code_point] : classify(code_point);
    switch (c.fate) {
      case Fate::kSpace:
        end_word(state, ids);
        break;
      case Fate::kSign:
        end_word(state, ids);
        append(c, state);
        end_word(state, ids);
        break;
      case Fate::kLetter:
        append(c, state);
        break;
      case Fate::kDropped:
        break;
      case Fate::kSeveral:
        put_parts(code_point, state, ids);
        break;
      case Fate::kContext:
        ids.resize(before);
        return false;
    }
  }
  end_word(state, ids);
  return true;
}

void BertEncoder::append(const Char& c, State& state) {
  state.reserve(c.bytes.size());
  std::memcpy(state.word_.data() + state.length_, c.bytes.data(), c.bytes.size());
  state.length_ += c.length;
  ++state.num_chars_;
}

void BertEncoder::put_parts(char32_t c, State& state, std::vector<std::int32_t>& ids) const {
  for_each_part(c, [&](const Part& part) {
    if (part.fate != Fate::kLetter) {
      end_word(state, ids);
    }
    if (part.fate != Fate::kSpace) {
      state.reserve(4);
      state.length_ += encode_utf8(part.character, state.word_.data() + state.length_);
      ++state.num_chars_;
    }
    if (part.fate == Fate::kSign) {
      end_word(state, ids);
    }
  });
}

// Turns the word under construction, if there is one, into ids.
void BertEncoder::end_word(State& state, std::vector<std::int32_t>& ids) const {
  if (state.length_ == 0) {
    return;
  }
  const std::string_view bytes(state.word_.data(), state.length_);
  const std::size_t num_chars = state.num_chars_;
  state.length_ = 0;
  state.num_chars_ = 0;
  if (bytes.size() > kMaxShortWord || num_chars > model_.options().max_input_chars_per_word) {
    split_word(bytes, num_chars, state, ids);
    return;
  }
  const ShortWord word = short_word(bytes.data(), bytes.size());
  const std::size_t word_hash = hash(word);
  const std::size_t mask = whole_words_.size() - 1;
  for (std::size_t slot = word_hash & mask; whole_words_[slot].id >= 0; slot = (slot + 1) & mask) {
    if (whole_words_[slot].word == word) {
      ids.push_back(whole_words_[slot].id);
      return;
    }
  }
  const State::Remembered& remembered = state.place_of(word_hash);
  if (remembered.word == word) {
    ids.insert(ids.end(), remembered.ids.begin(), remembered.ids.begin() + remembered.num_ids);
    return;
  }
  const std::size_t before = ids.size();
  split_word(bytes, num_chars, state, ids);
  state.remember(word, word_hash, std::span(ids).subspan(before));
}

void BertEncoder::split_word(std::string_view word, std::size_t num_chars, State& state,
                             std::vector<std::int32_t>& ids) const {
  const WordPieceOptions& options = model_.options();
  state.tokens_.clear();
  if (num_chars > options.max_input_chars_per_word || !model_.cover(word, state.tokens_)) {
    ids.push_back(require_unknown_id(model_.unknown_id(), options.unk_token));
    return;
  }
  for (const ModelToken& token : state.tokens_) {
    ids.push_back(token.id);
  }
}

}  // namespace firth
