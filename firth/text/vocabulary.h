// Tokens and their ids: an immutable two-way table. Ids may leave holes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "firth/io/json.h"

namespace firth {

// Greater ids are refused: a file that holds one would make every table by id as large.
inline constexpr std::int32_t kMaxTokenId = (1 << 24) - 1;

class Vocabulary {
 public:
  Vocabulary() = default;

  // {"token": id, …}. Errors (corrupt): a token or an id that occurs twice, an id out of range.
  static Vocabulary read(const Json& object);

  // Line i is token i; of a token that occurs twice the last line counts, as the reference has it.
  static Vocabulary from_lines(std::string_view text);

  // Token i has the id i; of a token that occurs twice find() gives the last.
  static Vocabulary from_list(const std::vector<std::string_view>& tokens);

  // Errors (corrupt): as read().
  static Vocabulary from_tokens(const std::vector<std::pair<std::string, std::int32_t>>& tokens,
                                const std::string& where);

  std::optional<std::int32_t> find(std::string_view token) const;

  // Empty for holes too: ask has_id.
  std::string_view token(std::int32_t id) const;
  bool has_id(std::int32_t id) const;

  std::size_t size() const { return spans_.size(); }  // greatest id + 1

  std::size_t num_tokens() const { return num_tokens_; }

  // f(token, id) in the order of ids.
  template <class F>
  void for_each(F&& f) const {
    for (std::size_t id = 0; id < spans_.size(); ++id) {
      if (has_id(static_cast<std::int32_t>(id))) {
        f(token(static_cast<std::int32_t>(id)), static_cast<std::int32_t>(id));
      }
    }
  }

 private:
  struct Span {
    std::uint32_t begin = kHole;
    std::uint32_t length = 0;
  };

  static constexpr std::uint32_t kHole = UINT32_MAX;

  void reserve(std::size_t num_tokens);
  std::size_t slot_of(std::string_view token) const;
  void insert(std::string_view token, std::int32_t id);  // the id may not be there yet

  std::string bytes_;                // all tokens, one after another
  std::vector<Span> spans_;          // by id
  std::vector<std::int32_t> slots_;  // hash table of ids, -1 = free; a power of two
  std::size_t num_tokens_ = 0;
};

}  // namespace firth
