#include "firth/search/exact_index.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <limits>
#include <string>

#include "firth/core/error.h"
#include "firth/core/random.h"
#include "firth/io/mapped_file.h"
#include "firth/io/safetensors.h"

namespace firth {
namespace {

Tensor random_rows(std::size_t n, std::size_t d, std::uint64_t seed) {
  Tensor rows = Tensor::zeros<float>(Shape{n, d});
  Random random(seed);
  for (float& x : rows.view<float>().span()) x = random.normal();
  return rows;
}

using Hits = std::vector<std::vector<Hit>>;

Hits brute_force(View<const float> rows, View<const float> queries, Similarity similarity,
                 std::size_t k) {
  Hits result(queries.rows());
  for (std::size_t i = 0; i < queries.rows(); ++i) {
    for (std::size_t j = 0; j < rows.rows(); ++j) {
      result[i].push_back({j, exact_score(similarity, queries.row(i), rows.row(j))});
    }
    keep_best(result[i], k);
  }
  return result;
}

double recall(const Hits& truth, const Hits& found) {
  double sum = 0;
  double all = 0;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    for (const Hit& t : truth[i]) {
      for (const Hit& f : found[i]) sum += f.row == t.row ? 1 : 0;
    }
    all += static_cast<double>(truth[i].size());
  }
  return sum / all;
}

class ExactIndexMetrics : public testing::TestWithParam<Similarity> {
 protected:
  ExactIndexOptions options(RowForm form = RowForm::kF32) const {
    return {.similarity = GetParam(), .form = form};
  }
};

INSTANTIATE_TEST_SUITE_P(All, ExactIndexMetrics,
                         testing::Values(Similarity::kCosine, Similarity::kDot,
                                         Similarity::kEuclidean));

// The ten nearest of 400 rows, found by the reference in float64; rows 3 and 7 are equal, 50 is
// twice 51.
TEST_P(ExactIndexMetrics, MatchesTheReferenceNeighbours) {
  const auto file =
      SafetensorsFile::open(FIRTH_SOURCE_DIR "/tests/fixtures/classical/neighbours.safetensors");
  const Tensor base = Tensor::from(file.tensor("base"));
  const Tensor queries = Tensor::from(file.tensor("queries"));
  const std::string metric = GetParam() == Similarity::kCosine ? "cosine"
                             : GetParam() == Similarity::kDot  ? "dot"
                                                               : "l2";
  const AnyView ids = file.tensor(metric + ".ids");
  ThreadPool pool(2);
  for (const RowForm form : {RowForm::kF32, RowForm::kInt8}) {
    const ExactIndex index(base.view<float>(), options(form), pool);
    const Hits hits = index.search(queries.view<float>(), 10, pool);
    for (std::size_t i = 0; i < hits.size(); ++i) {
      for (std::size_t j = 0; j < 10; ++j) {
        std::int64_t expected = 0;
        std::memcpy(&expected, ids.bytes().data() + (i * 10 + j) * sizeof(expected),
                    sizeof(expected));
        EXPECT_EQ(hits[i][j].row, static_cast<std::size_t>(expected)) << metric << i << ' ' << j;
      }
    }
  }
}

TEST_P(ExactIndexMetrics, EqualsLookingAtEveryPair) {
  ThreadPool pool(2);
  for (const std::size_t n : {1UL, 2UL, 63UL, 1025UL, 5000UL}) {
    for (const std::size_t d : {1UL, 3UL, 16UL, 100UL}) {
      const Tensor rows = random_rows(n, d, n * 1000 + d);
      const Tensor queries = random_rows(5, d, 7);
      const ExactIndex index(rows.view<float>(), options(), pool);
      for (const std::size_t k : {0UL, 1UL, 10UL, n + 1}) {
        EXPECT_EQ(index.search(queries.view<float>(), k, pool),
                  brute_force(rows.view<float>(), queries.view<float>(), GetParam(), k))
            << n << ' ' << d << ' ' << k;
      }
    }
  }
}

// More equal rows than the first pass keeps, and rows nearer to one another than f32 can tell:
// only the second look finds the right ones.
TEST_P(ExactIndexMetrics, EqualsLookingAtEveryPairAmongNearDuplicates) {
  Tensor rows = random_rows(3000, 24, 1);
  const View<float> view = rows.view<float>();
  Random random(2);
  for (std::size_t i = 100; i < 2500; ++i) {
    std::copy(view.row(7).begin(), view.row(7).end(), view.row(i).begin());
    if (i % 2 == 0) view(i, i % 24) = std::nextafter(view(i, i % 24), random.normal());
  }
  ThreadPool pool(2);
  Tensor queries = random_rows(40, 24, 3);
  std::copy(view.row(7).begin(), view.row(7).end(), queries.view<float>().row(0).begin());
  const ExactIndex index(view, options(), pool);
  EXPECT_EQ(index.search(queries.view<float>(), 12, pool),
            brute_force(view, queries.view<float>(), GetParam(), 12));
}

TEST_P(ExactIndexMetrics, BatchAndThreadsDoNotChangeTheHits) {
  const Tensor rows = random_rows(9000, 48, 1);
  const Tensor queries = random_rows(300, 48, 2);
  for (const RowForm form : {RowForm::kF32, RowForm::kInt8}) {
    ThreadPool one(1);
    ThreadPool three(3);
    const ExactIndex index(rows.view<float>(), options(form), three);
    const Hits together = index.search(queries.view<float>(), 10, three);
    EXPECT_EQ(together, index.search(queries.view<float>(), 10, one));
    for (std::size_t i = 0; i < 300; i += 37) {
      EXPECT_EQ(together[i],
                index.search(queries.view<float>().slice_rows(i, i + 1), 10, one).front());
    }
  }
}

TEST_P(ExactIndexMetrics, SurvivesHugeTinyAndZeroRows) {
  Tensor rows = random_rows(2000, 8, 1);
  for (std::size_t i = 0; i < 2000; ++i) {
    const float scale = i % 4 == 0 ? 1e-30F : i % 4 == 1 ? 1e17F : i % 4 == 2 ? 0.0F : 1.0F;
    for (float& x : rows.view<float>().row(i)) x *= scale;
  }
  const Tensor queries = random_rows(4, 8, 2);
  ThreadPool pool(2);
  const ExactIndex index(rows.view<float>(), options(), pool);
  EXPECT_EQ(index.search(queries.view<float>(), 20, pool),
            brute_force(rows.view<float>(), queries.view<float>(), GetParam(), 20));
}

TEST(ExactIndex, ZeroVectorsHaveCosineZero) {
  const Tensor zeros = Tensor::zeros<float>(Shape{40, 4});
  ThreadPool pool(1);
  const ExactIndex index(zeros.view<float>(), {}, pool);
  const Hits hits = index.search(random_rows(1, 4, 1).view<float>(), 2, pool);
  EXPECT_EQ(hits[0], (std::vector<Hit>{{0, 0}, {1, 0}}));
  const Tensor rows = random_rows(40, 4, 1);
  const ExactIndex other(rows.view<float>(), {}, pool);
  EXPECT_EQ(other.search(zeros.view<float>().slice_rows(0, 1), 2, pool)[0],
            (std::vector<Hit>{{0, 0}, {1, 0}}));
}

TEST(ExactIndex, NoRowsGiveNoHits) {
  ThreadPool pool(1);
  const Tensor none = Tensor::zeros<float>(Shape{0, 4});
  const ExactIndex index(none.view<float>(), {}, pool);
  EXPECT_EQ(index.search(random_rows(2, 4, 1).view<float>(), 3, pool), Hits(2));
}

std::string message_of(const auto& f) {
  try {
    f();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(ExactIndex, RefusesBadRowsQueriesAndOptions) {
  ThreadPool pool(2);
  Tensor rows = random_rows(5000, 4, 1);
  EXPECT_EQ(message_of([&] {
              const ExactIndex index(rows.view<float>(), {}, pool);
              (void)index.search(random_rows(1, 3, 1).view<float>(), 1, pool);
            }),
            "query: expected 4 components as in the vectors searched, found 3");
  EXPECT_NE(message_of([&] {
              ExactIndex(rows.view<float>(), {.similarity = Similarity::kManhattan}, pool);
            }).find("manhattan"),
            std::string::npos);
  rows.view<float>()(4321, 2) = std::numeric_limits<float>::quiet_NaN();
  for (const RowForm form : {RowForm::kF32, RowForm::kInt8, RowForm::kBinary}) {
    EXPECT_EQ(message_of([&] { ExactIndex(rows.view<float>(), {.form = form}, pool); }),
              "row 4321: expected finite numbers, found nan at component 2");
  }
}

TEST(ExactIndex, NarrowRowsAloneGiveApproximateScores) {
  const Tensor rows = random_rows(2000, 96, 1);
  const Tensor queries = random_rows(20, 96, 2);
  ThreadPool pool(2);
  for (const Similarity similarity :
       {Similarity::kCosine, Similarity::kDot, Similarity::kEuclidean}) {
    const ExactIndex index(narrow_rows(rows.view<float>(), RowForm::kInt8, pool), {},
                           {.similarity = similarity});
    const Hits truth = brute_force(rows.view<float>(), queries.view<float>(), similarity, 10);
    const Hits found = index.search(queries.view<float>(), 10, pool);
    EXPECT_GT(recall(truth, found), 0.9);
    EXPECT_NEAR(found[0][0].score, truth[0][0].score, 0.02 * std::abs(truth[0][0].score));
  }
}

TEST(ExactIndex, Int8RowsOfOthersAreTheSameAsOurs) {
  const Tensor rows = random_rows(500, 32, 1);
  ThreadPool pool(2);
  const NarrowRows ours = narrow_rows(rows.view<float>(), RowForm::kInt8, pool);
  const NarrowRows theirs = int8_rows(ours.int8, ours.scales, pool);
  for (std::size_t i = 0; i < 500; ++i) EXPECT_NEAR(theirs.norms[i], ours.norms[i], 0.1);
  EXPECT_THROW(int8_rows(ours.int8, ours.scales.first(499), pool), Error);
}

// A quarter of the memory traffic must not cost neighbours: real sentence vectors of a MiniLM.
TEST(ExactIndex, Int8FindsTheNeighboursOfRealVectors) {
  const std::string path = FIRTH_SOURCE_DIR "/../shared/encoders/minilm_ref_mix.npy";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is not there";
  const auto file = MappedFile::open(path);
  // 384 floats a row after a header of 128 bytes.
  const std::size_t n = (file->bytes().size() - 128) / (std::size_t{384} * 4);
  const View<const float> rows{reinterpret_cast<const float*>(file->bytes().data() + 128),
                               Shape{n, 384}};
  ThreadPool pool(2);
  const Hits truth = ExactIndex(rows, {}, pool).search(rows.slice_rows(0, 500), 10, pool);
  for (const RowForm form : {RowForm::kInt8, RowForm::kBinary}) {
    const ExactIndex index(rows, {.form = form}, pool);
    EXPECT_GE(recall(truth, index.search(rows.slice_rows(0, 500), 10, pool)), 0.99);
  }
}

}  // namespace
}  // namespace firth
