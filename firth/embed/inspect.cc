#include "firth/embed/inspect.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <string_view>
#include <utility>

#include "firth/core/error.h"
#include "firth/embed/open_embedder.h"
#include "firth/embed/open_reranker.h"
#include "firth/io/csv.h"
#include "firth/io/json.h"
#include "firth/io/line_reader.h"
#include "firth/io/model_folder.h"
#include "firth/io/npy.h"
#include "firth/io/pickle_refusal.h"
#include "firth/io/record_source.h"
#include "firth/io/safetensors.h"
#include "firth/io/vector_file.h"
#include "firth/models/cross_encoder.h"
#include "firth/models/int8_certificate.h"
#include "firth/text/tokenizer.h"

namespace firth {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLongestLine = std::size_t{64} << 20;

template <class T>
void add(PathDescription& out, std::string name, T value) {
  out.fields.push_back({std::move(name), std::move(value)});
}

void add_if(PathDescription& out, std::string name, const std::string& value) {
  if (!value.empty()) add(out, std::move(name), value);
}

std::string joined(const std::set<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text.append(text.empty() ? "" : ", ").append(name);
  return text;
}

// As a shell takes it.
std::string shell_word(const std::string& path) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/+=:,@%";
  if (!path.empty() && path.find_first_not_of(kPlain) == std::string::npos) return path;
  std::string word = "'";
  for (const char c : path) word += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return word + "'";
}

// Tensors, their element types and the number of their elements; of a file or of a checkpoint.
template <class Weights>
void describe_tensors(const Weights& weights, PathDescription& out) {
  std::set<std::string> dtypes;
  std::uint64_t elements = 0;
  for (const std::string& name : weights.names()) {
    const TensorInfo& info = weights.info(name);
    out.tensors.push_back({name, info.dtype, info.shape});
    dtypes.insert(info.dtype);
    std::uint64_t size = 1;
    for (const std::size_t dim : info.shape) size *= dim;
    elements += size;
  }
  add(out, "tensors", static_cast<std::uint64_t>(out.tensors.size()));
  add(out, "parameters", elements);
  add_if(out, "dtype", joined(dtypes));
}

void describe_embedder(const EmbedderDescription& description, PathDescription& out) {
  out.kind = description.kind + " model";
  add(out, "dimension", static_cast<std::uint64_t>(description.dimension));
  if (description.max_length != 0)
    add(out, "max_length", static_cast<std::uint64_t>(description.max_length));
  if (description.num_layers != 0) {
    add(out, "num_hidden_layers", static_cast<std::uint64_t>(description.num_layers - 1));
    add(out, "num_attention_heads", static_cast<std::uint64_t>(description.num_attention_heads));
  }
  add_if(out, "pooling", description.pooling);
  add(out, "precision", description.precision);
  add(out, "normalized", description.normalized);
  add(out, "similarity", std::string(similarity_name(description.similarity)));
  for (const auto& [name, text] : description.prompts) add(out, "prompt " + name, text);
  add_if(out, "default_prompt_name", description.default_prompt_name);
  add_if(out, "licence", description.licence);
}

void describe_reranker(const RerankerDescription& description, PathDescription& out) {
  out.kind = description.kind + " cross-encoder";
  if (description.max_length != 0)
    add(out, "max_length", static_cast<std::uint64_t>(description.max_length));
  std::string labels;
  for (const std::string& label : description.labels)
    labels.append(labels.empty() ? "" : ", ").append(label);
  add(out, "labels", labels);
  add_if(out, "prompt", description.prompt);
  add_if(out, "licence", description.licence);
}

// What `firth quantize` found out when it wrote the weights.
void describe_certificate(const Int8Certificate& certificate, PathDescription& out) {
  const auto number = [](double value) {
    std::ostringstream text;
    text.precision(6);
    text << value;
    return text.str();
  };
  add(out, "int8_scales", std::string(certificate.blocks ? "blocks of 32" : "rows"));
  add(out, "certified_texts", certificate.num_texts);
  add(out, "certified_cosine_mean", number(certificate.cosine_mean));
  add(out, "certified_cosine_min", number(certificate.cosine_min));
  add(out, "worst_layer", certificate.worst_layer);
  add(out, "worst_layer_drift", number(certificate.worst_drift));
  add(out, "made_from", certificate.made_from);
}

// The folder that holds a model's weights: its own, or that of its first module.
std::optional<Checkpoint> find_weights(const std::string& folder) {
  std::vector<std::string> places = {folder};
  for (const std::string& name : list_folder(folder))
    if (name.starts_with("0_")) places.push_back((std::filesystem::path(folder) / name).string());
  for (const std::string& place : places) {
    if (find_model_file(place, "model.safetensors") ||
        find_model_file(place, "model.safetensors.index.json"))
      return Checkpoint::open(place);
  }
  return std::nullopt;
}

bool looks_like_model(const std::vector<std::string>& names) {
  return std::ranges::any_of(names, [](std::string_view name) {
    return name == "config.json" || name == "modules.json" || name.ends_with(".safetensors") ||
           name == "pytorch_model.bin" || name.ends_with(".gguf");
  });
}

bool has_text_files(const std::string& folder) {
  try {
    return !internal::list_text_files(folder).empty();
  } catch (const Error&) {
    return false;
  }
}

// Of a folder the text files are searched; without any, its first table or vectors show the use.
std::string command_for_folder(const std::string& path, const std::vector<std::string>& names) {
  if (has_text_files(path)) {
    return "firth search \"a question\" " + shell_word(path);
  }
  for (const std::string& name : names) {
    const fs::path file = fs::path(path) / name;
    std::error_code ignored;
    if (!fs::is_regular_file(file, ignored)) continue;
    try {
      const PathDescription found = describe_path(file.string());
      if (found.kind == "table" || found.kind == "vectors") return found.command;
    } catch (const Error&) {
      continue;  // what is broken is no example
    }
  }
  return "";
}

void describe_folder(const std::string& path, PathDescription& out) {
  const std::vector<std::string> names = list_folder(path);
  for (const auto& entry :
       fs::recursive_directory_iterator(path, fs::directory_options::skip_permission_denied)) {
    std::error_code ignored;
    if (entry.is_regular_file(ignored)) out.bytes += entry.file_size(ignored);
  }
  if (!looks_like_model(names)) {
    out.kind = "folder";
    add(out, "holds", quoted_list(names));
    out.command = command_for_folder(path, names);
    return;
  }
  out.kind = "model";
  try {
    const bool ranks = is_cross_encoder(path);
    if (ranks) {
      describe_reranker(open_reranker(path)->description(), out);
    } else {
      describe_embedder(open_embedder(path)->description(), out);
    }
    if (const auto weights = find_weights(path)) {
      describe_tensors(*weights, out);
      if (has_int8_weights(*weights)) describe_certificate(read_int8_certificate(*weights), out);
    }
    out.command = ranks ? "firth rerank --model " + shell_word(path) + " \"a question\" \"a text\""
                        : "firth embed --model " + shell_word(path) + " \"a text\"";
  } catch (const Error& error) {
    out.problem = error.what();
  }
}

void describe_safetensors(const std::string& path, PathDescription& out) {
  out.kind = "weights";
  const SafetensorsFile file = SafetensorsFile::open(path);
  describe_tensors(file, out);
  const bool vectors = file.has("embeddings") && out.tensors.size() <= 3;
  if (vectors) {
    out.kind = "vectors";
    out.command = "firth near " + shell_word(path) + " 0";
  }
}

void describe_vectors(const std::string& path, PathDescription& out) {
  out.kind = "vectors";
  out.command = "firth near " + shell_word(path) + " 0";
  const VectorTable table = read_vectors(path);
  add(out, "count", table.info.count);
  add(out, "dimension", static_cast<std::uint64_t>(table.info.dimension));
  add(out, "dtype", std::string(vector_dtype_name(table.info.dtype)));
  add_if(out, "model", table.info.model);
  add_if(out, "identity", table.info.identity);
  if (!table.ids.empty()) {
    add(out, "first_id", table.ids.front());
    out.command = "firth near " + shell_word(path) + " " + shell_word(table.ids.front());
  }
}

void describe_npy(const std::string& path, PathDescription& out) {
  out.kind = "array";
  const NpyFile file = NpyFile::open(path);
  add(out, "shape", file.shape().to_string());
  add(out, "dtype", file.stored_type());
  if (file.shape().rank() != 2) return;
  out.kind = "vectors";
  out.command = "firth near " + shell_word(path) + " 0";
  if (const auto info = read_sidecar(path)) {
    add_if(out, "model", info->model);
    add_if(out, "identity", info->identity);
  }
}

void describe_tokenizer(const std::string& path, PathDescription& out) {
  out.kind = "tokenizer";
  out.command = "firth tokenize --model " + shell_word(path) + " \"a text\"";
  add(out, "vocab_size", static_cast<std::uint64_t>(open_tokenizer(path)->vocab_size()));
}

void describe_json(const std::string& path, PathDescription& out) {
  out.kind = "JSON";
  const JsonDocument document = JsonDocument::read(path);
  const Json root = document.root();
  if (!root.is_object()) return describe_vectors(path, out);
  if (root.has("model") && root.has("pre_tokenizer")) {
    add(out, "model",
        root.at("model").has("type") ? std::string(root.at("model").at("type").as_string())
                                     : "not stated");
    return describe_tokenizer(path, out);
  }
  if (const auto model_type = root.find("model_type"); model_type && model_type->is_string()) {
    out.kind = "model configuration";
    add(out, "model_type", std::string(model_type->as_string()));
    const std::string folder = fs::path(path).parent_path().string();
    out.command = "firth inspect " + shell_word(folder.empty() ? "." : folder);
    return;
  }
  if (root.has("data")) describe_vectors(path, out);
}

void describe_table(const std::string& path, const std::vector<std::string>& columns,
                    PathDescription& out) {
  out.kind = "table";
  std::string list;
  for (const std::string& column : columns) list.append(list.empty() ? "" : ", ").append(column);
  add(out, "fields", list);
  const bool has_text = std::ranges::find(columns, "text") != columns.end();
  const std::string field = has_text ? "text" : columns.empty() ? "" : columns.front();
  out.command =
      "firth embed " + shell_word(path) + " --field " + shell_word(field) + " -o vectors.npy";
}

void describe_jsonl(const std::string& path, PathDescription& out) {
  out.kind = "table";
  LineReader lines(ByteSource::open(path), kLongestLine);
  std::string_view line;
  if (!lines.next(line)) return;
  const JsonDocument document = JsonDocument::parse(line, path + ":1");
  const Json root = document.root();
  if (root.is_array()) return describe_vectors(path, out);
  std::vector<std::string> fields;
  if (root.is_object())
    for (const auto& [name, value] : root.fields()) fields.emplace_back(name);
  const auto has = [&](std::string_view name) {
    return std::ranges::find(fields, name) != fields.end();
  };
  if (has("embedding")) return describe_vectors(path, out);
  describe_table(path, fields, out);
}

bool is_number(std::string_view word) {
  double value = 0;
  const auto result = std::from_chars(word.data(), word.data() + word.size(), value);
  return result.ec == std::errc() && result.ptr == word.data() + word.size();
}

void describe_csv(const std::string& path, char separator, PathDescription& out) {
  out.kind = "table";
  CsvReader rows(ByteSource::open(path), separator, kLongestLine);
  std::vector<std::string> columns;
  if (!rows.next(columns)) return;
  std::vector<std::string> first_row;
  const bool more = rows.next(first_row);
  const auto& row = more ? first_row : columns;
  const auto numeric = static_cast<std::size_t>(std::ranges::count_if(row, is_number));
  if (row.size() > 2 && numeric + 1 >= row.size()) return describe_vectors(path, out);
  describe_table(path, columns, out);
}

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  while (!line.empty()) {
    const std::size_t end = std::min(line.find(' '), line.size());
    if (end > 0) words.push_back(line.substr(0, end));
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  return words;
}

// "400000 300", or a word and its numbers.
bool is_vector_line(std::string_view line) {
  const auto words = words_of(line);
  if (words.size() < 2) return false;
  const bool rest = std::all_of(words.begin() + 1, words.end(), is_number);
  return rest && (words.size() > 4 || (words.size() == 2 && is_number(words.front())));
}

void describe_text(const std::string& path, PathDescription& out) {
  out.kind = "text";
  LineReader lines(ByteSource::open(path), kLongestLine);
  std::string_view line;
  if (!lines.next(line)) return;
  if (is_vector_line(line)) return describe_vectors(path, out);
  const fs::path name = path;
  if (name.filename() == "vocab.txt" || name.extension() == ".tiktoken") {
    return describe_tokenizer(path, out);
  }
  add(out, "first_line", quoted(line));
  out.command = "firth embed " + shell_word(path) + " -o vectors.npy";
}

// Formats that are told by their first bytes, whatever the name.
bool describe_by_content(const std::string& path, PathDescription& out) {
  ByteSource source = ByteSource::open(path);
  char bytes[64] = {};
  const std::string_view head(bytes, source.read(bytes));
  if (head.starts_with("GGUF")) {
    out.kind = "GGUF model";
    out.problem = path + ": GGUF is not known; take the model's safetensors folder";
    return true;
  }
  constexpr std::uint32_t kFastTextMagic = 793712314;  // fastText's src/fasttext.h
  std::uint32_t magic = 0;
  if (head.size() >= sizeof(magic)) std::memcpy(&magic, head.data(), sizeof(magic));
  if (magic == kFastTextMagic) {
    out.kind = "fastText model";
    out.problem = path + ": fastText's binary form is not known; take its .vec file";
    return true;
  }
  if (head.starts_with("\x93NUMPY")) return describe_npy(path, out), true;
  out.kind = "file";
  refuse_pickle(path, head);
  if (source.bytes_total() == 0) out.problem = path + ": the file is empty";
  return !out.problem.empty();
}

void describe_file(const std::string& path, PathDescription& out) {
  out.bytes = fs::file_size(path);
  try {
    if (describe_by_content(path, out)) return;
    const std::string name = without_compression_ending(path);
    if (name.ends_with(".safetensors")) return describe_safetensors(path, out);
    if (name.ends_with(".json")) return describe_json(path, out);
    if (name.ends_with(".jsonl") || name.ends_with(".ndjson")) return describe_jsonl(path, out);
    if (name.ends_with(".csv")) return describe_csv(path, ',', out);
    if (name.ends_with(".tsv")) return describe_csv(path, '\t', out);
    if (name.ends_with(".bin") || name.ends_with(".vec")) return describe_vectors(path, out);
    describe_text(path, out);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::kIo) throw;
    out.problem = error.what();
    out.command.clear();
  }
}

}  // namespace

PathDescription describe_path(const std::filesystem::path& path) {
  PathDescription out;
  out.path = path.string();
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status))
    fail(ErrorKind::kNotFound, out.path, ": expected a file or folder, found nothing there");
  if (fs::is_directory(status)) {
    describe_folder(out.path, out);
  } else if (fs::is_regular_file(status)) {
    describe_file(out.path, out);
  } else {
    out.kind = "special file";
    out.problem = out.path + ": expected a file or a folder";
  }
  return out;
}

}  // namespace firth
