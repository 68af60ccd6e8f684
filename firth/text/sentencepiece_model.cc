// Protobuf's wire format, and the checks that SentencePiece itself makes.
#include "firth/text/sentencepiece_model.h"

#include <array>
#include <bit>
#include <set>
#include <utility>

#include "firth/core/error.h"
#include "firth/io/utf8.h"
#include "firth/text/vocabulary.h"

namespace firth {
namespace {

// The fields of one message, one after another.
class Message {
 public:
  Message(std::string_view bytes, const std::string& where) : bytes_(bytes), where_(where) {}

  // Moves to the next field; false at the end.
  bool next();

  std::uint32_t field() const { return field_; }

  std::uint64_t integer() const { return expect(kVarint), value_; }

  bool flag() const { return integer() != 0; }

  float number() const {
    return expect(kFixed32), std::bit_cast<float>(static_cast<std::uint32_t>(value_));
  }

  std::string_view bytes() const { return expect(kBytes), payload_; }

 private:
  enum WireType : std::uint32_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

  [[noreturn]] void fail_cut() const {
    fail(ErrorKind::kCorrupt, where_, ": expected a SentencePiece model, found a field that ends ",
         "beyond its message");
  }

  void expect(WireType type) const {
    if (type_ != type) {
      fail(ErrorKind::kCorrupt, where_, ": field ", field_, ": expected wire type ",
           std::uint32_t{type}, ", found ", type_);
    }
  }

  std::uint64_t varint();
  std::uint64_t fixed(std::size_t size);

  std::string_view take(std::size_t size) {
    if (size > bytes_.size()) fail_cut();
    const std::string_view part = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return part;
  }

  std::string_view bytes_;  // what is left
  const std::string& where_;
  std::uint32_t field_ = 0;
  std::uint32_t type_ = 0;
  std::uint64_t value_ = 0;
  std::string_view payload_;
};

std::uint64_t Message::varint() {
  std::uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    const auto byte = static_cast<unsigned char>(take(1)[0]);
    value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
    if (byte < 0x80) return value;
  }
  fail(ErrorKind::kCorrupt, where_, ": expected a SentencePiece model, found a number of more ",
       "than ten bytes");
}

std::uint64_t Message::fixed(std::size_t size) {
  const std::string_view part = take(size);
  std::uint64_t value = 0;
  for (std::size_t i = size; i-- > 0;) {
    value = value << 8 | static_cast<unsigned char>(part[i]);
  }
  return value;
}

bool Message::next() {
  if (bytes_.empty()) return false;
  const std::uint64_t tag = varint();
  field_ = static_cast<std::uint32_t>(tag >> 3);
  type_ = static_cast<std::uint32_t>(tag & 7);
  switch (type_) {
    case kVarint:
      value_ = varint();
      return true;
    case kFixed64:
      value_ = fixed(8);
      return true;
    case kFixed32:
      value_ = fixed(4);
      return true;
    case kBytes:
      payload_ = take(varint());
      return true;
    default:
      fail(ErrorKind::kCorrupt, where_, ": expected a SentencePiece model, found the wire type ",
           type_);
  }
}

using Model = SentencePieceModel;

Model::Piece read_piece(std::string_view bytes, const std::string& where) {
  Model::Piece piece;
  for (Message message(bytes, where); message.next();) {
    if (message.field() == 1) piece.text = message.bytes();
    if (message.field() == 2) piece.score = message.number();
    if (message.field() == 3) {
      const std::uint64_t type = message.integer();
      if (type < 1 || type > 6) {
        fail(ErrorKind::kUnsupported, where, ": piece ", quoted(piece.text),
             ": expected a type from 1 to 6, found ", type);
      }
      piece.type = static_cast<Model::PieceType>(type);
    }
  }
  return piece;
}

void read_trainer(std::string_view bytes, Model& model) {
  for (Message message(bytes, model.where); message.next();) {
    if (message.field() == 3) {
      const std::uint64_t type = message.integer();
      if (type < 1 || type > 4) {
        fail(ErrorKind::kUnsupported, model.where, ": model type ", type, " is not supported");
      }
      model.type = static_cast<Model::Type>(type);
    }
    if (message.field() == 24) model.treat_whitespace_as_suffix = message.flag();
    if (message.field() == 35) model.byte_fallback = message.flag();
    if (message.field() == 44) model.unk_surface = message.bytes();
  }
}

void read_normalizer(std::string_view bytes, const std::string& where, Model::Normalizer& result) {
  for (Message message(bytes, where); message.next();) {
    if (message.field() == 2) result.precompiled_charsmap = message.bytes();
    if (message.field() == 3) result.add_dummy_prefix = message.flag();
    if (message.field() == 4) result.remove_extra_whitespaces = message.flag();
    if (message.field() == 5) result.escape_whitespaces = message.flag();
  }
}

// The byte that <0x41> names; -1 if it names none.
int byte_of(std::string_view piece) {
  if (piece.size() != 6 || !piece.starts_with("<0x") || piece[5] != '>') return -1;
  int value = 0;
  for (const char c : piece.substr(3, 2)) {
    const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
    if (digit < 0) return -1;
    value = 16 * value + digit;
  }
  return value;
}

// One piece by itself, and among those of its kind: what may occur in a text, and the others.
void check_piece(const Model& model, const Model::Piece& piece,
                 std::array<std::set<std::string_view>, 2>& seen) {
  using Type = Model::PieceType;
  const bool in_text = piece.type == Type::kNormal || piece.type == Type::kUserDefined ||
                       piece.type == Type::kUnused;
  if (piece.text.empty()) {
    fail(ErrorKind::kCorrupt, model.where, ": expected pieces that are not empty, found one");
  }
  if (!is_valid_utf8(piece.text)) {
    fail(ErrorKind::kCorrupt, model.where, ": piece ", quoted(piece.text), " is not UTF-8");
  }
  if (!seen[in_text ? 0 : 1].insert(piece.text).second) {
    fail(ErrorKind::kCorrupt, model.where, ": piece ", quoted(piece.text), " occurs twice");
  }
  if (!(piece.score >= -1e30F && piece.score <= 1e30F)) {
    fail(ErrorKind::kCorrupt, model.where, ": piece ", quoted(piece.text),
         ": expected a finite score, found ", piece.score);
  }
  if (piece.type == Type::kByte && (!model.byte_fallback || byte_of(piece.text) < 0)) {
    fail(ErrorKind::kCorrupt, model.where, ": piece ", quoted(piece.text),
         model.byte_fallback ? " names no byte" : " is a byte in a model without byte_fallback");
  }
}

void check(Model& model) {
  std::array<std::set<std::string_view>, 2> seen;
  std::size_t num_unknown = 0;
  std::size_t num_bytes = 0;
  for (std::size_t id = 0; id < model.pieces.size(); ++id) {
    check_piece(model, model.pieces[id], seen);
    if (model.has_type(id, Model::PieceType::kUnknown)) {
      ++num_unknown;
      model.unk_id = id;
    }
    num_bytes += model.has_type(id, Model::PieceType::kByte) ? 1 : 0;
  }
  if (num_unknown != 1) {
    fail(ErrorKind::kCorrupt, model.where, ": expected one unknown piece, found ", num_unknown);
  }
  if (model.byte_fallback && num_bytes != 256) {
    fail(ErrorKind::kCorrupt, model.where, ": byte_fallback: expected 256 byte pieces, found ",
         num_bytes);
  }
}

}  // namespace

SentencePieceModel SentencePieceModel::parse(std::string_view bytes, std::string where) {
  SentencePieceModel model;
  model.where = std::move(where);
  for (Message message(bytes, model.where); message.next();) {
    if (message.field() == 1) {
      if (model.pieces.size() > static_cast<std::size_t>(kMaxTokenId)) {
        fail(ErrorKind::kUnsupported, model.where, ": expected at most ", kMaxTokenId + 1,
             " pieces");
      }
      model.pieces.push_back(read_piece(message.bytes(), model.where));
    }
    if (message.field() == 2) read_trainer(message.bytes(), model);
    if (message.field() == 3) read_normalizer(message.bytes(), model.where, model.normalizer);
    if (message.field() == 5) read_normalizer(message.bytes(), model.where, model.denormalizer);
  }
  check(model);
  return model;
}

}  // namespace firth
