// A safetensors file: the header is checked when it is opened, so every byte of every tensor can
// then be read.
#include <cstddef>
#include <cstdint>
#include <span>

#include "firth/io/safetensors.h"
#include "fuzz/input_file.h"
#include "fuzz/refusal.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const firth::InputFile input(data, size);
  firth::read_or_refuse([&] {
    const auto file = firth::SafetensorsFile::open(input.path());
    for (const auto& name : file.names()) {
      firth::read_or_refuse([&] {
        [[maybe_unused]] volatile std::byte sink{};
        for (const std::byte byte : file.tensor(name).bytes()) sink = byte;
      });
    }
  });
  return 0;
}
