#include "firth/words/word_checkpoint.h"

#include <cstring>

#include "firth/core/error.h"
#include "firth/io/json.h"
#include "firth/io/json_writer.h"
#include "firth/io/safetensors.h"
#include "firth/io/safetensors_writer.h"

namespace firth {

void write_checkpoint(const std::string& path, const WordCheckpoint& state,
                      const std::vector<std::pair<std::string, const Tensor*>>& tables) {
  SafetensorsWriter file(path);
  for (const auto& [name, table] : tables) {
    if (table->size() > 0) file.add(name, table->any());
  }
  JsonWriter json;
  json.begin_object().field("epoch", state.epoch).field("next_piece", state.next_piece);
  json.field("epoch_loss", state.epoch_loss).field("epoch_pairs", state.epoch_pairs);
  json.key("reports").begin_array();
  for (const EpochReport& report : state.reports) {
    json.begin_object().field("loss", report.loss).field("movement", report.movement);
    json.field("pairs", report.pairs).end_object();
  }
  json.end_array().end_object();
  file.set_metadata("firth_word_training_version", "1");
  file.set_metadata("signature", state.signature);
  file.set_metadata("state", json.take());
  file.commit();
}

WordCheckpoint read_checkpoint(const std::string& path, const std::string& signature,
                               const std::vector<std::pair<std::string, Tensor*>>& tables) {
  const SafetensorsFile file = SafetensorsFile::open(path);
  const auto& metadata = file.metadata();
  const auto field = [&](const char* name) {
    const auto found = metadata.find(name);
    return found == metadata.end() ? std::string() : found->second;
  };
  if (field("firth_word_training_version") != "1") {
    fail(ErrorKind::kUnsupported, path, ": expected a checkpoint of version 1, found ",
         quoted(field("firth_word_training_version")));
  }
  if (field("signature") != signature) {
    fail(ErrorKind::kInvalidArgument, path, ": expected a checkpoint of this training, found one ",
         "of another corpus or of other options; remove it to begin anew");
  }
  const std::string text = field("state");
  const JsonDocument document = JsonDocument::parse(text, path + ": state");
  const Json root = document.root();
  WordCheckpoint state;
  state.signature = signature;
  state.epoch = root.at("epoch").as_uint();
  state.next_piece = root.at("next_piece").as_uint();
  state.epoch_loss = root.at("epoch_loss").as_double();
  state.epoch_pairs = root.at("epoch_pairs").as_uint();
  for (const Json& report : root.at("reports").elements()) {
    state.reports.push_back({.epoch = state.reports.size() + 1,
                             .loss = report.at("loss").as_double(),
                             .movement = report.at("movement").as_double(),
                             .pairs = report.at("pairs").as_uint()});
  }
  for (const auto& [name, table] : tables) {
    if (!file.has(name)) continue;
    Tensor stored = Tensor::from(file.tensor(name));
    if (table->size() > 0 && table->shape() != stored.shape()) {
      fail(ErrorKind::kCorrupt, path, ": tensor '", name, "': expected shape ",
           table->shape().to_string(), ", found ", stored.shape().to_string());
    }
    *table = std::move(stored);
  }
  return state;
}

}  // namespace firth
