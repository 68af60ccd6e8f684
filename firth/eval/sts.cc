#include "firth/eval/sts.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <string_view>

#include "firth/core/error.h"
#include "firth/eval/correlation.h"
#include "firth/eval/embed_texts.h"
#include "firth/io/csv.h"
#include "firth/io/json.h"
#include "firth/io/line_reader.h"
#include "firth/search/exact_score.h"

namespace firth {
namespace {

constexpr std::size_t kMaxRowBytes = std::size_t{16} << 20;

double parse_score(std::string_view text, const std::string& where) {
  double score = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), score);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(score)) {
    fail(ErrorKind::kCorrupt, where, ": expected a score, found ", quoted(text));
  }
  return score;
}

std::vector<StsPair> read_jsonl(const std::string& path, const StsColumns& columns) {
  LineReader lines(ByteSource::open(path), kMaxRowBytes);
  JsonDocument document;
  std::vector<StsPair> pairs;
  for (std::string_view line; lines.next(line);) {
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    document.reparse(line, path, lines.line());
    const Json row = document.root();
    pairs.push_back({std::string(row.at(columns.first).as_string()),
                     std::string(row.at(columns.second).as_string()),
                     row.at(columns.score).as_double()});
  }
  return pairs;
}

// Where the three columns stand in a row.
struct ColumnIndex {
  std::size_t first = 0;
  std::size_t second = 1;
  std::size_t score = 2;
};

std::optional<ColumnIndex> parse_header(const std::vector<std::string>& row,
                                        const StsColumns& columns) {
  const auto index_of = [&](const std::string& name) {
    return static_cast<std::size_t>(std::find(row.begin(), row.end(), name) - row.begin());
  };
  const ColumnIndex index{index_of(columns.first), index_of(columns.second),
                          index_of(columns.score)};
  if (std::max({index.first, index.second, index.score}) >= row.size()) return std::nullopt;
  return index;
}

std::vector<StsPair> read_csv(const std::string& path, char separator, const StsColumns& columns) {
  CsvReader reader(ByteSource::open(path), separator, kMaxRowBytes);
  std::vector<StsPair> pairs;
  std::vector<std::string> row;
  ColumnIndex index;
  std::size_t num_columns = 3;
  for (bool is_first = true; reader.next(row); is_first = false) {
    if (is_first) {
      if (const auto header = parse_header(row, columns)) {
        index = *header;
        num_columns = row.size();
        continue;
      }
    }
    if (row.size() != num_columns) {
      fail(ErrorKind::kCorrupt, reader.where(), ": expected ", num_columns, " columns, found ",
           row.size(), is_first ? " (and no header with '" : "",
           is_first ? columns.first + "', '" + columns.second + "', '" + columns.score + "')" : "");
    }
    pairs.push_back(
        {row[index.first], row[index.second], parse_score(row[index.score], reader.where())});
  }
  return pairs;
}

}  // namespace

std::vector<StsPair> read_sts(const std::string& path, const StsColumns& columns) {
  const std::string name = without_compression_ending(path);
  std::vector<StsPair> pairs;
  if (name.ends_with(".jsonl") || name.ends_with(".ndjson")) {
    pairs = read_jsonl(path, columns);
  } else if (name.ends_with(".csv") || name.ends_with(".tsv")) {
    pairs = read_csv(path, name.ends_with(".tsv") ? '\t' : ',', columns);
  } else {
    fail(ErrorKind::kUnsupported, path,
         ": expected a .csv, .tsv or .jsonl file of sentence pairs, found another ending");
  }
  if (pairs.empty()) fail(ErrorKind::kCorrupt, path, ": expected sentence pairs, found none");
  return pairs;
}

StsResult evaluate_sts(const Embedder& embedder, const std::vector<StsPair>& pairs,
                       const EmbedOptions& options, Workspace& workspace) {
  std::vector<std::string_view> texts;  // all first sentences, then all second ones
  texts.reserve(2 * pairs.size());
  for (const StsPair& pair : pairs) texts.push_back(pair.first);
  for (const StsPair& pair : pairs) texts.push_back(pair.second);

  StsResult result{.correlations = {}, .num_pairs = pairs.size(), .report = {}};
  const auto start = std::chrono::steady_clock::now();
  const Tensor vectors = embed_texts(embedder, texts, options, workspace, result.report);
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();

  std::vector<double> gold;
  gold.reserve(pairs.size());
  for (const StsPair& pair : pairs) gold.push_back(pair.score);
  const View<const float> rows = vectors.view<float>();
  std::vector<double> scores(pairs.size());
  constexpr std::array kSimilarities = {Similarity::kCosine, Similarity::kDot,
                                        Similarity::kEuclidean, Similarity::kManhattan};
  for (std::size_t s = 0; s < kSimilarities.size(); ++s) {
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      scores[i] = exact_score(kSimilarities[s], rows.row(i), rows.row(pairs.size() + i));
    }
    result.correlations[s] = {.similarity = kSimilarities[s],
                              .spearman = spearman(scores, gold),
                              .pearson = pearson(scores, gold)};
  }
  return result;
}

}  // namespace firth
