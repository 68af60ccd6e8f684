// Any file of word vectors: its form is told by its first bytes. Rows that can be read are finite.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "firth/words/word_vectors.h"
#include "fuzz/input_file.h"
#include "fuzz/refusal.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const firth::InputFile input(data, size);
  firth::read_or_refuse([&] {
    const auto vectors = firth::open_word_vectors(input.path());
    std::vector<float> row(vectors->dimension());
    for (std::size_t i = 0; i < vectors->words().size(); ++i) {
      firth::read_or_refuse([&] {
        vectors->copy_row(i, row);
        if (vectors->fasttext() != nullptr) return;
        for (const float x : row) {
          if (!std::isfinite(x)) std::abort();
        }
      });
    }
    vectors->text_vector("the cat", row);
  });
  return 0;
}
