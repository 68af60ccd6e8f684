// A NumPy array file: whatever is opened can be read to its last byte.
#include <cstddef>
#include <cstdint>
#include <span>

#include "firth/io/npy.h"
#include "fuzz/input_file.h"
#include "fuzz/refusal.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const firth::InputFile input(data, size);
  firth::read_or_refuse([&] {
    const auto file = firth::NpyFile::open(input.path());
    [[maybe_unused]] volatile std::byte sink{};
    for (const std::byte byte : file.values().bytes()) sink = byte;
  });
  return 0;
}
