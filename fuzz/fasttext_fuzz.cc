// A fastText model. One that is accepted answers whatever it is asked.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "firth/words/fasttext_model.h"
#include "fuzz/input_file.h"
#include "fuzz/refusal.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const firth::InputFile input(data, size);
  firth::read_or_refuse([&] {
    const auto model = firth::FastTextModel::open(input.path());
    std::vector<float> vector(model->dimension());
    model->word_vector("the", vector);
    model->text_vector("the \xE4\xB8\xAD\xE6\x96\x87 \xFFunseen __label__a", vector);
    for (std::size_t i = 0; i < model->words().size(); ++i)
      model->word_vector(model->words()[i], vector);
    if (model->supervised() && model->predict("the cat", 5).size() > model->labels().size())
      std::abort();
  });
  return 0;
}
