// The worked example of docs/counting.md: three documents counted by 金融 股票 交易 经济 计算机
// 软件 互联网 半导体, and the angles between them. The text that it comes from gives 7.5 degrees
// for the second pair, wrongly.
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <string>

#include "firth/counts/count_vectorizer.h"

namespace firth {
namespace {

const std::vector<std::string> kWords = {"金融",   "股票", "交易",   "经济",
                                         "计算机", "软件", "互联网", "半导体"};

std::string document(const std::vector<int>& counts) {
  std::string text;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    for (int n = 0; n < counts[i]; ++n) text += kWords[i] + " ";
  }
  return text;
}

double angle(const SparseMatrix<double>& m, std::size_t a, std::size_t b) {
  std::vector<double> x(m.cols()), y(m.cols());
  for (std::size_t j = 0; j < m.row_indices(a).size(); ++j)
    x[static_cast<std::size_t>(m.row_indices(a)[j])] = m.row_values(a)[j];
  for (std::size_t j = 0; j < m.row_indices(b).size(); ++j)
    y[static_cast<std::size_t>(m.row_indices(b)[j])] = m.row_values(b)[j];
  double dot = 0, xx = 0, yy = 0;
  for (std::size_t j = 0; j < x.size(); ++j)
    dot += x[j] * y[j], xx += x[j] * x[j], yy += y[j] * y[j];
  return std::acos(std::min(1.0, dot / std::sqrt(xx * yy))) * 180 / std::numbers::pi;
}

TEST(Angles, DocumentsOfATopicAreNear) {
  const std::vector<std::string> documents = {
      document({23, 32, 14, 10, 1, 0, 3, 2}), document({3, 2, 4, 0, 41, 30, 31, 12}),
      document({1, 3, 0, 2, 25, 23, 14, 10}), document({2, 6, 0, 4, 50, 46, 28, 20}),
      document({1, 1, 1, 1, 1, 1, 1, 1})};
  const std::vector<std::string_view> texts(documents.begin(), documents.end());
  ThreadPool pool(1);
  const auto counts = CountVectorizer({}, kWords).transform<double>(texts, pool);
  EXPECT_NEAR(angle(counts, 0, 1), 82.42, 0.005);
  EXPECT_NEAR(angle(counts, 1, 2), 12.37, 0.005);
  EXPECT_NEAR(angle(counts, 0, 2), 82.13, 0.005);
  EXPECT_NEAR(angle(counts, 2, 3), 0, 1e-5);
  EXPECT_NEAR(angle(counts, 4, 0), 45.87, 0.005);
  EXPECT_NEAR(angle(counts, 4, 1), 44.48, 0.005);
  EXPECT_NEAR(angle(counts, 4, 2), 43.88, 0.005);
}

TEST(Angles, OneHotVectorsAreAllAtARightAngle) {
  ThreadPool pool(1);
  const std::string_view words[] = {"苹果", "香蕉", "樱桃"};
  const auto rows = CountVectorizer({}, {"苹果", "香蕉", "樱桃"}).transform<double>(words, pool);
  EXPECT_EQ(rows.indices, (std::vector<std::int32_t>{0, 1, 2}));
  EXPECT_EQ(rows.values, (std::vector<double>{1, 1, 1}));
  EXPECT_NEAR(angle(rows, 0, 1), 90, 1e-9);
  EXPECT_NEAR(angle(rows, 1, 2), 90, 1e-9);
}

}  // namespace
}  // namespace firth
