// SentencePieceProcessor::Decode.
#include "firth/text/sentencepiece_decoder.h"

#include <cstdlib>
#include <string_view>
#include <utility>

#include "firth/io/utf8.h"

namespace firth {
namespace {

using Type = SentencePieceModel::PieceType;

constexpr std::string_view kSpace = "\u2581";

// Appends bytes as text: what is no valid UTF-8 becomes U+FFFD, byte by byte.
void append_bytes(std::string_view bytes, std::string& text) {
  while (!bytes.empty()) {
    const std::size_t valid = find_invalid_utf8(bytes).value_or(bytes.size());
    text += bytes.substr(0, valid);
    bytes.remove_prefix(valid);
    if (!bytes.empty()) {
      text += "\uFFFD";
      bytes.remove_prefix(1);
    }
  }
}

}  // namespace

SentencePieceDecoder::SentencePieceDecoder(const SentencePieceModel& model)
    : unk_surface_(model.unk_surface),
      drops_first_space_(model.normalizer.add_dummy_prefix ||
                         model.normalizer.remove_extra_whitespaces),
      drops_all_first_spaces_(model.normalizer.remove_extra_whitespaces) {
  for (const auto& piece : model.pieces) {
    if (piece.type == Type::kByte) {
      const auto byte = std::strtoul(piece.text.c_str() + 3, nullptr, 16);
      reserved_[piece.text] = {piece.type, static_cast<char>(byte)};
    } else if (piece.type == Type::kControl || piece.type == Type::kUnknown) {
      reserved_[piece.text] = {piece.type};
    }
  }
  if (!model.denormalizer.precompiled_charsmap.empty()) {
    SentencePieceModel spec;
    spec.where = model.where;
    spec.normalizer = model.denormalizer;
    denormalizer_.emplace(spec);
  }
}

void SentencePieceDecoder::decode(std::vector<std::string>& tokens) const {
  std::string text;
  std::string bytes;
  bool at_beginning = true;  // whether a space goes
  bool was_dropped = false;
  for (const std::string& token : tokens) {
    const auto reserved = reserved_.find(token);
    if (reserved != reserved_.end() && reserved->second.type == Type::kByte) {
      bytes += reserved->second.byte;
      continue;
    }
    append_bytes(std::exchange(bytes, {}), text);
    at_beginning = at_beginning && !was_dropped && text.empty();
    was_dropped = false;
    if (reserved != reserved_.end()) {
      text += reserved->second.type == Type::kUnknown ? unk_surface_ : "";
      continue;
    }
    std::string piece = token;
    if (at_beginning && drops_first_space_ && piece.starts_with(kSpace)) {
      piece.erase(0, kSpace.size());
      was_dropped = !drops_all_first_spaces_;
    }
    replace_all(piece, kSpace, " ");
    text += piece;
  }
  append_bytes(bytes, text);
  if (denormalizer_) {
    NormalizedText normalized(text);
    denormalizer_->normalize(normalized);
    text = normalized.text();
  }
  tokens = {std::move(text)};
}

}  // namespace firth
