// Clusters through the map, and a quick way over what the map leaves alone.
#include "firth/text/precompiled.h"

#include <algorithm>
#include <utility>

#include "firth/text/graphemes.h"

namespace firth {
namespace {

constexpr std::size_t kMaxCluster = 5;  // longer clusters are looked up by character

std::int32_t num_chars(std::string_view text) {
  return static_cast<std::int32_t>(std::count_if(text.begin(), text.end(), [](char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0) != 0x80;
  }));
}

// The reference's account of `replacement` standing for `old`. Where nothing is left of `old`, the
// character before has swallowed it; at the beginning of a text it is not accounted for.
void put_changes(std::string_view old, std::string_view replacement,
                 std::vector<CharChange>& changes) {
  const std::int32_t more = num_chars(replacement) - num_chars(old);
  for_each_char(replacement, [&](char32_t c, std::size_t, std::size_t) {
    changes.push_back({c, 0});
  });
  if (more > 0) {
    for (auto i = static_cast<std::size_t>(more); i > 0; --i) {
      changes[changes.size() - i].change = 1;
    }
  } else if (!changes.empty()) {
    changes.back().change += more;
  }
}

}  // namespace

Precompiled::Precompiled(CharsMap map) : map_(std::move(map)), unchanged_(0x10000) {
  for (char32_t c = 0; c < unchanged_.size(); ++c) {
    unchanged_[c] = (c >= 0xD800 && c < 0xE000) || !map_.shortest_prefix(encoded(c));
  }
  for (char32_t c = 0; c < 0x80; ++c) {
    unchanged_ascii_[c] = unchanged_[c] && is_plain(grapheme_class(c));
  }
}

std::string Precompiled::encoded(char32_t c) {
  char bytes[4];
  return {bytes, encode_utf8(c, bytes)};
}

std::size_t Precompiled::unchanged_run(std::string_view text, std::size_t begin) const {
  const char* const start = text.data();
  const char* const end = start + text.size();
  const char* kept = start + begin;  // the end of the run so far
  const char* p = kept;              // behind a character that may join what follows
  bool pending = false;              // whether there is one
  while (p != end) {
    if (is_unchanged_ascii(*p)) {
      while (++p != end && is_unchanged_ascii(*p)) {
      }
      kept = p - 1;
      pending = true;
      continue;
    }
    const char* next = p;
    const char32_t c = decode_utf8(next);
    const GraphemeClass its_class = grapheme_class(c);
    if (pending && begins_after_plain(its_class)) {
      kept = p;
    } else if (pending) {
      return static_cast<std::size_t>(kept - start);
    }
    if (!is_plain(its_class) || !is_unchanged(c)) {
      return static_cast<std::size_t>(p - start);
    }
    pending = true;
    p = next;
  }
  return text.size();
}

// put(old, replacement): what becomes of the cluster; characters that stay have no replacement.
template <class Put>
void Precompiled::put_cluster(std::string_view cluster, Put&& put) const {
  if (cluster.size() <= kMaxCluster) {
    if (const auto match = map_.shortest_prefix(cluster)) {
      put(cluster, std::optional(match->replacement));
      return;
    }
  }
  for_each_char(cluster, [&](char32_t, std::size_t begin, std::size_t end) {
    const std::string_view part = cluster.substr(begin, end - begin);
    const auto match = map_.shortest_prefix(part);
    put(part, match ? std::optional(match->replacement) : std::nullopt);
  });
}

void Precompiled::normalize(NormalizedText& text) const {
  const std::string_view old = text.text();
  std::size_t at = unchanged_run(old, 0);
  if (at == old.size()) {
    return;
  }
  if (text.places() == Places::kKept || !text.is_settled(at)) {
    normalize_with_places(text);
    return;
  }
  std::string result;
  result.reserve(old.size() + old.size() / 8);
  result.append(old, 0, at);
  while (at < old.size()) {
    const std::size_t end = cluster_end(old, at);
    put_cluster(old.substr(at, end - at),
                [&](std::string_view part, const std::optional<std::string_view>& replacement) {
                  result += replacement ? *replacement : part;
                });
    at = unchanged_run(old, end);
    result.append(old, end, at - end);
  }
  text.respell(std::move(result));
}

void Precompiled::normalize_with_places(NormalizedText& text) const {
  const std::string_view old = text.text();
  std::vector<CharChange> changes;
  changes.reserve(old.size());
  bool modified = false;
  for (std::size_t at = 0; at < old.size();) {
    const std::size_t end = cluster_end(old, at);
    put_cluster(old.substr(at, end - at),
                [&](std::string_view part, const std::optional<std::string_view>& replacement) {
                  modified = modified || replacement;
                  if (replacement) {
                    put_changes(part, *replacement, changes);
                  } else {
                    changes.push_back({last_char(part), 0});
                  }
                });
    at = end;
  }
  if (modified) {
    text.transform(changes);
  }
}

}  // namespace firth
