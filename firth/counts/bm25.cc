#include "firth/counts/bm25.h"

#include <algorithm>
#include <cmath>

#include "firth/core/error.h"

namespace firth {
namespace {

constexpr std::string_view kNames[] = {"robertson", "lucene",     "atire",      "bm25l",
                                       "bm25+",     "rank-okapi", "rank-bm25l", "rank-bm25+"};

double idf_of(Bm25Method method, double n, double df) {
  switch (method) {
    case Bm25Method::kRobertson:
      return std::log(std::max(1.0, (n - df + 0.5) / (df + 0.5)));
    case Bm25Method::kLucene:
      return std::log(1 + (n - df + 0.5) / (df + 0.5));
    case Bm25Method::kAtire:
      return std::log(n / df);
    case Bm25Method::kBm25L:
    case Bm25Method::kRankBm25L:
      return std::log((n + 1) / (df + 0.5));
    case Bm25Method::kBm25Plus:
    case Bm25Method::kRankBm25Plus:
      return std::log((n + 1) / df);
    case Bm25Method::kRankOkapi:
      return std::log(n - df + 0.5) - std::log(df + 0.5);
  }
  return 0;
}

// length: L above.
double tfc_of(const Bm25Options& options, double tf, double length) {
  const double k1 = options.k1, delta = options.delta;
  const double c = tf / length + delta;
  switch (options.method) {
    case Bm25Method::kRobertson:
    case Bm25Method::kLucene:
      return tf / (k1 * length + tf);
    case Bm25Method::kAtire:
    case Bm25Method::kRankOkapi:
      return tf * (k1 + 1) / (tf + k1 * length);
    case Bm25Method::kBm25L:
      return (k1 + 1) * c / (k1 + c);
    case Bm25Method::kRankBm25L:
      return tf * (k1 + 1) * c / (k1 + c);
    case Bm25Method::kBm25Plus:
    case Bm25Method::kRankBm25Plus:
      return tf * (k1 + 1) / (tf + k1 * length) + delta;
  }
  return 0;
}

// What tfc is for tf = 0, where the formula itself may divide nothing by nothing.
double absent_tfc(const Bm25Options& options) {
  switch (options.method) {
    case Bm25Method::kBm25L: {
      const double sum = options.k1 + options.delta;
      return sum == 0 ? 0 : (options.k1 + 1) * options.delta / sum;
    }
    case Bm25Method::kBm25Plus:
    case Bm25Method::kRankBm25Plus:
      return options.delta;
    default:
      return 0;
  }
}

void check(const Bm25Options& options) {
  const bool finite = std::isfinite(options.k1) && std::isfinite(options.delta) &&
                      std::isfinite(options.epsilon) && std::isfinite(options.b);
  if (!finite || options.k1 < 0 || options.delta < 0 || options.b < 0 || options.b > 1) {
    fail(ErrorKind::kInvalidArgument,
         "BM25: expected k1 >= 0, delta >= 0 and b from 0 to 1, found ", "k1 = ", options.k1,
         ", delta = ", options.delta, ", b = ", options.b);
  }
}

std::vector<double> idf_of_columns(const SparseView<double>& counts, const Bm25Options& options) {
  std::vector<double> df(counts.cols());
  for (const std::int32_t column : counts.indices) ++df[static_cast<std::size_t>(column)];
  std::vector<double> idf(df.size());
  double sum = 0, num_terms = 0;
  for (std::size_t t = 0; t < df.size(); ++t) {
    if (df[t] == 0) continue;  // weighs nothing: no document has it
    idf[t] = idf_of(options.method, static_cast<double>(counts.rows()), df[t]);
    sum += idf[t];
    ++num_terms;
  }
  if (options.method == Bm25Method::kRankOkapi && num_terms > 0) {
    for (double& value : idf) value = value < 0 ? options.epsilon * sum / num_terms : value;
  }
  return idf;
}

}  // namespace

std::string_view bm25_method_name(Bm25Method method) {
  return kNames[static_cast<std::size_t>(method)];
}

Bm25Method parse_bm25_method(std::string_view name) {
  const auto* const found = std::ranges::find(kNames, name);
  if (found != std::end(kNames)) return static_cast<Bm25Method>(found - kNames);
  std::string known;
  for (const std::string_view one : kNames) known += (known.empty() ? "" : ", ") + std::string(one);
  fail(ErrorKind::kInvalidArgument, "BM25: expected one of ", known, ", found ", quoted(name));
}

Bm25Weights bm25_weights(const SparseView<double>& counts, const Bm25Options& options) {
  check(options);
  Bm25Weights weights;
  const std::vector<double> idf = idf_of_columns(counts, options);
  for (const double value : idf) weights.absent.push_back(value * absent_tfc(options));
  double total = 0;
  for (const double value : counts.values) total += value;
  const double mean = total / static_cast<double>(std::max<std::size_t>(counts.rows(), 1));
  weights.above.num_cols = counts.cols();
  for (std::size_t i = 0; i < counts.rows(); ++i) {
    const auto columns = counts.row_indices(i);
    const auto values = counts.row_values(i);
    double length = 0;
    for (const double value : values) length += value;
    const double relative = 1 - options.b + options.b * (mean > 0 ? length / mean : 0);
    for (std::size_t j = 0; j < columns.size(); ++j) {
      const auto t = static_cast<std::size_t>(columns[j]);
      const double score = idf[t] * tfc_of(options, values[j], relative);
      weights.above.indices.push_back(columns[j]);
      weights.above.values.push_back(static_cast<float>(score - weights.absent[t]));
    }
    weights.above.close_row();
  }
  return weights;
}

std::vector<double> bm25_scores(const Bm25Weights& weights,
                                const std::vector<std::int32_t>& query) {
  std::vector<double> times(weights.absent.size());
  double absent = 0;
  for (const std::int32_t column : query) {
    ++times[static_cast<std::size_t>(column)];
    absent += weights.absent[static_cast<std::size_t>(column)];
  }
  std::vector<double> scores(weights.above.rows(), absent);
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const auto columns = weights.above.row_indices(i);
    const auto values = weights.above.row_values(i);
    for (std::size_t j = 0; j < columns.size(); ++j)
      scores[i] += times[static_cast<std::size_t>(columns[j])] * static_cast<double>(values[j]);
  }
  return scores;
}

}  // namespace firth
