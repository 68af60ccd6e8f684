#include "firth/io/json.h"

#include <simdjson.h>

#include <algorithm>
#include <bit>
#include <nlohmann/json.hpp>

#include "firth/core/error.h"
#include "firth/io/file.h"

namespace firth {

namespace dom = simdjson::dom;

namespace internal {
struct JsonState {
  dom::parser parser;
  std::string padded;  // the text with the spare bytes behind it that simdjson reads over
  std::string where;
  std::uint64_t line = 0;  // of `where`, 0 = none

  std::string place() const { return line == 0 ? where : where + ":" + std::to_string(line); }
};
}  // namespace internal

namespace {

using Element = std::array<std::uint64_t, 2>;
static_assert(sizeof(dom::element) == sizeof(Element));

dom::element element_of(const Element& bits) {
  return std::bit_cast<dom::element>(bits);
}

Element bits_of(dom::element element) {
  return std::bit_cast<Element>(element);
}

// The element as an array or object, which it must be.
dom::array array_of(dom::element element) {
  dom::array array;
  [[maybe_unused]] const auto error = element.get(array);
  return array;
}

dom::object object_of(dom::element element) {
  dom::object object;
  [[maybe_unused]] const auto error = element.get(object);
  return object;
}

JsonKind kind_of(dom::element element) {
  switch (element.type()) {
    case dom::element_type::ARRAY:
      return JsonKind::kArray;
    case dom::element_type::OBJECT:
      return JsonKind::kObject;
    case dom::element_type::INT64:
    case dom::element_type::UINT64:
      return JsonKind::kInteger;
    case dom::element_type::DOUBLE:
      return JsonKind::kFloat;
    case dom::element_type::STRING:
      return JsonKind::kString;
    case dom::element_type::BOOL:
      return JsonKind::kBool;
    case dom::element_type::NULL_VALUE:
      break;
  }
  return JsonKind::kNull;
}

// The way from `from` to `target`, "layers[3].size"; found by walking, which only errors pay for.
bool find_path(dom::element from, const Element& target, std::string& path) {
  if (bits_of(from) == target) return true;
  const std::size_t length = path.size();
  if (from.is_array()) {
    std::size_t index = 0;
    for (const dom::element child : array_of(from)) {
      path += "[" + std::to_string(index++) + "]";
      if (find_path(child, target, path)) return true;
      path.resize(length);
    }
  } else if (from.is_object()) {
    for (const dom::key_value_pair field : object_of(from)) {
      if (!path.empty()) path += '.';
      path += field.key;
      if (find_path(field.value, target, path)) return true;
      path.resize(length);
    }
  }
  return false;
}

// Marks integers of twenty digits and more as floats ("…e0"): simdjson refuses what does not fit 64
// bits, but Python writes such integers, tokenizer_config.json's model_max_length for one.
std::string widen_big_integers(std::string_view text) {
  constexpr std::size_t kMinDigits = 19;
  std::string out;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size();) {
    if (in_string && text[i] == '\\' && i + 1 < text.size()) {
      out += text.substr(i, 2);
      i += 2;
      continue;
    }
    if (text[i] == '"') in_string = !in_string;
    const std::size_t end =
        in_string ? i : std::min(text.find_first_not_of("0123456789.eE+-", i), text.size());
    const std::string_view number = text.substr(i, end - i);
    if (number.empty()) {
      out += text[i++];
      continue;
    }
    out += number;
    if (number.size() >= kMinDigits && number.find_first_of(".eE") == std::string_view::npos) {
      out += "e0";
    }
    i = end;
  }
  return out;
}

// simdjson does not say where a text breaks; nlohmann's parser, run over it without keeping
// anything, does.
struct ErrorFinder : nlohmann::json_sax<nlohmann::json> {
  bool null() override { return true; }

  bool boolean(bool) override { return true; }

  bool number_integer(number_integer_t) override { return true; }

  bool number_unsigned(number_unsigned_t) override { return true; }

  bool number_float(number_float_t, const string_t&) override { return true; }

  bool string(string_t&) override { return true; }

  bool binary(binary_t&) override { return true; }

  bool start_object(std::size_t) override { return true; }

  bool key(string_t&) override { return true; }

  bool end_object() override { return true; }

  bool start_array(std::size_t) override { return true; }

  bool end_array() override { return true; }

  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::json::exception& exception) override {
    byte = position;
    // "[json.exception.parse_error.101] parse error at line 1, column 2: syntax error while …"
    message = exception.what();
    const std::size_t start = message.find(": ", message.find("column"));
    if (start != std::string::npos) message.erase(0, start + 2);
    return false;
  }

  std::size_t byte = 0;
  std::string message;
};

[[noreturn]] void fail_syntax(const internal::JsonState& state, std::string_view text,
                              simdjson::error_code error) {
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    fail(ErrorKind::kCorrupt, state.place(), ": expected JSON, found nothing");
  }
  if (error == simdjson::DEPTH_ERROR) {
    fail(ErrorKind::kUnsupported, state.place(),
         ": expected JSON of at most 1,000 levels, found more");
  }
  if (error == simdjson::CAPACITY || error == simdjson::MEMALLOC) {
    fail(ErrorKind::kUnsupported, state.place(), ": too large for one JSON document");
  }
  ErrorFinder finder;
  nlohmann::json::sax_parse(text.begin(), text.end(), &finder);
  if (finder.message.empty()) {
    fail(ErrorKind::kCorrupt, state.place(),
         ": expected JSON, found: ", simdjson::error_message(error));
  }
  const std::string_view before = text.substr(0, finder.byte == 0 ? 0 : finder.byte - 1);
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const std::size_t column = before.size() - (before.rfind('\n') + 1) + 1;
  const std::string reason = quoted(finder.message, 160);
  fail(ErrorKind::kCorrupt, state.place(), ": expected JSON, found at ",
       line > 1 ? "line " + std::to_string(line) + ", " : "", "byte ", column, ": ",
       std::string_view(reason).substr(1, reason.size() - 2));
}

simdjson::error_code parse_padded(internal::JsonState& state, std::string_view text) {
  state.padded.resize(text.size() + simdjson::SIMDJSON_PADDING);
  std::copy(text.begin(), text.end(), state.padded.begin());
  return state.parser.parse(state.padded.data(), text.size(), false).error();
}

void parse_into(internal::JsonState& state, std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  simdjson::error_code error = parse_padded(state, text);
  if (error == simdjson::NUMBER_ERROR) error = parse_padded(state, widen_big_integers(text));
  if (error != simdjson::SUCCESS) fail_syntax(state, text, error);
}

std::string quoted_keys(dom::object object) {
  std::string keys;
  std::size_t count = 0;
  for (const dom::key_value_pair field : object) {
    if (count++ < 12) keys += (keys.empty() ? "" : ", ") + quoted(field.key, 40);
  }
  if (count > 12) keys += " and " + std::to_string(count - 12) + " more";
  return keys.empty() ? "no fields" : keys;
}

}  // namespace

std::string_view json_kind_name(JsonKind kind) {
  switch (kind) {
    case JsonKind::kNull:
      return "null";
    case JsonKind::kBool:
      return "a boolean";
    case JsonKind::kInteger:
      return "an integer";
    case JsonKind::kFloat:
      return "a number";
    case JsonKind::kString:
      return "a string";
    case JsonKind::kArray:
      return "an array";
    case JsonKind::kObject:
      return "an object";
  }
  return "unknown";
}

JsonKind Json::kind() const {
  return kind_of(element_of(element_));
}

std::string Json::text() const {
  return simdjson::minify(element_of(element_));
}

std::string Json::where() const {
  std::string path;
  find_path(state_->parser.doc.root(), element_, path);
  if (path.empty()) return state_->place();
  return state_->place() + ": field " + quoted(path, 120);
}

std::string Json::describe() const {
  const dom::element element = element_of(element_);
  switch (kind()) {
    case JsonKind::kString:
      return quoted(as_string(), 60);
    case JsonKind::kBool:
    case JsonKind::kInteger:
    case JsonKind::kFloat:
      return simdjson::minify(element);
    default:
      return std::string(json_kind_name(kind()));
  }
}

void Json::fail_kind(std::string_view expected) const {
  fail(ErrorKind::kCorrupt, where(), ": expected ", expected, ", found ", describe());
}

std::optional<Json> Json::find(std::string_view key) const {
  const dom::element element = element_of(element_);
  if (!element.is_object()) fail_kind("an object");
  std::optional<Json> found;
  for (const dom::key_value_pair field : object_of(element)) {
    if (field.key != key) continue;
    if (found)
      fail(ErrorKind::kCorrupt, where(), ": expected the field ", quoted(key),
           " once, found it twice");
    found = Json(state_, bits_of(field.value));
  }
  return found;
}

Json Json::at(std::string_view key) const {
  if (const std::optional<Json> found = find(key)) return *found;
  fail(ErrorKind::kNotFound, where(), ": expected a field ", quoted(key), ", found ",
       quoted_keys(object_of(element_of(element_))));
}

std::vector<std::pair<std::string_view, Json>> Json::fields() const {
  const dom::element element = element_of(element_);
  if (!element.is_object()) fail_kind("an object");
  std::vector<std::pair<std::string_view, Json>> fields;
  for (const dom::key_value_pair field : object_of(element)) {
    fields.emplace_back(field.key, Json(state_, bits_of(field.value)));
  }
  return fields;
}

std::vector<Json> Json::elements() const {
  const dom::element element = element_of(element_);
  if (!element.is_array()) fail_kind("an array");
  std::vector<Json> elements;
  for (const dom::element child : array_of(element)) {
    elements.push_back(Json(state_, bits_of(child)));
  }
  return elements;
}

Json Json::at(std::size_t index) const {
  const dom::element element = element_of(element_);
  if (!element.is_array()) fail_kind("an array");
  std::size_t at = 0;
  for (const dom::element child : array_of(element)) {
    if (at++ == index) return {state_, bits_of(child)};
  }
  fail(ErrorKind::kNotFound, where(), ": expected an element ", index, ", found an array of ", at);
}

void Json::copy_numbers(std::vector<float>& out) const {
  const dom::element element = element_of(element_);
  if (!element.is_array()) fail_kind("an array of numbers");
  for (const dom::element child : array_of(element)) {
    double number = 0;
    if (child.get(number) != simdjson::SUCCESS) Json(state_, bits_of(child)).fail_kind("a number");
    out.push_back(static_cast<float>(number));
  }
}

std::size_t Json::size() const {
  const dom::element element = element_of(element_);
  std::size_t count = 0;  // counted: simdjson's own size stops at 2^24 - 1
  if (element.is_object()) {
    for ([[maybe_unused]] const auto field : object_of(element)) ++count;
  } else if (element.is_array()) {
    for ([[maybe_unused]] const auto child : array_of(element)) ++count;
  } else {
    fail_kind("an array or object");
  }
  return count;
}

std::string_view Json::as_string() const {
  std::string_view text;
  if (element_of(element_).get(text) != simdjson::SUCCESS) fail_kind("a string");
  return text;
}

std::int64_t Json::as_int() const {
  std::int64_t number = 0;
  if (element_of(element_).get(number) != simdjson::SUCCESS) fail_kind("an integer");
  return number;
}

std::uint64_t Json::as_uint(std::uint64_t max) const {
  std::uint64_t number = 0;
  if (element_of(element_).get(number) != simdjson::SUCCESS || number > max) {
    fail_kind(max == UINT64_MAX ? "a whole number" : "a whole number up to " + std::to_string(max));
  }
  return number;
}

double Json::as_double() const {
  double number = 0;
  if (element_of(element_).get(number) != simdjson::SUCCESS) fail_kind("a number");
  return number;
}

bool Json::as_bool() const {
  bool value = false;
  if (element_of(element_).get(value) != simdjson::SUCCESS) fail_kind("true or false");
  return value;
}

JsonDocument::JsonDocument() : state_(std::make_unique<internal::JsonState>()) {
  parse_into(*state_, "null");
}

JsonDocument::~JsonDocument() = default;
JsonDocument::JsonDocument(JsonDocument&&) noexcept = default;
JsonDocument& JsonDocument::operator=(JsonDocument&&) noexcept = default;

JsonDocument JsonDocument::parse(std::string_view text, std::string where) {
  JsonDocument document;
  document.state_->where = std::move(where);
  parse_into(*document.state_, text);
  return document;
}

JsonDocument JsonDocument::read(const std::string& path, std::uint64_t max_bytes) {
  return parse(read_file(path, max_bytes), path);
}

void JsonDocument::reparse(std::string_view text, const std::string& where, std::uint64_t line) {
  state_->where = where;
  state_->line = line;
  parse_into(*state_, text);
}

Json JsonDocument::root() const {
  return {state_.get(), bits_of(state_->parser.doc.root())};
}

}  // namespace firth
