// Terms by number: symbols (words or characters) have numbers, and an n-gram is the pair of the
// (n-1)-gram that it begins with and its last symbol, so that no n-gram is ever spelled out while
// texts are counted. A document is looked up level by level: the keys of a whole level are known
// before the first is looked for, so that memory is asked for ahead of its use.
//
// Numbers depend on the order in which texts came; the spelled terms do not.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "firth/text/word_key.h"

namespace firth {

inline constexpr std::uint32_t kNoTerm = UINT32_MAX;

// Numbers of distinct strings, in the order in which they came.
class SymbolTable {
 public:
  SymbolTable() : slots_(256, Slot{}) {}

  std::uint32_t add(std::string_view symbol);
  std::uint32_t find(std::string_view symbol) const;  // kNoTerm if it is not there

  std::size_t size() const { return begins_.size(); }

  std::string_view operator[](std::uint32_t id) const {
    const std::size_t end = id + 1 < begins_.size() ? begins_[id + 1] : bytes_.size();
    return std::string_view(bytes_.data() + begins_[id], end - begins_[id]);
  }

 private:
  struct Slot {
    std::uint64_t low = 0;
    std::uint64_t high = 0;
    std::uint32_t id = kNoTerm;
  };

  std::size_t place_of(const WordKey& key) const;
  void grow();

  std::vector<Slot> slots_;  // a power of two, at most half of them taken
  std::vector<char> bytes_;
  std::vector<std::size_t> begins_;
};

// Numbers of distinct pairs.
class PairTable {
 public:
  PairTable() : slots_(1024) {}

  static std::uint64_t key_of(std::uint32_t first, std::uint32_t second) {
    return std::uint64_t{first} << 32 | second;
  }

  void prefetch(std::uint64_t key) const { __builtin_prefetch(&slots_[first_slot(key)]); }

  std::uint32_t add(std::uint64_t key);
  std::uint32_t find(std::uint64_t key) const;

  std::size_t size() const { return keys_.size(); }

  std::uint64_t key(std::uint32_t id) const { return keys_[id]; }

 private:
  struct Slot {
    std::uint64_t key = 0;
    std::uint32_t id = kNoTerm;
  };

  std::size_t first_slot(std::uint64_t key) const {
    const std::uint64_t hash = key * 0x9E3779B97F4A7C15u;
    return (hash ^ hash >> 32) * 0xC2B2AE3D27D4EB4Fu >> shift_;
  }

  void grow();

  std::vector<Slot> slots_;  // a power of two, at most half of them taken
  std::vector<std::uint64_t> keys_;
  unsigned shift_ = 54;  // 64 - log2(slots)
};

class TermTable {
 public:
  explicit TermTable(std::size_t max_n) : pairs_(max_n - 1) {}

  std::size_t num_levels() const { return pairs_.size() + 1; }

  // Terms of level + 1 symbols.
  std::size_t size(std::size_t level) const {
    return level == 0 ? symbols_.size() : pairs_[level - 1].size();
  }

  SymbolTable& symbols() { return symbols_; }

  const SymbolTable& symbols() const { return symbols_; }

  PairTable& pairs(std::size_t level) { return pairs_[level - 1]; }

  const PairTable& pairs(std::size_t level) const { return pairs_[level - 1]; }

  // The term's symbols with `joint` between them.
  void spell(std::size_t level, std::uint32_t id, std::string_view joint, std::string& out) const;

 private:
  SymbolTable symbols_;
  std::vector<PairTable> pairs_;
};

// Numbers of the terms of one document's sequences, from min_n symbols up to the table's levels.
// A sequence that is shorter than min_n counts as one term if `keep_short` (char_wb has it so).
class TermWalk {
 public:
  TermWalk(std::size_t min_n, std::size_t max_n, bool keep_short)
      : min_n_(min_n), max_n_(max_n), keep_short_(keep_short) {}

  // f(level, ids) for the terms of a sequence; terms that the table lacks are added.
  template <class F>
  void add(TermTable& table, std::span<const std::string_view> symbols, F&& f) {
    ids_.resize(symbols.size());
    for (std::size_t i = 0; i < symbols.size(); ++i) ids_[i] = table.symbols().add(symbols[i]);
    walk(
        table, [](PairTable& pairs, std::uint64_t key) { return pairs.add(key); }, f);
  }

  // The same; terms that the table lacks are kNoTerm.
  template <class F>
  void find(const TermTable& table, std::span<const std::string_view> symbols, F&& f) {
    ids_.resize(symbols.size());
    for (std::size_t i = 0; i < symbols.size(); ++i) ids_[i] = table.symbols().find(symbols[i]);
    walk(
        table, [](const PairTable& pairs, std::uint64_t key) { return pairs.find(key); }, f);
  }

 private:
  template <class Table, class Look, class F>
  void walk(Table& table, const Look& look, F& f) {
    if (ids_.empty()) return;
    runs_ = ids_;
    const std::size_t shortest = keep_short_ ? std::min(min_n_, ids_.size()) : min_n_;
    const std::size_t levels = std::min(max_n_, ids_.size());
    for (std::size_t level = 0; level < levels; ++level) {
      if (level > 0) {
        runs_.pop_back();
        extend(table.pairs(level), level, look);
      }
      if (level + 1 >= shortest) f(level, std::span<const std::uint32_t>(runs_));
    }
  }

  template <class Pairs, class Look>
  void extend(Pairs& pairs, std::size_t level, const Look& look) {
    constexpr std::size_t kAhead = 12;  // keys whose places are asked for
    const auto key = [&](std::size_t i) { return PairTable::key_of(runs_[i], ids_[i + level]); };
    for (std::size_t i = 0; i < std::min(kAhead, runs_.size()); ++i) pairs.prefetch(key(i));
    for (std::size_t i = 0; i < runs_.size(); ++i) {
      if (i + kAhead < runs_.size()) pairs.prefetch(key(i + kAhead));
      const bool known = runs_[i] != kNoTerm && ids_[i + level] != kNoTerm;
      runs_[i] = known ? look(pairs, key(i)) : kNoTerm;
    }
  }

  std::size_t min_n_;
  std::size_t max_n_;
  bool keep_short_;
  std::vector<std::uint32_t> ids_;
  std::vector<std::uint32_t> runs_;
};

}  // namespace firth
