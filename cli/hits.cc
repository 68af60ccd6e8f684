// Hits as lines or as JSON.
#include "cli/hits.h"

#include "cli/output.h"
#include "cli/passages.h"
#include "firth/io/json_writer.h"

namespace firth::cli {
namespace {

constexpr std::size_t kSnippetBytes = 160;

std::string place_of(const Item& item, std::size_t row) {
  if (!item.file.empty()) {
    const std::string place = item.file + ":" + std::to_string(item.line);
    const bool id_says_more = !item.id.empty() && !item.file.ends_with(item.id);
    return id_says_more ? place + " (" + item.id + ")" : place;
  }
  return item.id.empty() ? "row " + std::to_string(row) : item.id;
}

}  // namespace

void print_hits(std::string_view query, std::span<const Hit> hits, const Collection& collection) {
  for (std::size_t i = 0; i < hits.size(); ++i) {
    const Item item = collection.item(hits[i].row);
    const std::string rank = std::to_string(i + 1);
    print(std::string(rank.size() < 3 ? 3 - rank.size() : 0, ' '), rank, "  ",
          fixed(hits[i].score, 4), "  ", place_of(item, hits[i].row), "\n");
    if (!item.text.empty()) {
      print("             ", snippet(item.text, query, kSnippetBytes), "\n");
    }
  }
}

void print_hits_json(std::string_view query, std::span<const Hit> hits,
                     const Collection& collection) {
  JsonWriter json;
  json.begin_object().field("query", query).key("hits").begin_array();
  for (std::size_t i = 0; i < hits.size(); ++i) {
    const Item item = collection.item(hits[i].row);
    json.begin_object().field("rank", i + 1).field("score", hits[i].score);
    json.field("row", hits[i].row);
    if (!item.id.empty()) json.field("id", item.id);
    if (!item.file.empty()) json.field("file", item.file).field("line", item.line);
    if (!item.file.empty()) json.field("text", item.text);
    json.end_object();
  }
  print(json.end_array().end_object().newline().take());
}

Similarity parse_similarity(std::string_view name) {
  if (name == "dot") return Similarity::kDot;
  return name == "euclidean" ? Similarity::kEuclidean : Similarity::kCosine;
}

}  // namespace firth::cli
