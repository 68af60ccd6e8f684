// A table of vectors in one of its forms: the first byte of the input says which, the rest is the
// file. What is read has finite numbers in rows of one length.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "firth/io/vector_file.h"
#include "fuzz/input_file.h"
#include "fuzz/refusal.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const firth::InputFile input(data + 1, size - 1);
  firth::VectorReadOptions options;
  options.format = static_cast<firth::VectorFormat>(1 + data[0] % 8);
  firth::read_or_refuse([&] {
    const firth::VectorTable table = firth::read_vectors(input.path(), options);
    if (!table.ids.empty() && table.ids.size() != table.info.count) std::abort();
    const firth::Tensor rows = table.to_f32();
    for (const float x : rows.view<float>().span()) {
      if (std::isnan(x)) std::abort();
    }
  });
  return 0;
}
