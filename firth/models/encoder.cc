#include "firth/models/encoder.h"

#include "firth/core/error.h"
#include "firth/io/json.h"
#include "firth/io/model_folder.h"
#include "firth/io/safetensors.h"
#include "firth/models/bert.h"

namespace firth {
namespace {

struct Family {
  std::string_view model_type;
  std::unique_ptr<const Encoder> (*load)(const Json& config, const Checkpoint& weights,
                                         Precision precision, ThreadPool* pool);
};

// Every family that firth knows, by the model_type of config.json.
constexpr Family kFamilies[] = {
    {"bert",
     [](const Json& config, const Checkpoint& weights, Precision precision,
        ThreadPool* pool) -> std::unique_ptr<const Encoder> {
       return std::make_unique<Bert>(read_bert_config(config), weights, precision, pool);
     }},
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

}  // namespace

LoadedEncoder load_encoder(const std::string& folder, Precision precision, ThreadPool* pool) {
  LoadedEncoder out;
  out.files.push_back(model_file(folder, "config.json"));
  const JsonDocument document = JsonDocument::read(out.files.front());
  const Family& family = family_of(document.root());
  const Checkpoint weights = Checkpoint::open(folder);
  out.files.insert(out.files.end(), weights.files().begin(), weights.files().end());
  out.encoder = family.load(document.root(), weights, precision, pool);
  return out;
}

}  // namespace firth
