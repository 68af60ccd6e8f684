// Correlation of two lists of numbers: Pearson's r, and Spearman's rho, which is Pearson's r of the
// ranks, ties sharing their average rank (as scipy.stats.spearmanr).
#pragma once

#include <optional>
#include <span>
#include <vector>

namespace firth {

// Both in [-1, 1]; nullopt if a list is constant or has fewer than two numbers, where correlation
// is undefined. invalid_argument if the lengths differ or a number is NaN.
std::optional<double> pearson(std::span<const double> a, std::span<const double> b);
std::optional<double> spearman(std::span<const double> a, std::span<const double> b);

// 1 for the smallest; equal values share the average of their ranks.
std::vector<double> average_ranks(std::span<const double> values);

}  // namespace firth
