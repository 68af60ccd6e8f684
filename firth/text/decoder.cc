// The decoders and the list of them.
#include "firth/text/decoder.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "firth/core/error.h"
#include "firth/text/byte_level.h"
#include "firth/text/metaspace.h"
#include "firth/text/text_pattern.h"
#include "firth/text/unicode.h"

namespace firth {
namespace {

// In the reference's order; each works on what the one before has left.
void clean_up(std::string& token) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 11> kRules = {{
      {" .", "."},
      {" ?", "?"},
      {" !", "!"},
      {" ,", ","},
      {" ' ", "'"},
      {" n't", "n't"},
      {" 'm", "'m"},
      {" do not", " don't"},
      {" 's", "'s"},
      {" 've", "'ve"},
      {" 're", "'re"},
  }};
  for (const auto& [from, to] : kRules) {
    replace_all(token, from, to);
  }
}

class Fuse : public Decoder {
 public:
  void decode(std::vector<std::string>& tokens) const override {
    std::string text;
    for (const std::string& token : tokens) {
      text += token;
    }
    tokens = {std::move(text)};
  }
};

// <0x41> to the byte it names; a run of bytes that is no valid UTF-8 becomes as many U+FFFD.
class ByteFallback : public Decoder {
 public:
  void decode(std::vector<std::string>& tokens) const override {
    std::vector<std::string> result;
    std::string bytes;
    const auto end_run = [&] {
      if (is_valid_utf8(bytes)) {
        result.push_back(bytes);
      } else {
        result.insert(result.end(), bytes.size(), "\uFFFD");
      }
      bytes.clear();
    };
    for (std::string& token : tokens) {
      if (const std::optional<char> byte = byte_of(token)) {
        bytes += *byte;
        continue;
      }
      if (!bytes.empty()) {
        end_run();
      }
      result.push_back(std::move(token));
    }
    if (!bytes.empty()) {
      end_run();
    }
    tokens = std::move(result);
  }

 private:
  static std::optional<char> byte_of(std::string_view token) {
    if (token.size() != 6 || !token.starts_with("<0x") || token[5] != '>') {
      return std::nullopt;
    }
    // As the reference's parser of numbers has it, the first digit may be a plus.
    const int high = token[3] == '+' ? 0 : hex_digit(token[3]);
    const int low = hex_digit(token[4]);
    return high < 0 || low < 0 ? std::nullopt : std::optional(static_cast<char>(high << 4 | low));
  }

  static int hex_digit(char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
  }
};

// Takes up to `start` and `stop` times a character off the two ends of every token.
class StripDecoder : public Decoder {
 public:
  StripDecoder(std::string content, std::size_t start, std::size_t stop)
      : content_(std::move(content)), start_(start), stop_(stop) {}

  void decode(std::vector<std::string>& tokens) const override {
    for (std::string& token : tokens) {
      std::size_t begin = 0;
      for (std::size_t i = 0; i < start_ && token.compare(begin, content_.size(), content_) == 0;
           ++i) {
        begin += content_.size();
      }
      std::string_view rest = std::string_view(token).substr(begin);
      for (std::size_t i = 0; i < stop_ && rest.ends_with(content_); ++i) {
        rest.remove_suffix(content_.size());
      }
      token = std::string(rest);
    }
  }

 private:
  std::string content_;  // one character
  std::size_t start_;
  std::size_t stop_;
};

// Connectionist temporal classification: repeated tokens are one, the padding token is nothing, and
// with `cleanup` the delimiter of words is a space.
class Ctc : public Decoder {
 public:
  Ctc(std::string pad, std::string delimiter, bool cleanup)
      : pad_(std::move(pad)), delimiter_(std::move(delimiter)), cleanup_(cleanup) {}

  void decode(std::vector<std::string>& tokens) const override {
    tokens.erase(std::unique(tokens.begin(), tokens.end()), tokens.end());
    for (std::string& token : tokens) {
      replace_all(token, pad_, "");
      if (cleanup_) {
        clean_up(token);
        replace_all(token, delimiter_, " ");
      }
    }
    std::erase_if(tokens, [](const std::string& token) { return token.empty(); });
  }

 private:
  std::string pad_;
  std::string delimiter_;
  bool cleanup_;
};

class ReplaceDecoder : public Decoder {
 public:
  ReplaceDecoder(TextPattern pattern, std::string to)
      : pattern_(std::move(pattern)), to_(std::move(to)) {}

  void decode(std::vector<std::string>& tokens) const override {
    std::vector<PatternPart> parts;
    for (std::string& token : tokens) {
      if (token.empty()) {
        continue;  // the reference looks for nothing in it, not even the empty match
      }
      parts.clear();
      pattern_.find_parts(token, parts);
      std::string result;
      for (const PatternPart& part : parts) {
        result += part.is_match ? to_ : token.substr(part.begin, part.end - part.begin);
      }
      token = std::move(result);
    }
  }

 private:
  TextPattern pattern_;
  std::string to_;
};

class DecoderSequence : public Decoder {
 public:
  explicit DecoderSequence(std::vector<std::unique_ptr<const Decoder>> parts)
      : parts_(std::move(parts)) {}

  void decode(std::vector<std::string>& tokens) const override {
    for (const auto& part : parts_) {
      part->decode(tokens);
    }
  }

 private:
  std::vector<std::unique_ptr<const Decoder>> parts_;
};

std::string string_of(const Json& value) {
  return std::string(value.as_string());
}

std::unique_ptr<const Decoder> make_strip(const Json& spec) {
  std::string content;
  append_utf8(read_char(spec.at("content")), content);
  return std::make_unique<StripDecoder>(std::move(content), spec.at("start").as_uint(),
                                        spec.at("stop").as_uint());
}

std::unique_ptr<const Decoder> make_sequence(const Json& spec) {
  std::vector<std::unique_ptr<const Decoder>> parts;
  for (const Json& part : spec.at("decoders").elements()) {
    parts.push_back(make_decoder(part));
  }
  return std::make_unique<DecoderSequence>(std::move(parts));
}

}  // namespace

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  if (from.empty()) {
    std::string result(to);
    for_each_char(text, [&](char32_t, std::size_t begin, std::size_t end) {
      result.append(text, begin, end - begin) += to;
    });
    text = std::move(result);
    return;
  }
  std::size_t at = text.find(from);
  if (at == std::string::npos) {
    return;
  }
  std::string result;
  std::size_t copied = 0;
  for (; at != std::string::npos; at = text.find(from, copied)) {
    result.append(text, copied, at - copied);
    result += to;
    copied = at + from.size();
  }
  result.append(text, copied);
  text = std::move(result);
}

void WordPieceDecoder::decode(std::vector<std::string>& tokens) const {
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    std::string& token = tokens[i];
    if (i > 0 && token.starts_with(prefix_)) {
      token.erase(0, prefix_.size());
    } else if (i > 0) {
      token.insert(0, 1, ' ');
    }
    if (cleanup_) {
      clean_up(token);
    }
  }
}

std::unique_ptr<const Decoder> make_decoder(const Json& spec) {
  const std::string_view type = spec.at("type").as_string();
  if (type == "WordPiece") {
    return std::make_unique<WordPieceDecoder>(std::string(spec.at("prefix").as_string()),
                                              spec.at("cleanup").as_bool());
  }
  if (type == "Metaspace") return std::make_unique<MetaspaceDecoder>(read_metaspace(spec));
  if (type == "Fuse") return std::make_unique<Fuse>();
  if (type == "ByteFallback") return std::make_unique<ByteFallback>();
  if (type == "Strip") return make_strip(spec);
  if (type == "CTC") {
    return std::make_unique<Ctc>(string_of(spec.at("pad_token")),
                                 string_of(spec.at("word_delimiter_token")),
                                 spec.at("cleanup").as_bool());
  }
  if (type == "Sequence") return make_sequence(spec);
  if (type == "Replace") {
    return std::make_unique<ReplaceDecoder>(TextPattern::read(spec.at("pattern")),
                                            string_of(spec.at("content")));
  }
  if (type == "ByteLevel") return std::make_unique<ByteLevelDecoder>();
  if (type == "BPEDecoder") {
    return std::make_unique<BpeDecoder>(std::string(spec.at("suffix").as_string()));
  }
  fail(ErrorKind::kUnsupported, spec.where(), ": decoder type ", quoted(type), " is not supported");
}

}  // namespace firth
