#include "firth/models/encoder.h"

#include "firth/core/error.h"
#include "firth/io/json.h"
#include "firth/io/model_folder.h"
#include "firth/io/safetensors.h"
#include "firth/models/classifier.h"
#include "firth/models/config.h"
#include "firth/models/families.h"
#include "firth/models/transformer.h"
#include "firth/models/weights.h"

namespace firth {
namespace {

struct Family {
  std::string_view model_type;
  TransformerSpec (*read)(const Json& config);
};

// Every family that firth knows, by the model_type of config.json.
constexpr Family kFamilies[] = {
    {"bert", read_bert},
    {"camembert", read_roberta},
    {"data2vec-text", read_roberta},
    {"distilbert", read_distilbert},
    {"electra", read_electra},
    {"gemma3_text", read_gemma3},
    {"gpt2", read_gpt2},
    {"gte", read_gte},
    {"llama", read_llama},
    {"mistral", read_llama},
    {"modernbert", read_modernbert},
    {"mpnet", read_mpnet},
    {"nomic_bert", read_nomic_bert},
    {"qwen2", read_llama},
    {"qwen3", read_llama},
    {"roberta", read_roberta},
    {"xlm-roberta", read_roberta},
};

const Family& family_of(const Json& config) {
  const Json model_type = config.at("model_type");
  std::string known;
  for (const Family& family : kFamilies) {
    if (family.model_type == model_type.as_string()) return family;
    known += (known.empty() ? "'" : ", '") + std::string(family.model_type) + "'";
  }
  fail(ErrorKind::kUnsupported, model_type.where(), ": model type ", model_type.describe(),
       " is not known; known: ", known);
}

// Code that the folder brings along may compute anything; quantised weights need their own reading.
void refuse_foreign(const Json& config) {
  const auto map = find_object(config, "auto_map");
  for (const std::string_view name : {"AutoModel", "AutoModelForSequenceClassification"}) {
    const auto code = map ? map->find(name) : std::nullopt;
    if (!code) continue;
    fail(ErrorKind::kUnsupported, code->where(), ": the model is made by code of its own (",
         code->describe(), "), which is never run");
  }
  if (const auto quantization = find_object(config, "quantization_config")) {
    const auto method = quantization->find("quant_method");
    if (method && method->is_string() && method->as_string() == kInt8Method) return;
    fail(ErrorKind::kUnsupported, quantization->where(), ": weights quantised by ",
         method ? method->describe() : "a method that is not stated", " are not known");
  }
}

// "architectures" names the class that the checkpoint was saved from.
std::string architecture(const Json& config) {
  const auto names = config.find("architectures");
  if (!names || names->is_null() || names->size() == 0) return "";
  return std::string(names->at(0).as_string());
}

struct Opened {
  std::string file;
  JsonDocument document;
  TransformerSpec spec;
};

Opened open_config(const std::string& folder) {
  Opened out{.file = model_file(folder, "config.json"), .document = {}, .spec = {}};
  out.document = JsonDocument::read(out.file);
  const Json config = out.document.root();
  const Family& family = family_of(config);
  refuse_foreign(config);
  out.spec = family.read(config);
  return out;
}

LoadedEncoder load(const Opened& opened, const Checkpoint& weights, Precision precision,
                   ThreadPool* pool) {
  LoadedEncoder out;
  out.files = {opened.file};
  out.files.insert(out.files.end(), weights.files().begin(), weights.files().end());
  const Json config = opened.document.root();
  out.precision = precision;
  out.architecture = architecture(config);
  out.encoder = std::make_unique<Transformer>(opened.spec, weights, precision, pool);
  return out;
}

// Labels by their numbers; as in transformers, two of them where the file does not say.
std::vector<std::string> read_labels(const Json& config) {
  constexpr std::size_t kMost = 1 << 20;
  if (const auto names = find_object(config, "id2label")) {
    std::vector<std::string> labels(names->size());
    if (labels.empty()) fail(ErrorKind::kCorrupt, names->where(), ": expected a label, found none");
    for (std::size_t i = 0; i < labels.size(); ++i)
      labels[i] = names->at(std::to_string(i)).as_string();
    return labels;
  }
  std::vector<std::string> labels(read_count_or(config, "num_labels", 2, {.max = kMost}));
  for (std::size_t i = 0; i < labels.size(); ++i) labels[i] = "LABEL_" + std::to_string(i);
  return labels;
}

// What sentence-transformers puts on the logits: what the config names of torch's functions, else
// the sigmoid for one label and nothing for several. Names outside of torch it does not run either.
ActivationFunction read_score_activation(const Json& config, std::size_t num_labels) {
  const auto own = find_object(config, "sentence_transformers");
  auto named = own ? own->find("activation_fn") : std::nullopt;
  if (!named) named = config.find("sbert_ce_default_activation_function");
  if (named && !named->is_null() && named->as_string().starts_with("torch."))
    return read_torch_activation(*named);
  return num_labels == 1 ? Activation::kSigmoid : Activation::kNone;
}

}  // namespace

bool is_classifier(std::string_view architecture) {
  return architecture.ends_with("ForSequenceClassification");
}

std::string read_architecture(const std::string& folder) {
  return architecture(JsonDocument::read(model_file(folder, "config.json")).root());
}

LoadedEncoder load_encoder(const std::string& folder, PrecisionChoice precision, ThreadPool* pool) {
  const Opened opened = open_config(folder);
  const Checkpoint weights = Checkpoint::open(folder);
  return load(opened, weights, chosen_precision(precision, weights), pool);
}

LoadedClassifier load_classifier(const std::string& folder, PrecisionChoice choice,
                                 ThreadPool* pool) {
  const Opened opened = open_config(folder);
  const Json config = opened.document.root();
  const ClassifierSpec& spec = opened.spec.classifier;
  if (!is_classifier(architecture(config)) || spec.out.empty()) {
    fail(ErrorKind::kUnsupported, opened.file,
         ": expected a cross-encoder (architectures: …ForSequenceClassification), found ",
         architecture(config).empty() ? "no architecture" : quoted(architecture(config)));
  }
  const Checkpoint weights = Checkpoint::open(folder);
  const Precision precision = chosen_precision(choice, weights);
  LoadedClassifier out;
  out.labels = read_labels(config);
  out.activation = read_score_activation(config, out.labels.size());
  out.head =
      std::make_unique<Classifier>(spec, opened.spec.config.norm, opened.spec.config.hidden_size,
                                   out.labels.size(), weights, precision);
  out.base = load(opened, weights, precision, pool);
  return out;
}

}  // namespace firth
