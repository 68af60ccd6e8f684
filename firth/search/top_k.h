// The best few of many scored rows. Rows are ordered by score, the greater first, and equal scores
// by row, the lower first: a total order, so the best k are the same set however the rows were
// split over threads and in whichever order they came.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace firth {

struct ScoredRow {
  float score = 0;
  std::uint32_t row = 0;
};

inline bool ranks_before(const ScoredRow& a, const ScoredRow& b) {
  return a.score > b.score || (a.score == b.score && a.row < b.row);
}

// Keeps the best `limit` of what it is shown: a pool of twice as many is cut in half whenever it is
// full, which costs less than keeping it in order. Scores must not be NaN.
class TopRows {
 public:
  static constexpr std::size_t kNoLimit = std::numeric_limits<std::size_t>::max() / 2;

  // What scores less than `floor` is never kept.
  explicit TopRows(std::size_t limit, float floor = -std::numeric_limits<float>::infinity())
      : limit_(limit), worst_{floor, std::numeric_limits<std::uint32_t>::max()} {}

  // Scores below it cannot enter.
  float threshold() const { return worst_.score; }

  void add(ScoredRow candidate) {
    if (!ranks_before(candidate, worst_)) return;
    rows_.push_back(candidate);
    if (rows_.size() >= 2 * limit_) cut();
  }

  // The best, in no order. From here on threshold() is the score of the worst of them, if there are
  // as many as the limit.
  std::span<const ScoredRow> rows() {
    if (rows_.size() >= limit_) cut();
    return rows_;
  }

 private:
  void cut() {
    if (limit_ == 0) return rows_.clear();
    const auto last = rows_.begin() + static_cast<std::ptrdiff_t>(limit_ - 1);
    std::nth_element(rows_.begin(), last, rows_.end(), [](const ScoredRow& a, const ScoredRow& b) {
      return ranks_before(a, b);  // by name it would be called through a pointer
    });
    worst_ = *last;
    rows_.resize(limit_);
  }

  std::size_t limit_;
  ScoredRow worst_;  // what a row must rank before: the worst kept when the pool was last cut
  std::vector<ScoredRow> rows_;
};

}  // namespace firth
