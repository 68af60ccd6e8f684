// Reading JSON: a document is parsed once, and Json is a cheap handle into it. Built on simdjson,
// which stays out of this header. Strict RFC 8259: no comments, no NaN, no trailing commas, UTF-8
// valid, escaped surrogates paired; integers beyond 64 bits are read as the nearest double (Python
// writes such). Nesting is limited to 1,000 levels, a document to 4 GiB. A key that occurs twice in
// an object is an error when it is looked up: readers disagree about which one counts.
//
// Errors name the place: "config.json: field 'layers[3].size': expected an integer, found 'big'".
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace firth {

enum class JsonKind : std::uint8_t { kNull, kBool, kInteger, kFloat, kString, kArray, kObject };

// "null", "a boolean", "an integer", "a number", "a string", "an array", "an object".
std::string_view json_kind_name(JsonKind kind);

namespace internal {
struct JsonState;
}

// Valid as long as its document lives and is not parsed anew.
class Json {
 public:
  JsonKind kind() const;

  bool is_null() const { return kind() == JsonKind::kNull; }

  bool is_string() const { return kind() == JsonKind::kString; }

  bool is_array() const { return kind() == JsonKind::kArray; }

  bool is_object() const { return kind() == JsonKind::kObject; }

  bool is_number() const { return kind() == JsonKind::kInteger || kind() == JsonKind::kFloat; }

  // Of an object. A lookup reads the object from its start: for large ones take fields().
  bool has(std::string_view key) const { return find(key).has_value(); }

  std::optional<Json> find(std::string_view key) const;  // nullopt if it is not there
  Json at(std::string_view key) const;                   // not_found lists the keys there are
  std::vector<std::pair<std::string_view, Json>> fields() const;  // in the order of the file

  // Of an array.
  Json at(std::size_t index) const;
  std::vector<Json> elements() const;
  void copy_numbers(std::vector<float>& out) const;  // appends; all elements must be numbers

  std::size_t size() const;  // of an array or object

  // Of a value; corrupt if it is of another kind or out of range.
  std::string_view as_string() const;
  std::int64_t as_int() const;
  std::uint64_t as_uint(std::uint64_t max = UINT64_MAX) const;
  double as_double() const;  // also of an integer
  bool as_bool() const;

  // The value as JSON, without white space.
  std::string text() const;

  // "config.json: field 'layers[3].size'", for messages of the caller's own.
  std::string where() const;

  // The value as it may stand in a message: 'text', 12, "an array".
  std::string describe() const;

 private:
  friend class JsonDocument;
  using Element = std::array<std::uint64_t, 2>;  // a simdjson::dom::element

  Json(const internal::JsonState* state, Element element) : state_(state), element_(element) {}

  [[noreturn]] void fail_kind(std::string_view expected) const;

  const internal::JsonState* state_;
  Element element_;
};

class JsonDocument {
 public:
  JsonDocument();  // null
  ~JsonDocument();
  JsonDocument(JsonDocument&&) noexcept;
  JsonDocument& operator=(JsonDocument&&) noexcept;

  // `where` is what errors name. Errors: corrupt, with line and column.
  static JsonDocument parse(std::string_view text, std::string where);

  // Errors also: not_found, io; unsupported if the file is larger than max_bytes.
  static JsonDocument read(const std::string& path, std::uint64_t max_bytes = 1 << 30);

  // Parses another text into the same memory; errors name "where:line". Json handles taken before
  // are no longer valid. For many small texts.
  void reparse(std::string_view text, const std::string& where, std::uint64_t line);

  Json root() const;

 private:
  std::unique_ptr<internal::JsonState> state_;
};

}  // namespace firth
