#include "firth/models/int8_certificate.h"

#include "firth/core/error.h"
#include "firth/io/json.h"
#include "firth/io/json_writer.h"

namespace firth {
namespace {

constexpr std::uint64_t kFormatVersion = 1;
constexpr std::string_view kRows = "rows", kBlocks = "blocks of 32";

double read_cosine(const Json& certificate, std::string_view name) {
  const Json value = certificate.at(name);
  const double cosine = value.as_double();
  if (cosine >= -1.0 && cosine <= 1.0) return cosine;
  fail(ErrorKind::kCorrupt, value.where(), ": expected a cosine, found ", value.describe());
}

}  // namespace

std::string to_json(const Int8Certificate& certificate) {
  JsonWriter json;
  json.begin_object()
      .field("format_version", kFormatVersion)
      .field("scales", certificate.blocks ? kBlocks : kRows)
      .field("num_texts", certificate.num_texts)
      .field("cosine_mean", certificate.cosine_mean)
      .field("cosine_min", certificate.cosine_min)
      .field("worst_layer", certificate.worst_layer)
      .field("worst_drift", certificate.worst_drift)
      .field("made_from", certificate.made_from)
      .end_object();
  return json.take();
}

bool has_int8_weights(const Checkpoint& checkpoint) {
  return checkpoint.metadata().contains(std::string(kInt8Certificate));
}

Int8Certificate read_int8_certificate(const Checkpoint& checkpoint) {
  const std::string where =
      checkpoint.files().front() + ": metadata '" + std::string(kInt8Certificate) + "'";
  const JsonDocument document =
      JsonDocument::parse(checkpoint.metadata().at(std::string(kInt8Certificate)), where);
  const Json json = document.root();
  const std::uint64_t version = json.at("format_version").as_uint();
  if (version > kFormatVersion) {
    fail(ErrorKind::kUnsupported, where, ": expected format_version ", kFormatVersion,
         " at most, found ", version, "; a newer firth wrote it");
  }
  const Json scales = json.at("scales");
  if (scales.as_string() != kRows && scales.as_string() != kBlocks) {
    fail(ErrorKind::kCorrupt, scales.where(), ": expected '", kRows, "' or '", kBlocks, "', found ",
         scales.describe());
  }
  return {.blocks = scales.as_string() == kBlocks,
          .num_texts = json.at("num_texts").as_uint(),
          .cosine_mean = read_cosine(json, "cosine_mean"),
          .cosine_min = read_cosine(json, "cosine_min"),
          .worst_layer = std::string(json.at("worst_layer").as_string()),
          .worst_drift = json.at("worst_drift").as_double(),
          .made_from = std::string(json.at("made_from").as_string())};
}

}  // namespace firth
