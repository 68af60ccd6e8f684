#include "firth/io/pickle_refusal.h"

#include <algorithm>

#include "firth/core/error.h"

namespace firth {

namespace {

bool has_pickle_name(std::string_view name) {
  constexpr std::string_view kEndings[] = {".pt", ".pth", ".ckpt", ".pkl", ".pickle"};
  const std::string_view base = name.substr(name.rfind('/') + 1);
  return (base.starts_with("pytorch_model") && base.ends_with(".bin")) ||
         std::any_of(std::begin(kEndings), std::end(kEndings),
                     [&](std::string_view ending) { return base.ends_with(ending); });
}

bool has_pickle_bytes(std::string_view bytes) {
  using namespace std::string_view_literals;
  const bool zip = bytes.starts_with("PK\x03\x04"sv);
  // Protocol 2 to 5: the opcode PROTO, the number, then neither of them a safetensors length, whose
  // eighth byte is always 0.
  const bool bare =
      bytes.size() > 8 && bytes[0] == '\x80' && bytes[1] >= 2 && bytes[1] <= 5 && bytes[7] != 0;
  return zip || bare;
}

// weights_only keeps torch itself from running what the pickle says; clone() parts tensors that
// share memory, which safetensors refuses to save.
[[noreturn]] void fail_pickle(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "" : path.substr(0, slash + 1);
  fail(ErrorKind::kUnsupported, path,
       ": expected safetensors, found a pickle, which can run any program when it is read; if you "
       "trust it, convert it: python -c \"import torch; from safetensors.torch import save_file; "
       "w = torch.load('",
       path,
       "', map_location='cpu', weights_only=True); save_file({k: v.clone().contiguous() for k, v "
       "in w.items()}, '",
       folder, "model.safetensors', {'format': 'pt'})\"");
}

}  // namespace

void refuse_pickle(const std::string& path, std::string_view bytes) {
  if (has_pickle_name(path) || has_pickle_bytes(bytes)) fail_pickle(path);
}

void refuse_pickle_folder(const std::string& folder, const std::vector<std::string>& names) {
  const auto found = std::find_if(names.begin(), names.end(), has_pickle_name);
  if (found != names.end()) fail_pickle(folder + (folder.ends_with('/') ? "" : "/") + *found);
}

}  // namespace firth
