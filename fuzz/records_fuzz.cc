// Text lines, JSONL, CSV and TSV, plain or compressed: the first byte of the input says which ('t',
// 'j', 'c', else TSV), the rest is the file. Passing over records must count as many as reading.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "firth/io/records.h"
#include "fuzz/input_file.h"
#include "fuzz/refusal.h"

namespace {

firth::RecordFormat format_of(std::uint8_t letter) {
  switch (letter) {
    case 't':
      return firth::RecordFormat::kText;
    case 'j':
      return firth::RecordFormat::kJsonl;
    case 'c':
      return firth::RecordFormat::kCsv;
    default:
      return firth::RecordFormat::kTsv;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const firth::InputFile input(data + 1, size - 1);
  // A small limit, so that a bomb of compressed zeros is refused early.
  firth::RecordOptions options{.format = format_of(data[0]), .max_record_bytes = 1 << 16};
  if (options.format != firth::RecordFormat::kText) options.id_field = "id";
  firth::read_or_refuse([&] {
    firth::RecordReader reader({input.path()}, options);
    firth::Record record;
    std::uint64_t count = 0;
    while (reader.next(record)) {
      if (record.index != count++) std::abort();
    }
    firth::RecordReader skipper({input.path()}, options);
    if (skipper.skip(count + 1) != count) std::abort();
  });
  return 0;
}
