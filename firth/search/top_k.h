// The best few of many scored rows. Rows are ordered by score, the greater first, and equal scores
// by row, the lower first: a total order, so the best k are the same set in the same order however
// the rows were split over threads and in whichever order they came.
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

// Keeps the best `limit` of what it is shown. Scores must not be NaN.
class TopRows {
 public:
  explicit TopRows(std::size_t limit) : limit_(limit) {}

  // Scores below it cannot enter.
  float threshold() const { return threshold_; }

  void add(ScoredRow candidate) {
    if (rows_.size() < limit_) {
      rows_.push_back(candidate);
      std::push_heap(rows_.begin(), rows_.end(), ranks_before);
    } else if (limit_ > 0 && ranks_before(candidate, rows_.front())) {
      std::pop_heap(rows_.begin(), rows_.end(), ranks_before);
      rows_.back() = candidate;
      std::push_heap(rows_.begin(), rows_.end(), ranks_before);
    }
    if (rows_.size() == limit_ && limit_ > 0) threshold_ = rows_.front().score;
  }

  // In heap order: the worst first, the others in no order.
  std::span<const ScoredRow> rows() const { return rows_; }

 private:
  std::size_t limit_;
  float threshold_ = -std::numeric_limits<float>::infinity();
  std::vector<ScoredRow> rows_;
};

}  // namespace firth
