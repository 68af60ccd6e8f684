// A pickle is a program that runs when it is loaded. firth reads none, and says how to convert
// pickled weights with the tools that wrote them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace firth {

// Throws unsupported, with the line that converts, if the file's name or its first bytes are those
// of pickled weights (pytorch_model.bin, .pt, .pth, .ckpt, .pkl; a zip as torch.save writes, or a
// bare pickle).
void refuse_pickle(const std::string& path, std::string_view bytes);

// The same for a folder without safetensors that holds such a file. `names`: what lies in it.
void refuse_pickle_folder(const std::string& folder, const std::vector<std::string>& names);

}  // namespace firth
