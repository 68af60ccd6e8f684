// The pre-tokenizers and the list of them.
#include "firth/text/pre_tokenizer.h"

#include <algorithm>
#include <array>
#include <utility>

#include "firth/core/error.h"
#include "firth/text/byte_level.h"
#include "firth/text/metaspace.h"

namespace firth {
namespace {

// Joins parts as the behaviour says and keeps those that are not removed.
void merge_parts(std::vector<PatternPart>& parts, SplitBehavior behavior) {
  std::vector<PatternPart> merged;
  merged.reserve(parts.size());
  bool previous = false;
  switch (behavior) {
    case SplitBehavior::kIsolated:
      return;
    case SplitBehavior::kRemoved:
      std::erase_if(parts, [](const PatternPart& part) { return part.is_match; });
      return;
    case SplitBehavior::kContiguous:
    case SplitBehavior::kMergedWithPrevious:
      for (const PatternPart& part : parts) {
        const bool joins = behavior == SplitBehavior::kContiguous ? part.is_match == previous
                                                                  : part.is_match && !previous;
        if (joins && !merged.empty()) {
          merged.back().end = part.end;
        } else {
          merged.push_back(part);
        }
        previous = part.is_match;
      }
      break;
    case SplitBehavior::kMergedWithNext:
      for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
        if (part->is_match && !previous && !merged.empty()) {
          merged.back().begin = part->begin;
        } else {
          merged.push_back(*part);
        }
        previous = part->is_match;
      }
      std::reverse(merged.begin(), merged.end());
      break;
  }
  parts = std::move(merged);
}

// Each character for which is_match(c) holds is a match of its own.
template <class IsMatch>
void find_chars(std::string_view piece, std::vector<PatternPart>& parts, IsMatch&& is_match) {
  std::size_t open = 0;
  for_each_char(piece, [&](char32_t c, std::size_t begin, std::size_t end) {
    if (!is_match(c)) {
      return;
    }
    if (open < begin) {
      parts.push_back({open, begin, false});
    }
    parts.push_back({begin, end, true});
    open = end;
  });
  if (open < piece.size()) {
    parts.push_back({open, piece.size(), false});
  }
}

template <class IsMatch>
void split_chars(PreTokenizedText& text, SplitBehavior behavior, IsMatch is_match) {
  split_pieces(text, behavior, [&](std::string_view piece, std::vector<PatternPart>& parts) {
    find_chars(piece, parts, is_match);
  });
}

class WhitespaceSplit : public PreTokenizer {
 public:
  void pre_tokenize(PreTokenizedText& text) const override {
    split_chars(text, SplitBehavior::kRemoved, is_whitespace);
  }

  SpaceRole space_role() const override { return SpaceRole::kSeparates; }
};

// The expression \w+|[^\w\s]+ : runs of word characters, runs of other signs.
class Whitespace : public PreTokenizer {
 public:
  void pre_tokenize(PreTokenizedText& text) const override {
    split_pieces(text, SplitBehavior::kRemoved, find_runs);
  }

  SpaceRole space_role() const override { return SpaceRole::kSeparates; }

 private:
  enum class Kind : std::uint8_t { kSpace, kWord, kSign };

  static Kind kind_of(char32_t c) {
    return has_flag(c, kWordChar)     ? Kind::kWord
           : has_flag(c, kWhitespace) ? Kind::kSpace
                                      : Kind::kSign;
  }

  static void find_runs(std::string_view piece, std::vector<PatternPart>& parts) {
    Kind last = Kind::kSpace;
    for_each_char(piece, [&](char32_t c, std::size_t begin, std::size_t end) {
      const Kind kind = kind_of(c);
      if (!parts.empty() && kind == last) {
        parts.back().end = end;
      } else {
        parts.push_back({begin, end, kind == Kind::kSpace});
      }
      last = kind;
    });
  }
};

class Punctuation : public PreTokenizer {
 public:
  explicit Punctuation(SplitBehavior behavior) : behavior_(behavior) {}

  void pre_tokenize(PreTokenizedText& text) const override {
    split_chars(text, behavior_, [](char32_t c) { return has_flag(c, kPunctuation); });
  }

 private:
  SplitBehavior behavior_;
};

class Digits : public PreTokenizer {
 public:
  explicit Digits(bool individual)
      : behavior_(individual ? SplitBehavior::kIsolated : SplitBehavior::kContiguous) {}

  void pre_tokenize(PreTokenizedText& text) const override {
    split_chars(text, behavior_, [](char32_t c) { return has_flag(c, kNumeric); });
  }

 private:
  SplitBehavior behavior_;
};

class CharDelimiterSplit : public PreTokenizer {
 public:
  explicit CharDelimiterSplit(char32_t delimiter) : delimiter_(delimiter) {}

  void pre_tokenize(PreTokenizedText& text) const override {
    split_chars(text, SplitBehavior::kRemoved, [this](char32_t c) { return c == delimiter_; });
  }

 private:
  char32_t delimiter_;
};

// Cuts between characters of different scripts. Spaces and what belongs to no script join either
// side; what stands before the first character of a script is dropped, as the reference does.
class UnicodeScripts : public PreTokenizer {
 public:
  void pre_tokenize(PreTokenizedText& text) const override {
    split_pieces(text, SplitBehavior::kRemoved, find_scripts);
  }

 private:
  static void find_scripts(std::string_view piece, std::vector<PatternPart>& parts) {
    std::uint8_t last = 0;
    for_each_char(piece, [&](char32_t c, std::size_t begin, std::size_t end) {
      const std::uint8_t script = code_point_record(c).script;
      if (script != 0 && script != last) {
        parts.push_back({begin, end, false});
        last = script;
      } else if (!parts.empty()) {
        parts.back().end = end;
      }
    });
  }
};

class FixedLength : public PreTokenizer {
 public:
  explicit FixedLength(std::size_t length) : length_(length) {}

  void pre_tokenize(PreTokenizedText& text) const override {
    split_pieces(text, SplitBehavior::kIsolated,
                 [this](std::string_view piece, std::vector<PatternPart>& parts) {
                   std::size_t i = 0;
                   for_each_char(piece, [&](char32_t, std::size_t begin, std::size_t end) {
                     if (i++ % length_ == 0) {
                       parts.push_back({begin, end, false});
                     }
                     parts.back().end = end;
                   });
                 });
  }

 private:
  std::size_t length_;  // in characters
};

SplitBehavior behavior_of(const Json& value) {
  static constexpr std::array<std::string_view, 5> kNames = {
      "Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"};
  const std::string_view name = value.as_string();
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (name == kNames[i]) {
      return static_cast<SplitBehavior>(i);
    }
  }
  fail(ErrorKind::kCorrupt, value.where(),
       ": expected 'Removed', 'Isolated', 'MergedWithPrevious', 'MergedWithNext' or 'Contiguous', "
       "found ",
       value.describe());
}

std::unique_ptr<const PreTokenizer> make_fixed_length(const Json& spec) {
  const auto length = spec.find("length");
  const std::size_t value = length ? length->as_uint() : 5;  // the reference's default
  if (value == 0) {
    fail(ErrorKind::kCorrupt, length->where(), ": expected at least 1, found 0");
  }
  return std::make_unique<FixedLength>(value);
}

std::unique_ptr<const PreTokenizer> make_sequence(const Json& spec) {
  std::vector<std::unique_ptr<const PreTokenizer>> parts;
  for (const Json& part : spec.at("pretokenizers").elements()) {
    parts.push_back(make_pre_tokenizer(part));
  }
  return std::make_unique<PreTokenizerSequence>(std::move(parts));
}

std::unique_ptr<const PreTokenizer> make_split(const Json& spec) {
  return std::make_unique<SplitPreTokenizer>(TextPattern::read(spec.at("pattern")),
                                             behavior_of(spec.at("behavior")),
                                             spec.at("invert").as_bool());
}

}  // namespace

void split_pieces(PreTokenizedText& text, SplitBehavior behavior, const FindParts& find) {
  std::vector<Piece> pieces;
  pieces.reserve(text.pieces.size());
  std::vector<PatternPart> parts;
  const std::string_view all = text.text.text();
  for (const Piece& piece : text.pieces) {
    if (piece.id) {
      pieces.push_back(piece);
      continue;
    }
    parts.clear();
    find(all.substr(piece.begin, piece.end - piece.begin), parts);
    merge_parts(parts, behavior);
    for (const PatternPart& part : parts) {
      if (part.begin == part.end) continue;  // a pattern may match nothing
      pieces.push_back({piece.begin + part.begin, piece.begin + part.end, std::nullopt});
    }
  }
  text.pieces = std::move(pieces);
}

void BertPreTokenizer::pre_tokenize(PreTokenizedText& text) const {
  split_chars(text, SplitBehavior::kRemoved, is_whitespace);
  split_chars(text, SplitBehavior::kIsolated, [](char32_t c) { return has_flag(c, kPunctuation); });
}

SpaceRole PreTokenizerSequence::space_role() const {
  if (parts_.size() == 1) return parts_[0]->space_role();
  const bool separates =
      !parts_.empty() && parts_[0]->space_role() == SpaceRole::kSeparates && sees_pieces_alone();
  return separates ? SpaceRole::kSeparates : SpaceRole::kUnknown;
}

bool PreTokenizerSequence::sees_pieces_alone() const {
  return std::ranges::all_of(parts_, [](const auto& part) { return part->sees_pieces_alone(); });
}

char32_t read_char(const Json& value) {
  const std::string_view text = value.as_string();
  if (text.empty() || utf8_length(text[0]) != text.size()) {
    fail(ErrorKind::kCorrupt, value.where(), ": expected one character, found ", value.describe());
  }
  return last_char(text);
}

std::unique_ptr<const PreTokenizer> make_pre_tokenizer(const Json& spec) {
  const std::string_view type = spec.at("type").as_string();
  if (type == "Sequence") return make_sequence(spec);
  if (type == "BertPreTokenizer") return std::make_unique<BertPreTokenizer>();
  if (type == "Whitespace") return std::make_unique<Whitespace>();
  if (type == "WhitespaceSplit") return std::make_unique<WhitespaceSplit>();
  if (type == "Punctuation") {
    const std::optional<Json> behavior = spec.find("behavior");
    return std::make_unique<Punctuation>(behavior ? behavior_of(*behavior)
                                                  : SplitBehavior::kIsolated);
  }
  if (type == "Digits") return std::make_unique<Digits>(spec.at("individual_digits").as_bool());
  if (type == "CharDelimiterSplit") {
    return std::make_unique<CharDelimiterSplit>(read_char(spec.at("delimiter")));
  }
  if (type == "Metaspace") return std::make_unique<Metaspace>(read_metaspace(spec));
  if (type == "UnicodeScripts") return std::make_unique<UnicodeScripts>();
  if (type == "FixedLength") return make_fixed_length(spec);
  if (type == "Split") return make_split(spec);
  if (type == "ByteLevel") {
    return std::make_unique<ByteLevelPreTokenizer>(read_byte_level_options(spec));
  }
  fail(ErrorKind::kUnsupported, spec.where(), ": pre-tokenizer type ", quoted(type),
       " is not supported");
}

}  // namespace firth
