// XXH3 with 128 bits, streaming: names files and choices, guards nothing against an adversary.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace firth {

class Hash {
 public:
  Hash();
  ~Hash();
  Hash(Hash&&) noexcept;
  Hash& operator=(Hash&&) noexcept;

  void add(std::string_view bytes);
  void add(std::span<const std::byte> bytes);

  // A text with its length before it, so that ("ab", "c") and ("a", "bc") differ.
  void add_field(std::string_view text);

  std::string hex() const;  // 32 hexadecimal digits of what was added so far

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The hash of a file's content. Errors: not_found, io.
std::string hash_file(const std::string& path);

}  // namespace firth
