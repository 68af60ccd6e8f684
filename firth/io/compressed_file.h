// Bytes of a file or of standard input, decompressed as they are read. Whether they are compressed
// is told by their first bytes: gzip (RFC 1952, also several members one after another) and
// Zstandard (RFC 8878, several frames likewise). Memory is bounded by one block and, for
// Zstandard, by a window of at most 128 MB.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace firth {

class ByteSource {
 public:
  // "-" is standard input. Errors: not_found, io, invalid_argument for a folder.
  static ByteSource open(const std::string& path);
  ~ByteSource();
  ByteSource(ByteSource&&) noexcept;
  ByteSource& operator=(ByteSource&&) noexcept;

  // Fills `out` from its start, returns the number of bytes: 0 only at the end. Errors: io; corrupt
  // for compressed data that is cut short or damaged.
  std::size_t read(std::span<char> out);

  // The path, or "standard input".
  const std::string& name() const;

  // Bytes of the file itself that were read, and in all (0 = unknown): for progress.
  std::uint64_t bytes_read() const;
  std::uint64_t bytes_total() const;

 private:
  struct State;
  explicit ByteSource(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

// The name without ".gz" or ".zst".
std::string without_compression_ending(const std::string& name);

}  // namespace firth
