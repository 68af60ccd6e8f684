// The first part of a tokenizer: rewrites the text (case, accents, spaces). One class a `type` of
// tokenizer.json; make_normalizer holds the list.
#pragma once

#include <memory>
#include <optional>

#include "firth/io/json.h"
#include "firth/text/normalized_text.h"

namespace firth {

class Normalizer {
 public:
  virtual ~Normalizer() = default;
  virtual void normalize(NormalizedText& text) const = 0;

  // Whether ASCII characters stay as they are wherever all of the text is ASCII.
  virtual bool keeps_ascii() const { return false; }

  // Whether normalize(a + " " + b) is normalize(a) + " " + normalize(b), whatever a and b, and
  // likewise with a tab or a line break, which may become another white space.
  virtual bool keeps_spaces_apart() const { return false; }

  // Whether it is the normalizer `Lowercase` or a sequence with it: BERT's own does not count.
  virtual bool has_lowercase() const { return false; }
};

// Google's BERT: control characters out and white space to ' ' (clean_text), spaces around Chinese
// characters, accents off, lower case; in this order.
struct BertNormalizerOptions {
  bool clean_text = true;
  bool handle_chinese_chars = true;
  std::optional<bool> strip_accents;  // nullopt: as lowercase
  bool lowercase = true;

  bool strips_accents() const { return strip_accents.value_or(lowercase); }
};

class BertNormalizer : public Normalizer {
 public:
  explicit BertNormalizer(const BertNormalizerOptions& options) : options_(options) {}

  void normalize(NormalizedText& text) const override;

  bool keeps_spaces_apart() const override { return true; }

  const BertNormalizerOptions& options() const { return options_; }

 private:
  BertNormalizerOptions options_;
};

// What BERT's code calls Chinese: CJK ideographs, not kana or hangul.
bool is_bert_chinese(char32_t c);

// Lower case first, then `rest`, which may be null.
std::unique_ptr<const Normalizer> lowercase_before(std::unique_ptr<const Normalizer> rest);

// Errors: unsupported for a type that is not known, corrupt for fields that are not as they should.
std::unique_ptr<const Normalizer> make_normalizer(const Json& spec);

}  // namespace firth
