#include "firth/counts/term_table.h"

#include <bit>

#include "firth/core/error.h"

namespace firth {

// The slot of the key, or the free one where it belongs.
std::size_t SymbolTable::place_of(const WordKey& key) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t place = key.hash() & mask;
  for (;; place = (place + 1) & mask) {
    const Slot& slot = slots_[place];
    if (slot.id == kNoTerm) return place;
    if (slot.low != key.low() || slot.high != key.high()) continue;
    if (key.is_short() || (*this)[slot.id] == key.word()) return place;
  }
}

std::uint32_t SymbolTable::add(std::string_view symbol) {
  const WordKey key(symbol);
  std::size_t place = place_of(key);
  if (slots_[place].id != kNoTerm) return slots_[place].id;
  if (2 * begins_.size() >= slots_.size()) {
    grow();
    place = place_of(key);
  }
  if (begins_.size() >= kNoTerm - 1)
    fail(ErrorKind::kUnsupported, "vocabulary: expected fewer than 2^32 - 1 distinct symbols");
  const auto id = static_cast<std::uint32_t>(begins_.size());
  slots_[place] = {key.low(), key.high(), id};
  begins_.push_back(bytes_.size());
  bytes_.insert(bytes_.end(), symbol.begin(), symbol.end());
  return id;
}

std::uint32_t SymbolTable::find(std::string_view symbol) const {
  return slots_[place_of(WordKey(symbol))].id;
}

void SymbolTable::grow() {
  std::vector<Slot> old(slots_.size() * 2);
  old.swap(slots_);
  const std::size_t mask = slots_.size() - 1;
  for (const Slot& slot : old) {
    if (slot.id == kNoTerm) continue;
    std::size_t place = WordKey::hash_of(slot.low, slot.high) & mask;
    while (slots_[place].id != kNoTerm) place = (place + 1) & mask;
    slots_[place] = slot;
  }
}

std::uint32_t PairTable::add(std::uint64_t key) {
  const std::size_t mask = slots_.size() - 1;
  std::size_t place = first_slot(key);
  for (; slots_[place].id != kNoTerm; place = (place + 1) & mask) {
    if (slots_[place].key == key) return slots_[place].id;
  }
  if (keys_.size() >= kNoTerm - 1)
    fail(ErrorKind::kUnsupported, "vocabulary: expected fewer than 2^32 - 1 distinct n-grams");
  const auto id = static_cast<std::uint32_t>(keys_.size());
  slots_[place] = {key, id};
  keys_.push_back(key);
  if (2 * keys_.size() >= slots_.size()) grow();
  return id;
}

std::uint32_t PairTable::find(std::uint64_t key) const {
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t place = first_slot(key); slots_[place].id != kNoTerm;
       place = (place + 1) & mask) {
    if (slots_[place].key == key) return slots_[place].id;
  }
  return kNoTerm;
}

void PairTable::grow() {
  slots_.assign(slots_.size() * 2, Slot{});
  --shift_;
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t id = 0; id < keys_.size(); ++id) {
    std::size_t place = first_slot(keys_[id]);
    while (slots_[place].id != kNoTerm) place = (place + 1) & mask;
    slots_[place] = {keys_[id], static_cast<std::uint32_t>(id)};
  }
}

void TermTable::spell(std::size_t level, std::uint32_t id, std::string_view joint,
                      std::string& out) const {
  if (level == 0) {
    out += symbols_[id];
    return;
  }
  const std::uint64_t key = pairs(level).key(id);
  spell(level - 1, static_cast<std::uint32_t>(key >> 32), joint, out);
  out += joint;
  out += symbols_[static_cast<std::uint32_t>(key)];
}

}  // namespace firth
