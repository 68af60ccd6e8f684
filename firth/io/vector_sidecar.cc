#include "firth/io/vector_sidecar.h"

#include <sys/stat.h>

#include "firth/core/error.h"
#include "firth/io/atomic_file.h"
#include "firth/io/json.h"
#include "firth/io/json_writer.h"

namespace firth {

namespace {
constexpr std::uint64_t kFormatVersion = 1;
}

namespace internal {

std::string ids_path(const std::string& path) {
  return path + ".ids.txt";
}

std::string scales_path(const std::string& path) {
  return path + ".scales.npy";
}

std::optional<Sidecar> read_sidecar_file(const std::string& path) {
  const std::string name = sidecar_path(path);

  struct stat status {};

  if (::stat(name.c_str(), &status) != 0) return std::nullopt;
  const JsonDocument document = JsonDocument::read(name, std::uint64_t{1} << 24);
  const Json root = document.root();
  const std::uint64_t version = root.at("format_version").as_uint();
  if (version > kFormatVersion) {
    fail(ErrorKind::kUnsupported, name, ": expected format_version up to ", kFormatVersion,
         ", found ", version, "; a newer firth wrote it");
  }
  const auto text = [&](std::string_view key) {
    const std::optional<Json> found = root.find(key);
    return std::string(found ? found->as_string() : "");
  };
  Sidecar sidecar;
  sidecar.info = {.identity = text("identity"),
                  .model = text("model"),
                  .pooling = text("pooling"),
                  .max_length = root.has("max_length") ? root.at("max_length").as_uint() : 0,
                  .precision = text("precision"),
                  .prompt = text("prompt"),
                  .input = text("input"),
                  .dimension = root.at("dimension").as_uint(UINT32_MAX),
                  .count = root.at("count").as_uint(),
                  .dtype = parse_vector_dtype(root.at("dtype").as_string()),
                  .normalized = root.has("normalized") && root.at("normalized").as_bool()};
  sidecar.has_ids = root.has("has_ids") && root.at("has_ids").as_bool();
  return sidecar;
}

void write_sidecar_file(const std::string& path, const Sidecar& sidecar) {
  const VectorInfo& info = sidecar.info;
  JsonWriter json;
  json.begin_object().field("format_version", kFormatVersion);
  json.field("identity", std::string_view(info.identity));
  json.field("model", std::string_view(info.model));
  json.field("pooling", std::string_view(info.pooling)).field("max_length", info.max_length);
  json.field("precision", std::string_view(info.precision));
  json.field("prompt", std::string_view(info.prompt));
  json.field("input", std::string_view(info.input));
  json.field("dimension", info.dimension).field("count", info.count);
  json.field("dtype", vector_dtype_name(info.dtype)).field("normalized", info.normalized);
  json.field("has_ids", sidecar.has_ids).end_object();
  write_file(sidecar_path(path), json.take() + "\n");
}

}  // namespace internal

std::string sidecar_path(const std::string& path) {
  return path + ".firth.json";
}

std::optional<VectorInfo> read_sidecar(const std::string& path) {
  const std::optional<internal::Sidecar> sidecar = internal::read_sidecar_file(path);
  return sidecar ? std::optional(sidecar->info) : std::nullopt;
}

}  // namespace firth
