// Vectors in JSON: a bare list, an object with its list, an answer of OpenAI's embeddings API
// ({"data": [{"index": 0, "embedding": …}]}), a line of its batch results ({"custom_id": …,
// "response": {"body": answer}}).
#include <cstring>
#include <optional>

#include "firth/core/error.h"
#include "firth/io/base64.h"
#include "firth/io/json.h"
#include "firth/io/line_reader.h"
#include "firth/io/vector_text.h"

namespace firth::internal {

namespace {

constexpr std::size_t kMaxLineBytes = std::size_t{1} << 30;  // an answer may be one line

// Base64 of little-endian floats. False if it is not that.
bool append_base64_floats(std::string_view text, std::vector<float>& out) {
  const std::optional<std::string> bytes = decode_base64(text);
  if (!bytes || bytes->size() % sizeof(float) != 0) return false;
  const std::size_t before = out.size();
  out.resize(before + bytes->size() / sizeof(float));
  if (!bytes->empty()) std::memcpy(out.data() + before, bytes->data(), bytes->size());
  return true;
}

void append_vector(Json value, TextVectors& out) {
  if (value.is_string()) {
    if (!append_base64_floats(value.as_string(), out.values)) {
      fail(ErrorKind::kCorrupt, value.where(), ": expected base64 of 32-bit floats, found ",
           value.describe());
    }
  } else {
    value.copy_numbers(out.values);
  }
}

std::string id_of(Json object) {
  for (const std::string_view key : {"custom_id", "id", "word"}) {
    const std::optional<Json> found = object.find(key);
    if (found && found->is_string()) return std::string(found->as_string());
    if (found && found->kind() == JsonKind::kInteger) return found->describe();
  }
  return "";
}

// Every row has an id, or none has.
void add_id(Json value, const std::string& id, TextVectors& out) {
  const bool had_ids = !out.ids.empty();
  if (out.count > 1 && had_ids == id.empty()) {
    fail(ErrorKind::kCorrupt, value.where(), ": expected ", had_ids ? "an id" : "no id",
         " as in the first vector, found ", id.empty() ? "none" : quoted(id));
  }
  if (!id.empty()) out.ids.push_back(id);
}

// The answer's vectors in the order of their "index".
void append_answer(Json answer, const std::string& id, TextVectors& out) {
  const std::vector<Json> data = answer.at("data").elements();
  std::vector<const Json*> ordered(data.size());
  for (std::size_t i = 0; i < data.size(); ++i) {
    const std::optional<Json> index = data[i].find("index");
    const std::size_t at = index ? index->as_uint(data.size() - 1) : i;
    if (ordered[at] != nullptr) {
      fail(ErrorKind::kCorrupt, data[i].where(), ": the index ", at, " occurs twice");
    }
    ordered[at] = &data[i];
  }
  for (const Json* entry : ordered) {
    append_vector(entry->at("embedding"), out);
    out.close_row([&] { return entry->where(); });
    add_id(*entry, id, out);
  }
}

// Adds the vector, or for an answer the vectors, of one value.
void append_value(Json value, TextVectors& out) {
  if (value.is_array()) {
    append_vector(value, out);
    out.close_row([&] { return value.where(); });
    add_id(value, "", out);
    return;
  }
  if (const auto response = value.find("response")) {
    append_answer(response->at("body"), id_of(value), out);
    return;
  }
  if (value.has("data")) {
    append_answer(value, "", out);
    return;
  }
  const std::optional<Json> vector = value.find("vector");
  append_vector(vector ? *vector : value.at("embedding"), out);
  if (const auto scale = value.find("scale")) {
    for (std::size_t i = out.count * out.dimension; i < out.values.size(); ++i) {
      out.values[i] *= static_cast<float>(scale->as_double());
    }
  }
  out.close_row([&] { return value.where(); });
  add_id(value, id_of(value), out);
}

}  // namespace

TextVectors read_jsonl_vectors(const std::string& path) {
  LineReader lines(ByteSource::open(path), kMaxLineBytes);
  TextVectors out;
  JsonDocument document;
  std::string_view line;
  while (lines.next(line)) {
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    document.reparse(line, lines.source().name(), lines.line());
    append_value(document.root(), out);
  }
  return out;
}

TextVectors read_json_vectors(const std::string& path) {
  const JsonDocument document = JsonDocument::read(path, UINT32_MAX);
  const Json root = document.root();
  TextVectors out;
  if (root.is_array() && root.size() > 0 && !root.at(0).is_number()) {
    for (const Json& value : root.elements()) append_value(value, out);
  } else {
    append_value(root, out);
  }
  return out;
}

}  // namespace firth::internal
