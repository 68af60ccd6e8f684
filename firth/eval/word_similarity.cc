#include "firth/eval/word_similarity.h"

#include <charconv>
#include <cmath>

#include "firth/core/error.h"
#include "firth/eval/correlation.h"
#include "firth/io/line_reader.h"
#include "firth/search/exact_score.h"

namespace firth {
namespace {

constexpr std::size_t kMaxLineBytes = std::size_t{1} << 20;

char separator_of(std::string_view line) {
  for (const char candidate : {'\t', ',', ';'}) {
    if (line.find(candidate) != std::string_view::npos) return candidate;
  }
  return ' ';
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r";
  const std::size_t begin = text.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlank) + 1 - begin);
}

std::vector<std::string_view> columns_of(std::string_view line) {
  const char separator = separator_of(line);
  std::vector<std::string_view> columns;
  while (!line.empty()) {
    const std::size_t end = line.find(separator);
    const std::string_view column = trimmed(line.substr(0, end));
    // Several spaces are one separator.
    if (separator != ' ' || !column.empty()) columns.push_back(column);
    line.remove_prefix(end == std::string_view::npos ? line.size() : end + 1);
  }
  return columns;
}

std::optional<double> parse_score(std::string_view text) {
  double score = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), score);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(score))
    return std::nullopt;
  return score;
}

}  // namespace

std::vector<WordPair> read_word_pairs(const std::string& path) {
  LineReader lines(ByteSource::open(path), kMaxLineBytes);
  std::vector<WordPair> pairs;
  bool may_be_header = true;
  for (std::string_view line; lines.next(line);) {
    line = trimmed(line);
    if (line.empty() || line.starts_with('#')) continue;
    const std::vector<std::string_view> columns = columns_of(line);
    const auto score = columns.size() < 3 ? std::nullopt : parse_score(columns[2]);
    const bool is_header = may_be_header && columns.size() >= 3 && !score;
    may_be_header = false;
    if (is_header) continue;
    if (!score || columns[0].empty() || columns[1].empty()) {
      fail(ErrorKind::kCorrupt, lines.where(), ": expected two words and a score, found ",
           quoted(line));
    }
    pairs.push_back({std::string(columns[0]), std::string(columns[1]), *score});
  }
  if (pairs.empty()) fail(ErrorKind::kCorrupt, path, ": expected pairs of words, found none");
  return pairs;
}

WordSimilarityResult evaluate_word_similarity(const WordTable& table,
                                              const std::vector<WordPair>& pairs) {
  std::vector<double> gold;
  std::vector<double> cosines;
  for (const WordPair& pair : pairs) {
    const auto first = table.find(pair.first);
    const auto second = table.find(pair.second);
    if (!first || !second) continue;
    gold.push_back(pair.score);
    cosines.push_back(exact_score(Similarity::kCosine, table.unit_rows().row(*first),
                                  table.unit_rows().row(*second)));
  }
  WordSimilarityResult result;
  result.num_pairs = pairs.size();
  result.num_found = gold.size();
  result.spearman = spearman(cosines, gold);
  result.pearson = pearson(cosines, gold);
  if (result.spearman)
    result.spearman_interval = firth::spearman_interval(*result.spearman, gold.size());
  return result;
}

}  // namespace firth
