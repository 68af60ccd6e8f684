#include "firth/words/word_output.h"

#include <algorithm>
#include <filesystem>
#include <vector>

#include "firth/core/error.h"
#include "firth/io/atomic_file.h"
#include "firth/io/json_writer.h"
#include "firth/io/safetensors_writer.h"
#include "firth/io/vector_file.h"

namespace firth {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kUnknown = "[UNK]";

bool is_folder_name(const std::string& path) {
  return path.ends_with('/') || fs::path(path).extension().empty() || fs::is_directory(path);
}

// A WordLevel tokenizer that cuts at spaces, as the vectors were trained; what it does not know is
// a row of zeros after the words.
std::string tokenizer_json(const WordList& words) {
  JsonWriter json;
  json.begin_object().field("version", "1.0");
  json.key("truncation").null().key("padding").null();
  json.key("added_tokens").begin_array().end_array();
  json.key("normalizer").null();
  json.key("pre_tokenizer").begin_object().field("type", "WhitespaceSplit").end_object();
  json.key("post_processor").null().key("decoder").null();
  json.key("model").begin_object().field("type", "WordLevel");
  json.key("vocab").begin_object();
  for (std::size_t i = 0; i < words.size(); ++i) json.field(words[i], i);
  if (!words.find(kUnknown)) json.field(kUnknown, words.size());
  json.end_object().field("unk_token", kUnknown).end_object();
  return json.end_object().newline().take();
}

void write_folder(const std::string& folder, const WordList& words, const Tensor& vectors) {
  fs::create_directories(folder);
  const std::string base = fs::path(folder).string() + "/";
  write_file(base + "tokenizer.json", tokenizer_json(words));
  SafetensorsWriter weights(base + "model.safetensors");
  weights.begin("embedding.weight", DType::kF32);
  weights.append(vectors.any().bytes());
  const std::size_t dim = vectors.shape()[1];
  const std::vector<float> zeros(dim);
  const bool adds_unknown = !words.find(kUnknown);
  if (adds_unknown) weights.append(std::as_bytes(std::span(zeros)));
  weights.end({words.size() + (adds_unknown ? 1 : 0), dim});
  weights.set_metadata("format", "pt");
  weights.commit();
  write_file(base + "config_sentence_transformers.json",
             "{\"similarity_fn_name\": \"cosine\", \"prompts\": {}, "
             "\"default_prompt_name\": null}\n");
  // Last: a folder with this file is whole.
  write_file(base + "modules.json",
             "[{\"idx\": 0, \"name\": \"0\", \"path\": \"\", "
             "\"type\": \"sentence_transformers.models.StaticEmbedding\"}]\n");
}

}  // namespace

void check_word_output(const std::string& path) {
  const fs::path parent = fs::path(path).parent_path();
  if (!is_folder_name(path) && !parent.empty() && !fs::is_directory(parent)) {
    fail(ErrorKind::kNotFound, path, ": expected the folder ", parent.string(),
         " to write it in, found nothing there");
  }
  if (is_folder_name(path)) {
    if (fs::exists(path) && !fs::is_directory(path)) {
      fail(ErrorKind::kInvalidArgument, path, ": expected a folder or nothing there, found a file");
    }
    return;
  }
  const VectorFormat format = vector_format_of(path);
  if (path.ends_with(".gz") || path.ends_with(".zst") || format == VectorFormat::kAuto ||
      format == VectorFormat::kJson) {
    fail(ErrorKind::kInvalidArgument, path, ": expected an ending of .bin, .vec, .txt, .npy, ",
         ".safetensors, .jsonl, .csv or .tsv, or a folder's name without one");
  }
}

void write_word_vectors(const std::string& path, const WordList& words, const Tensor& vectors) {
  check_word_output(path);
  if (is_folder_name(path)) return write_folder(path, words, vectors);
  constexpr std::size_t kRowsAtOnce = 4096;
  VectorWriter writer(path, {.info = {.dimension = vectors.shape()[1]}, .has_ids = true});
  const View<const float> rows = vectors.view<float>();
  std::vector<std::string> ids;
  for (std::size_t begin = 0; begin < words.size(); begin += kRowsAtOnce) {
    const std::size_t end = std::min(begin + kRowsAtOnce, words.size());
    ids.assign(words.words().begin() + static_cast<std::ptrdiff_t>(begin),
               words.words().begin() + static_cast<std::ptrdiff_t>(end));
    // Items may have spaces in them, the forms of word2vec may not.
    const VectorFormat format = vector_format_of(path);
    if (format == VectorFormat::kWord2VecText || format == VectorFormat::kWord2VecBinary) {
      for (std::string& id : ids) std::ranges::replace(id, ' ', '_');
    }
    writer.write(rows.slice_rows(begin, end), ids);
  }
  writer.commit();
}

}  // namespace firth
