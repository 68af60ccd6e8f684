// The normalizers and the list of them.
#include "firth/text/normalizer.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "firth/core/error.h"
#include "firth/io/base64.h"
#include "firth/text/byte_level.h"
#include "firth/text/precompiled.h"
#include "firth/text/text_pattern.h"

namespace firth {
namespace {

void lowercase(NormalizedText& text) {
  std::vector<CharChange> changes;
  changes.reserve(text.size());
  for_each_char(text.text(), [&](char32_t c, std::size_t, std::size_t) {
    const LowerCase lower = lower_case(c);
    changes.push_back({lower.first, 0});
    if (lower.second != 0) {
      changes.push_back({lower.second, 1});
    }
  });
  text.transform(changes);
}

void to_form(NormalizedText& text, NormalizationForm form) {
  if (is_surely_normalized(text.text(), form)) return;
  std::vector<CharChange> changes;
  changes.reserve(text.size());
  normalize_unicode(text.text(), form, changes);
  text.transform(changes);
}

void space_out_chinese(NormalizedText& text) {
  std::vector<CharChange> changes;
  changes.reserve(text.size());
  for_each_char(text.text(), [&](char32_t c, std::size_t, std::size_t) {
    if (is_bert_chinese(c)) {
      changes.insert(changes.end(), {{U' ', 0}, {c, 1}, {U' ', 1}});
    } else {
      changes.push_back({c, 0});
    }
  });
  text.transform(changes);
}

class Lowercase : public Normalizer {
 public:
  void normalize(NormalizedText& text) const override { lowercase(text); }

  bool has_lowercase() const override { return true; }

  bool keeps_spaces_apart() const override { return true; }
};

class UnicodeForm : public Normalizer {
 public:
  explicit UnicodeForm(NormalizationForm form) : form_(form) {}

  void normalize(NormalizedText& text) const override { to_form(text, form_); }

  bool keeps_ascii() const override { return true; }

  bool keeps_spaces_apart() const override { return true; }

 private:
  NormalizationForm form_;
};

// Drops combining marks of every kind; without NFD before it, letters keep their accents.
class StripAccents : public Normalizer {
 public:
  void normalize(NormalizedText& text) const override {
    text.filter([](char32_t c) { return !has_flag(c, kCombiningMark); });
  }

  bool keeps_spaces_apart() const override { return true; }
};

class Strip : public Normalizer {
 public:
  Strip(bool left, bool right) : left_(left), right_(right) {}

  void normalize(NormalizedText& text) const override {
    std::size_t num_chars = 0;
    std::size_t begin = SIZE_MAX;  // the characters kept
    std::size_t end = 0;
    for_each_char(text.text(), [&](char32_t c, std::size_t, std::size_t) {
      if (!is_whitespace(c)) {
        begin = std::min(begin, num_chars);
        end = num_chars + 1;
      }
      ++num_chars;
    });
    begin = left_ ? begin : 0;
    end = right_ ? end : num_chars;
    std::size_t i = 0;
    text.filter([&](char32_t) { return i >= begin && i < end ? (++i, true) : (++i, false); });
  }

 private:
  bool left_;
  bool right_;
};

// SentencePiece's nmt rule set: some control characters go, exotic spaces become ' '.
class Nmt : public Normalizer {
 public:
  void normalize(NormalizedText& text) const override {
    text.filter([](char32_t c) {
      return !((c >= 1 && c <= 8) || c == 0xB || (c >= 0xE && c <= 0x1F) || c == 0x7F ||
               c == 0x8F || c == 0x9F);
    });
    text.map([](char32_t c) {
      const bool space = c == 9 || c == 0xA || c == 0xC || c == 0xD || c == 0x1680 ||
                         (c >= 0x200B && c <= 0x200F) || c == 0x2028 || c == 0x2029 ||
                         c == 0x2581 || c == 0xFEFF || c == 0xFFFD;
      return space ? U' ' : c;
    });
  }

  bool keeps_spaces_apart() const override { return true; }
};

class Replace : public Normalizer {
 public:
  Replace(TextPattern pattern, std::string_view to) : pattern_(std::move(pattern)), to_(to) {}

  void normalize(NormalizedText& text) const override {
    if (text.empty()) {
      return;  // the reference looks for nothing in it, not even the empty match
    }
    std::vector<PatternPart> parts;
    pattern_.find_parts(text.text(), parts);
    if (std::ranges::any_of(parts, &PatternPart::is_match)) {
      text.replace(parts, to_);
    }
  }

 private:
  TextPattern pattern_;
  std::string to_;
};

// Each byte as its printable character.
class ByteLevelNormalizer : public Normalizer {
 public:
  void normalize(NormalizedText& text) const override {
    std::vector<CharChange> changes;
    changes.reserve(text.size());
    for_each_char(text.text(), [&](char32_t, std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) {
        const auto byte = static_cast<std::uint8_t>(text.text()[i]);
        changes.push_back({byte_character(byte), i == begin ? 0 : 1});
      }
    });
    text.transform(changes);
  }
};

class Prepend : public Normalizer {
 public:
  explicit Prepend(std::string_view prefix) : prefix_(prefix) {}

  void normalize(NormalizedText& text) const override { text.prepend(prefix_); }

 private:
  std::string prefix_;
};

class NormalizerSequence : public Normalizer {
 public:
  explicit NormalizerSequence(std::vector<std::unique_ptr<const Normalizer>> parts)
      : parts_(std::move(parts)) {}

  void normalize(NormalizedText& text) const override {
    for (const auto& part : parts_) {
      part->normalize(text);
    }
  }

  bool has_lowercase() const override {
    return std::ranges::any_of(parts_, [](const auto& part) { return part->has_lowercase(); });
  }

  bool keeps_spaces_apart() const override {
    return std::ranges::all_of(parts_, [](const auto& part) { return part->keeps_spaces_apart(); });
  }

 private:
  std::vector<std::unique_ptr<const Normalizer>> parts_;
};

std::unique_ptr<const Normalizer> make_sequence(const Json& spec) {
  std::vector<std::unique_ptr<const Normalizer>> parts;
  for (const Json& part : spec.at("normalizers").elements()) {
    parts.push_back(make_normalizer(part));
  }
  return std::make_unique<NormalizerSequence>(std::move(parts));
}

std::unique_ptr<const Normalizer> make_bert(const Json& spec) {
  BertNormalizerOptions options{.clean_text = spec.at("clean_text").as_bool(),
                                .handle_chinese_chars = spec.at("handle_chinese_chars").as_bool(),
                                .strip_accents = std::nullopt,
                                .lowercase = spec.at("lowercase").as_bool()};
  const std::optional<Json> strip_accents = spec.find("strip_accents");
  if (strip_accents && !strip_accents->is_null()) {
    options.strip_accents = strip_accents->as_bool();
  }
  return std::make_unique<BertNormalizer>(options);
}

std::unique_ptr<const Normalizer> make_precompiled(const Json& spec) {
  const Json field = spec.at("precompiled_charsmap");
  const std::optional<std::string> bytes = decode_base64(field.as_string());
  if (!bytes) {
    fail(ErrorKind::kCorrupt, field.where(), ": expected base64, found ", field.describe());
  }
  return std::make_unique<Precompiled>(CharsMap(*bytes, field.where()));
}

}  // namespace

bool is_bert_chinese(char32_t c) {
  return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) ||
         (c >= 0x20000 && c <= 0x2A6DF) || (c >= 0x2A700 && c <= 0x2B73F) ||
         (c >= 0x2B740 && c <= 0x2B81F) || (c >= 0x2B920 && c <= 0x2CEAF) ||
         (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x2F800 && c <= 0x2FA1F);
}

void BertNormalizer::normalize(NormalizedText& text) const {
  if (options_.clean_text) {
    text.filter([](char32_t c) { return !has_flag(c, kCleanedAway); });
    text.map([](char32_t c) { return is_whitespace(c) ? U' ' : c; });
  }
  if (options_.handle_chinese_chars) {
    space_out_chinese(text);
  }
  if (options_.strips_accents()) {
    to_form(text, NormalizationForm::kNfd);
    text.filter([](char32_t c) { return !has_flag(c, kNonspacingMark); });
  }
  if (options_.lowercase) {
    lowercase(text);
  }
}

std::unique_ptr<const Normalizer> lowercase_before(std::unique_ptr<const Normalizer> rest) {
  std::vector<std::unique_ptr<const Normalizer>> parts;
  parts.push_back(std::make_unique<Lowercase>());
  if (rest) parts.push_back(std::move(rest));
  return std::make_unique<NormalizerSequence>(std::move(parts));
}

std::unique_ptr<const Normalizer> make_normalizer(const Json& spec) {
  const std::string_view type = spec.at("type").as_string();
  if (type == "Sequence") return make_sequence(spec);
  if (type == "BertNormalizer") return make_bert(spec);
  if (type == "Lowercase") return std::make_unique<Lowercase>();
  if (type == "NFD") return std::make_unique<UnicodeForm>(NormalizationForm::kNfd);
  if (type == "NFC") return std::make_unique<UnicodeForm>(NormalizationForm::kNfc);
  if (type == "NFKD") return std::make_unique<UnicodeForm>(NormalizationForm::kNfkd);
  if (type == "NFKC") return std::make_unique<UnicodeForm>(NormalizationForm::kNfkc);
  if (type == "StripAccents") return std::make_unique<StripAccents>();
  if (type == "Strip") {
    return std::make_unique<Strip>(spec.at("strip_left").as_bool(),
                                   spec.at("strip_right").as_bool());
  }
  if (type == "Precompiled") return make_precompiled(spec);
  if (type == "ByteLevel") return std::make_unique<ByteLevelNormalizer>();
  if (type == "Nmt") return std::make_unique<Nmt>();
  if (type == "Replace") {
    return std::make_unique<Replace>(TextPattern::read(spec.at("pattern")),
                                     spec.at("content").as_string());
  }
  if (type == "Prepend") return std::make_unique<Prepend>(spec.at("prepend").as_string());
  fail(ErrorKind::kUnsupported, spec.where(), ": normalizer type ", quoted(type),
       " is not supported");
}

}  // namespace firth
