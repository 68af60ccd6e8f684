// Confidence intervals of 95 % for the figures that evaluations print.
#pragma once

#include <cstddef>
#include <optional>

namespace firth {

struct Interval {
  double low = 0;
  double high = 0;
};

// Of a correlation over n pairs, by Fisher's z: tanh(atanh(r) ± 1.96 se). se is 1 / sqrt(n - 3) for
// Pearson's r, sqrt((1 + rho^2 / 2) / (n - 3)) for Spearman's rho (Bonett & Wright 2000,
// Psychometrika 65). nullopt for n < 4.
std::optional<Interval> pearson_interval(double r, std::size_t n);
std::optional<Interval> spearman_interval(double rho, std::size_t n);

// Of a share of successes (Wilson 1927). nullopt for n = 0.
std::optional<Interval> share_interval(std::size_t successes, std::size_t n);

}  // namespace firth
