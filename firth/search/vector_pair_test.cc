#include "firth/search/vector_pair.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "firth/core/error.h"

namespace firth {
namespace {

using Doubles = std::vector<double>;

const Doubles kV1 = {23, 32, 14, 10, 1, 0, 3, 2};
const Doubles kV2 = {3, 2, 4, 0, 41, 30, 31, 12};
const Doubles kV3 = {1, 3, 0, 2, 25, 23, 14, 10};

struct Expected {
  const Doubles& a;
  const Doubles& b;
  double dot, norm_a, norm_b, cosine, angle_degrees, euclidean, manhattan;
};

// Computed with numpy in float64. A widely read introduction says "about 7.5 degrees" of the last
// pair; its own numbers say 12.37.
TEST(VectorPair, MatchesTheReferenceNumbers) {
  const std::vector<Expected> cases = {
      {kV1, kV2, 347, 43.162483709814474, 60.95079983068311, 0.13189964853036382, 82.42062044447546,
       69.88562083862459, 178},
      {kV1, kV3, 226, 43.162483709814474, 38.262252939417984, 0.13684580016618017,
       82.13463285928226, 53.61902647381804, 139},
      {kV2, kV3, 2278, 60.95079983068311, 38.262252939417984, 0.9767957747202858,
       12.367005425844013, 24.95996794869737, 51}};
  for (const Expected& e : cases) {
    const VectorPair pair = compare_vectors(e.a, e.b);
    EXPECT_EQ(pair.dot, e.dot);
    EXPECT_DOUBLE_EQ(pair.norm_a, e.norm_a);
    EXPECT_DOUBLE_EQ(pair.norm_b, e.norm_b);
    EXPECT_NEAR(pair.cosine, e.cosine, 1e-15);
    EXPECT_NEAR(pair.angle_degrees.value(), e.angle_degrees, 1e-12);
    EXPECT_DOUBLE_EQ(pair.euclidean, e.euclidean);
    EXPECT_EQ(pair.manhattan, e.manhattan);
  }
}

TEST(VectorPair, AngleKeepsItsDigitsWhereTheCosineHasNone) {
  // cos(1e-9) is 1 in double precision.
  const VectorPair near = compare_vectors(Doubles{1, 0}, Doubles{1, 1e-9});
  EXPECT_NEAR(near.angle_degrees.value(), 1e-9 * 180 / M_PI, 1e-20);
  const VectorPair opposite = compare_vectors(Doubles{1, 0}, Doubles{-1, 1e-9});
  EXPECT_NEAR(opposite.angle_degrees.value(), 180 - 1e-9 * 180 / M_PI, 1e-12);
  EXPECT_EQ(compare_vectors(kV1, kV1).angle_degrees.value(), 0);
  EXPECT_LE(compare_vectors(kV1, kV1).cosine, 1);
}

TEST(VectorPair, HugeAndTinyComponentsKeepTheirAngle) {
  for (const double scale : {1e-300, 1e-160, 1e160, 1e300}) {
    const VectorPair pair = compare_vectors(Doubles{scale, 0}, Doubles{scale, scale});
    EXPECT_NEAR(pair.cosine, std::sqrt(0.5), 1e-15) << scale;
    EXPECT_NEAR(pair.angle_degrees.value(), 45, 1e-12) << scale;
  }
}

TEST(VectorPair, ZeroVectorHasCosineZeroAndNoAngle) {
  const VectorPair pair = compare_vectors(Doubles{0, 0}, Doubles{3, 4});
  EXPECT_EQ(pair.cosine, 0);
  EXPECT_FALSE(pair.angle_degrees.has_value());
  EXPECT_EQ(pair.euclidean, 5);
}

TEST(VectorPair, RefusesWhatCannotBeCompared) {
  EXPECT_THROW(compare_vectors(Doubles{1, 2}, Doubles{1, 2, 3}), Error);
  EXPECT_THROW(compare_vectors(Doubles{}, Doubles{}), Error);
  EXPECT_THROW(compare_vectors(Doubles{1, NAN}, Doubles{1, 2}), Error);
  EXPECT_THROW(compare_vectors(Doubles{1, 2}, Doubles{std::numeric_limits<double>::infinity(), 2}),
               Error);
}

}  // namespace
}  // namespace firth
