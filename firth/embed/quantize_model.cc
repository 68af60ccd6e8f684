// The way of a model to int8:
//
//   texts with odd numbers    -> fit the weights (models/fit_int8.h)
//   a folder beside `out`     <- int8 weights, every other file as it is
//   texts with even numbers   -> vectors of both folders, their cosines
//   near enough               -> the folder is renamed to `out`, else it is removed
//
// Texts are judged whole, by their first words alone (the shortest texts drift most) and joined to
// long ones.
#include "firth/embed/quantize_model.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <set>
#include <utility>

#include "firth/core/error.h"
#include "firth/embed/open_embedder.h"
#include "firth/embed/quantization_texts.h"
#include "firth/io/atomic_file.h"
#include "firth/io/file.h"
#include "firth/io/json_writer.h"
#include "firth/io/model_folder.h"
#include "firth/io/safetensors.h"
#include "firth/io/safetensors_writer.h"
#include "firth/models/encoder.h"
#include "firth/models/fit_int8.h"
#include "firth/models/modules_json.h"

namespace firth {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kWeightsFile = "model.safetensors";
constexpr std::string_view kIndexFile = "model.safetensors.index.json";

struct Texts {
  std::vector<std::string> fitting;
  std::vector<std::string> judging;
};

std::string first_words(std::string_view text, std::size_t count) {
  std::size_t end = 0;
  for (; count > 0 && end != std::string_view::npos; --count)
    end = text.find(' ', end == 0 ? 0 : end + 1);
  return std::string(text.substr(0, end));
}

Texts split_texts(std::vector<std::string> given) {
  if (given.empty()) given.assign(quantization_texts().begin(), quantization_texts().end());
  constexpr std::size_t kFewWords = 3, kJoined = 6;
  Texts out;
  std::string joined;
  for (std::size_t i = 0; i < given.size(); ++i) {
    const std::string& text = given[i];
    if (i % 2 == 0) {
      out.fitting.push_back(text);
      continue;
    }
    out.judging.push_back(text);
    std::string beginning = first_words(text, kFewWords);
    if (beginning != text) out.judging.push_back(std::move(beginning));
    joined += (joined.empty() ? "" : " ") + text;
    if (i / 2 % kJoined == kJoined - 1) out.judging.push_back(std::exchange(joined, ""));
  }
  // The same beginning twice would count twice.
  std::set<std::string> seen;
  std::erase_if(out.judging, [&](const std::string& text) { return !seen.insert(text).second; });
  return out;
}

std::vector<std::string_view> views(const std::vector<std::string>& texts) {
  return {texts.begin(), texts.end()};
}

// The folder of the transformer's weights: the model's own, or that of its first module.
std::string encoder_folder(const std::string& folder) {
  if (!find_model_file(folder, "modules.json")) return folder;
  const std::vector<ModuleEntry> modules = read_modules_json(folder);
  if (modules.front().kind != ModuleKind::kTransformer) {
    fail(ErrorKind::kUnsupported, folder, ": expected a model with a transformer, found ",
         quoted(modules.front().type), "; it has no products that int8 would make faster");
  }
  return model_subfolder(folder, modules.front().path);
}

// ---- writing the folder

// Files in forms that firth does not read; they would only make the copy large.
bool is_foreign_weights(const fs::path& name) {
  static const std::set<std::string> kEndings = {
      ".bin", ".pt",   ".pth",     ".ckpt",   ".h5",        ".msgpack", ".ot",   ".onnx",
      ".pkl", ".gguf", ".mlmodel", ".tflite", ".onnx_data", ".pickle",  ".index"};
  if (kEndings.contains(name.extension().string())) return true;
  return std::ranges::any_of(name, [](const fs::path& part) {
    return part == "onnx" || part == "openvino" || part.string().starts_with(".");
  });
}

// The files of a model that are copied as they are, relative to its folder.
std::vector<std::string> files_to_copy(const std::string& folder, const std::string& encoder,
                                       const Checkpoint& weights) {
  std::set<fs::path> replaced = {fs::path(encoder) / "config.json", fs::path(encoder) / kIndexFile};
  for (const std::string& file : weights.files()) replaced.insert(file);
  std::set<std::string> names;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const std::string name = fs::relative(entry.path(), folder).string();
    if (!entry.is_regular_file() || is_foreign_weights(name)) continue;
    const bool is_replaced = std::ranges::any_of(replaced, [&](const fs::path& path) {
      std::error_code ignored;
      return fs::equivalent(path, entry.path(), ignored);
    });
    if (!is_replaced) names.insert(name);
  }
  return {names.begin(), names.end()};
}

void copy_files(const std::string& folder, const std::vector<std::string>& names,
                const fs::path& out) {
  for (const std::string& name : names) {
    const fs::path to = out / name;
    fs::create_directories(to.parent_path());
    fs::copy_file(model_file(folder, name), to);
  }
}

// Other programs stop at a quantization_config that they do not know; without it they would take
// the model for one whose weights are missing.
void write_config(const std::string& encoder, bool blocks, const fs::path& out) {
  std::string text = read_file(model_file(encoder, "config.json"));
  JsonWriter json;
  json.begin_object().field("quant_method", kInt8Method).field("blocks", blocks).end_object();
  text.insert(text.find('{') + 1, "\n  \"quantization_config\": " + json.take() + ",");
  AtomicFile file((out / "config.json").string());
  file.write(text);
  file.commit();
}

void add_layer(const FittedLayer& layer, SafetensorsWriter& writer) {
  const std::size_t k = layer.weight.values.shape()[1], blocks = layer.weight.scales.shape()[1];
  std::size_t row = 0;
  for (const LinearPart& part : layer.origin.parts) {
    const auto* values = layer.weight.values.bytes().data() + row * k;
    const auto* scales = layer.weight.scales.bytes().data() + row * blocks * sizeof(float);
    writer.add(part.name + ".weight.int8", {DType::kI8, Shape{part.out, k}, values});
    writer.add(part.name + ".weight.scales", {DType::kF32, Shape{part.out, blocks}, scales});
    writer.add(part.name + ".weight.input_scales", layer.weight.input_scales.any());
    row += part.out;
  }
}

bool is_known_dtype(const std::string& name) {
  static const std::set<std::string> kKnown = {"F32", "F16", "BF16", "I8", "U8", "I32", "I64"};
  return kKnown.contains(name);
}

void write_weights(const Checkpoint& weights, const std::vector<FittedLayer>& layers,
                   const Int8Certificate& certificate, const fs::path& out) {
  SafetensorsWriter writer((out / kWeightsFile).string());
  for (const auto& [key, value] : weights.metadata()) writer.set_metadata(key, value);
  writer.set_metadata(std::string(kInt8Certificate), to_json(certificate));
  std::set<std::string> replaced;
  for (const FittedLayer& layer : layers) {
    for (const LinearPart& part : layer.origin.parts) replaced.insert(part.name + ".weight");
  }
  for (const std::string& name : weights.names()) {
    if (!replaced.contains(name) && is_known_dtype(weights.info(name).dtype))
      writer.add(name, weights.tensor(name));
  }
  for (const FittedLayer& layer : layers) add_layer(layer, writer);
  writer.commit();
}

// ---- judging

// Removes the folder unless it was kept.
class UnfinishedFolder {
 public:
  explicit UnfinishedFolder(const fs::path& out)
      : out_(out), path_(out.string() + ".partial-" + std::to_string(::getpid())) {
    fs::remove_all(path_);
    fs::create_directories(path_);
  }

  ~UnfinishedFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }

  UnfinishedFolder(const UnfinishedFolder&) = delete;
  UnfinishedFolder& operator=(const UnfinishedFolder&) = delete;

  const fs::path& path() const { return path_; }

  void keep() { fs::rename(path_, out_); }

 private:
  fs::path out_;
  fs::path path_;
};

Tensor unit_vectors(const Embedder& embedder, const std::vector<std::string>& texts,
                    Workspace& workspace) {
  EmbedOptions options;
  options.normalize = true;
  const std::vector<std::string_view> items = views(texts);
  return embedder.embed(std::span(items), options, workspace).values;
}

void judge(const Tensor& exact, const Tensor& narrow, Int8Certificate& certificate) {
  const View<const float> a = exact.view<float>(), b = narrow.view<float>();
  certificate.num_texts = a.rows();
  certificate.cosine_min = 1;
  double sum = 0;
  for (std::size_t i = 0; i < a.rows(); ++i) {
    double cosine = 0;
    for (std::size_t j = 0; j < a.cols(); ++j) cosine += double{a(i, j)} * double{b(i, j)};
    cosine = std::clamp(cosine, -1.0, 1.0);
    sum += cosine;
    certificate.cosine_min = std::min(certificate.cosine_min, cosine);
  }
  certificate.cosine_mean = sum / static_cast<double>(a.rows());
}

void refuse_drift(const std::string& folder, const Int8Certificate& certificate,
                  const CosineBars& bars) {
  if (certificate.cosine_mean >= bars.mean && certificate.cosine_min >= bars.min) return;
  fail(ErrorKind::kUnsupported, folder, ": vectors of int8 weights drift from those of f32: over ",
       certificate.num_texts, " texts expected cosines of ", bars.mean, " in the mean and ",
       bars.min, " at least, found ", certificate.cosine_mean, " and ", certificate.cosine_min,
       "; the layer that drifts most is ", quoted(certificate.worst_layer), " (its outputs by ",
       certificate.worst_drift, "); ",
       certificate.blocks ? "take --precision bf16 or f32" : "--careful may do");
}

std::uint64_t file_bytes(const std::vector<std::string>& files) {
  std::uint64_t bytes = 0;
  for (const std::string& file : files) bytes += fs::file_size(file);
  return bytes;
}

// The weights of layers fitted to the texts, from the model's own f32 run.
std::vector<FittedLayer> fit(const std::string& encoder_path, const Checkpoint& weights,
                             const Embedder& exact, const std::vector<std::string>& texts,
                             const FitOptions& options, Workspace& workspace) {
  const LoadedEncoder loaded = load_encoder(encoder_path, PrecisionChoice::kF32, &workspace.pool());
  const std::vector<std::string_view> items = views(texts);
  TokenOptions token_options;
  token_options.layers = {0};
  const Ragged tokens = exact.embed_tokens(std::span(items), token_options, workspace).tokens;
  return fit_int8(*loaded.encoder, weights, tokens, options);
}

QuantizeReport quantize(const fs::path& folder, const fs::path& out,
                        const QuantizeModelOptions& options, Workspace& workspace) {
  const std::string from = folder.string();
  if (fs::exists(fs::symlink_status(out)))
    fail(ErrorKind::kInvalidArgument, out.string(), ": expected nothing there, found something");
  const auto exact = open_embedder(folder, {.precision = PrecisionChoice::kF32}, &workspace.pool());
  const std::string encoder_path = encoder_folder(from);
  const Checkpoint weights = Checkpoint::open(encoder_path);
  const std::vector<std::string> copied = files_to_copy(from, encoder_path, weights);
  const Texts texts = split_texts(options.texts);
  const std::vector<FittedLayer> layers =
      fit(encoder_path, weights, *exact, texts.fitting, {.blocks = options.careful}, workspace);

  QuantizeReport report;
  for (const FittedLayer& layer : layers) report.layers.push_back({layer.name(), layer.drift});
  const auto worst = std::ranges::max_element(report.layers, {}, &LayerDrift::drift);
  report.certificate = {.blocks = options.careful,
                        .worst_layer = worst->name,
                        .worst_drift = worst->drift,
                        .made_from = exact->identity()};

  UnfinishedFolder unfinished(out);
  const fs::path to = unfinished.path() / fs::relative(encoder_path, from);
  fs::create_directories(to);
  copy_files(from, copied, unfinished.path());
  write_config(encoder_path, options.careful, to);
  write_weights(weights, layers, report.certificate, to);
  {
    const auto narrow = open_embedder(unfinished.path(), {}, &workspace.pool());
    judge(unit_vectors(*exact, texts.judging, workspace),
          unit_vectors(*narrow, texts.judging, workspace), report.certificate);
  }
  refuse_drift(from, report.certificate,
               options.bars.value_or(options.careful ? kCarefulInt8Bars : kInt8Bars));
  write_weights(weights, layers, report.certificate, to);
  report.bytes_before = file_bytes(weights.files());
  report.bytes_after = fs::file_size(to / kWeightsFile);
  unfinished.keep();
  return report;
}

}  // namespace

QuantizeReport quantize_model(const fs::path& folder, const fs::path& out,
                              const QuantizeModelOptions& options, Workspace& workspace) {
  try {
    return quantize(folder, out, options, workspace);
  } catch (const fs::filesystem_error& error) {
    fail(ErrorKind::kIo, error.path1().string(), ": ", error.code().message());
  }
}

}  // namespace firth
