#include "firth/counts/text_vectorizer.h"

#include <cstring>
#include <filesystem>
#include <optional>
#include <string_view>

#include "firth/core/error.h"
#include "firth/io/atomic_file.h"
#include "firth/io/json.h"
#include "firth/io/json_writer.h"
#include "firth/io/safetensors.h"
#include "firth/io/safetensors_writer.h"

namespace firth {
namespace {

constexpr std::uint64_t kFormatVersion = 1;
constexpr std::string_view kKinds[] = {"count", "tfidf", "hashing"};

void write_limit(JsonWriter& json, std::string_view name, const DocumentLimit& limit) {
  json.key(name).begin_object().field("value", limit.value).field("is_share", limit.is_share);
  json.end_object();
}

void write_terms(JsonWriter& json, const TermOptions& terms) {
  json.key("terms").begin_object().field("analyzer", analyzer_name(terms.analyzer));
  json.key("ngram_range").begin_array().value(terms.min_n).value(terms.max_n).end_array();
  json.field("lowercase", terms.lowercase);
  json.field("strip_accents", strip_accents_name(terms.strip_accents));
  json.field("token_pattern", std::string_view(terms.token_pattern));
  json.key("stop_words").begin_array();
  for (const std::string& word : terms.stop_words) json.value(std::string_view(word));
  json.end_array().end_object();
}

void write_counts(JsonWriter& json, const CountOptions& counts) {
  write_terms(json, counts.terms);
  write_limit(json, "min_df", counts.min_df);
  write_limit(json, "max_df", counts.max_df);
  json.field("max_features", counts.max_features).field("binary", counts.binary);
}

void write_weights(JsonWriter& json, const TfidfTransformer& weights) {
  const TfidfOptions& options = weights.options();
  json.field("norm", row_norm_name(options.norm)).field("use_idf", options.use_idf);
  json.field("smooth_idf", options.smooth_idf).field("sublinear_tf", options.sublinear_tf);
  json.field("num_documents", weights.num_documents());
}

void write_hashing(JsonWriter& json, const HashingOptions& options) {
  write_terms(json, options.terms);
  json.field("n_features", options.n_features).field("alternate_sign", options.alternate_sign);
  json.field("binary", options.binary).field("norm", row_norm_name(options.norm));
}

void write_vocabulary(const std::string& folder, const CountVectorizer& counts) {
  JsonWriter json;
  json.begin_array();
  for (const std::string& term : counts.terms()) json.value(std::string_view(term));
  write_file(folder + "/vocabulary.json", json.end_array().newline().take());
}

void write_frequencies(const std::string& folder, const TfidfTransformer& weights) {
  SafetensorsWriter writer(folder + "/model.safetensors");
  const auto values = weights.document_frequencies();
  writer.begin("document_frequencies", DType::kI64);
  writer.append(std::as_bytes(values));
  writer.end(Shape{values.size()});
  writer.commit();
}

TermOptions read_terms(const Json& json) {
  TermOptions terms;
  terms.analyzer = parse_analyzer(json.at("analyzer").as_string());
  terms.min_n = json.at("ngram_range").at(std::size_t{0}).as_uint();
  terms.max_n = json.at("ngram_range").at(std::size_t{1}).as_uint();
  terms.lowercase = json.at("lowercase").as_bool();
  terms.strip_accents = parse_strip_accents(json.at("strip_accents").as_string());
  terms.token_pattern = json.at("token_pattern").as_string();
  for (const Json& word : json.at("stop_words").elements())
    terms.stop_words.emplace_back(word.as_string());
  return terms;
}

DocumentLimit read_limit(const Json& json) {
  return {.value = json.at("value").as_double(), .is_share = json.at("is_share").as_bool()};
}

CountOptions read_counts(const Json& json) {
  return {.terms = read_terms(json.at("terms")),
          .min_df = read_limit(json.at("min_df")),
          .max_df = read_limit(json.at("max_df")),
          .max_features = json.at("max_features").as_uint(),
          .binary = json.at("binary").as_bool()};
}

TfidfOptions read_weights(const Json& json) {
  return {.norm = parse_row_norm(json.at("norm").as_string()),
          .use_idf = json.at("use_idf").as_bool(),
          .smooth_idf = json.at("smooth_idf").as_bool(),
          .sublinear_tf = json.at("sublinear_tf").as_bool()};
}

HashingOptions read_hashing(const Json& json) {
  return {.terms = read_terms(json.at("terms")),
          .n_features = json.at("n_features").as_uint(),
          .alternate_sign = json.at("alternate_sign").as_bool(),
          .binary = json.at("binary").as_bool(),
          .norm = parse_row_norm(json.at("norm").as_string())};
}

std::vector<std::string> read_vocabulary(const std::string& folder) {
  const JsonDocument document = JsonDocument::read(folder + "/vocabulary.json");
  std::vector<std::string> terms;
  for (const Json& term : document.root().elements()) terms.emplace_back(term.as_string());
  return terms;
}

std::vector<std::uint64_t> read_frequencies(const std::string& folder, std::size_t num_columns) {
  const std::string path = folder + "/model.safetensors";
  const SafetensorsFile file = SafetensorsFile::open(path);
  const TensorInfo& info = file.info("document_frequencies");
  if (info.dtype != "I64" || info.shape != std::vector<std::size_t>{num_columns}) {
    fail(ErrorKind::kCorrupt, path, ": tensor 'document_frequencies': expected I64 of shape (",
         num_columns, "), found ", info.dtype, " of ", info.bytes, " bytes");
  }
  std::vector<std::uint64_t> values(num_columns);
  std::memcpy(values.data(), file.tensor("document_frequencies").bytes().data(), info.bytes);
  return values;
}

// What options say is checked by those who take them; here it came from a file.
TextVectorizer read_folder(const std::string& folder, const Json& root) {
  const std::string_view kind = root.at("kind").as_string();
  if (kind == kKinds[2]) return TextVectorizer(HashingVectorizer(read_hashing(root)));
  CountVectorizer counts(read_counts(root), read_vocabulary(folder));
  if (kind == kKinds[0]) return TextVectorizer(std::move(counts));
  const std::uint64_t num_documents = root.at("num_documents").as_uint();
  const auto frequencies = read_frequencies(folder, counts.num_columns());
  for (const std::uint64_t df : frequencies) {
    if (df > num_documents)
      fail(ErrorKind::kCorrupt, folder, "/model.safetensors: expected document frequencies of at ",
           "most ", num_documents, ", found ", df);
  }
  auto weights = TfidfTransformer::fit(read_weights(root), num_documents, frequencies);
  return TextVectorizer(TfidfVectorizer(std::move(counts), std::move(weights)));
}

bool is_known(std::string_view kind) {
  return kind == kKinds[0] || kind == kKinds[1] || kind == kKinds[2];
}

}  // namespace

std::string_view TextVectorizer::kind() const {
  return kKinds[way_.index()];
}

const CountVectorizer* TextVectorizer::counts() const {
  if (const auto* tfidf = std::get_if<TfidfVectorizer>(&way_)) return &tfidf->counts();
  return std::get_if<CountVectorizer>(&way_);
}

std::size_t TextVectorizer::num_columns() const {
  if (const CountVectorizer* columns = counts()) return columns->num_columns();
  return std::get<HashingVectorizer>(way_).options().n_features;
}

void TextVectorizer::save(const std::string& folder) const {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) fail(ErrorKind::kIo, folder, ": cannot make the folder: ", error.message());
  JsonWriter json;
  json.begin_object().field("format_version", kFormatVersion).field("kind", kind());
  if (const CountVectorizer* columns = counts()) {
    write_vocabulary(folder, *columns);
    write_counts(json, columns->options());
  }
  if (const auto* tfidf = std::get_if<TfidfVectorizer>(&way_)) {
    write_frequencies(folder, tfidf->weights());
    write_weights(json, tfidf->weights());
  }
  if (const auto* hashing = std::get_if<HashingVectorizer>(&way_))
    write_hashing(json, hashing->options());
  write_file(folder + "/firth.json", json.end_object().newline().take());
}

TextVectorizer TextVectorizer::open(const std::string& folder) {
  const std::string path = folder + "/firth.json";
  const JsonDocument document = JsonDocument::read(path);
  const Json root = document.root();
  const std::uint64_t version = root.at("format_version").as_uint();
  if (version != kFormatVersion) {
    fail(ErrorKind::kUnsupported, path, ": expected format_version ", kFormatVersion, ", found ",
         version, version > kFormatVersion ? "; a newer firth wrote it" : "");
  }
  const std::string_view kind = root.at("kind").as_string();
  if (!is_known(kind)) {
    fail(ErrorKind::kUnsupported, path, ": expected the kind count, tfidf or hashing, found ",
         quoted(kind));
  }
  try {
    return read_folder(folder, root);
  } catch (const Error& failure) {
    if (failure.kind() != ErrorKind::kInvalidArgument) throw;
    fail(ErrorKind::kCorrupt, path, ": ", failure.what());
  }
}

bool is_text_vectorizer(const std::string& folder) {
  const std::string path = folder + "/firth.json";
  if (!std::filesystem::exists(path)) return false;
  const JsonDocument document = JsonDocument::read(path);
  const auto kind = document.root().find("kind");
  return kind && kind->is_string() && is_known(kind->as_string());
}

}  // namespace firth
