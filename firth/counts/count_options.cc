#include "firth/counts/count_options.h"

#include <charconv>
#include <cmath>

#include "firth/core/error.h"

namespace firth {
namespace {

constexpr std::string_view kAnalyzers[] = {"word", "char", "char_wb"};
constexpr std::string_view kStrips[] = {"none", "unicode", "ascii"};
constexpr std::size_t kMaxRun = 31;  // symbols of a term: its level must fit in five bits

template <std::size_t N>
std::size_t place_in(const std::string_view (&names)[N], std::string_view name,
                     std::string_view what) {
  for (std::size_t i = 0; i < N; ++i) {
    if (names[i] == name) return i;
  }
  std::string known;
  for (const std::string_view one : names) known += (known.empty() ? "" : ", ") + std::string(one);
  fail(ErrorKind::kInvalidArgument, what, ": expected one of ", known, ", found ", quoted(name));
}

void check_limit(const DocumentLimit& limit, std::string_view name) {
  const bool whole = limit.value == std::floor(limit.value);
  const bool good =
      limit.is_share ? limit.value >= 0 && limit.value <= 1 : limit.value >= 1 && whole;
  if (!good) {
    fail(ErrorKind::kInvalidArgument, name,
         ": expected a number of documents from 1 on, or a share from 0.0 to 1.0, found ",
         limit.value);
  }
}

}  // namespace

std::string_view analyzer_name(Analyzer analyzer) {
  return kAnalyzers[static_cast<std::size_t>(analyzer)];
}

Analyzer parse_analyzer(std::string_view name) {
  return static_cast<Analyzer>(place_in(kAnalyzers, name, "analyzer"));
}

std::string_view strip_accents_name(StripAccents strip) {
  return kStrips[static_cast<std::size_t>(strip)];
}

StripAccents parse_strip_accents(std::string_view name) {
  return static_cast<StripAccents>(place_in(kStrips, name, "strip_accents"));
}

DocumentLimit parse_document_limit(std::string_view text, std::string_view where) {
  DocumentLimit limit;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), limit.value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(limit.value)) {
    fail(ErrorKind::kInvalidArgument, where,
         ": expected a number of documents such as 2, or a share such as 0.5, found ",
         quoted(text));
  }
  limit.is_share = text.find_first_of(".eE") != std::string_view::npos;
  check_limit(limit, where);
  return limit;
}

void check_term_options(const TermOptions& options) {
  if (options.min_n < 1 || options.min_n > options.max_n || options.max_n > kMaxRun) {
    fail(ErrorKind::kInvalidArgument, "ngram_range: expected 1 <= min <= max <= ", kMaxRun,
         ", found (", options.min_n, ", ", options.max_n, ")");
  }
}

void check_count_options(const CountOptions& options) {
  check_term_options(options.terms);
  check_limit(options.min_df, "min_df");
  check_limit(options.max_df, "max_df");
}

}  // namespace firth
