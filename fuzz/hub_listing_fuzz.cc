// What a hub answers: a revision and a page of its listing, taken as far as the choice of files. A
// name that is chosen stays inside a folder.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "firth/hub/listing.h"
#include "firth/hub/model_name.h"
#include "fuzz/refusal.h"

namespace {

void choose(const std::vector<firth::ListedFile>& listed) {
  for (const firth::ListedFile& file : firth::choose_files(listed, {"1_Pooling", "..", ""})) {
    if (!firth::is_harmless_path(file.path)) std::abort();
  }
  firth::read_or_refuse([&] { firth::check_clashes(listed, "input"); });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  firth::read_or_refuse([&] {
    const firth::RevisionAnswer answer = firth::parse_revision_answer(text, "input");
    if (!firth::is_plain_word(answer.commit)) std::abort();
    choose(answer.files);
  });
  firth::read_or_refuse([&] {
    std::vector<firth::ListedFile> listed;
    firth::parse_tree_answer(text, "input", listed);
    choose(listed);
  });
  if (const auto name = firth::try_parse_model_name(text)) {
    if (!firth::is_harmless_path(name->repository)) std::abort();
    if (!firth::is_harmless_path(name->revision_or_main())) std::abort();
  }
  return 0;
}
