// NAME.npy.firth.json, NAME.npy.ids.txt and NAME.npy.scales.npy: what a .npy file cannot hold.
#pragma once

#include <string>

#include "firth/io/vector_file.h"

namespace firth::internal {

struct Sidecar {
  VectorInfo info;
  bool has_ids = false;
};

std::string ids_path(const std::string& path);     // "NAME.ids.txt"
std::string scales_path(const std::string& path);  // "NAME.scales.npy"

std::optional<Sidecar> read_sidecar_file(const std::string& path);
void write_sidecar_file(const std::string& path, const Sidecar& sidecar);

}  // namespace firth::internal
