#include "firth/kernels/attention.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "firth/core/random.h"
#include "firth/kernels/cpu_levels_for_test.h"

namespace firth {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

// Sequences of the given lengths with q, k and v side by side, `shift` floats off alignment.
struct Batch {
  Batch(const std::vector<std::size_t>& lengths, std::size_t num_heads, std::size_t head_dim,
        float spread = 1.0F, std::size_t shift = 0) {
    offsets.push_back(0);
    for (const std::size_t n : lengths) offsets.push_back(offsets.back() + std::int64_t(n));
    const auto tokens = static_cast<std::size_t>(offsets.back());
    const std::size_t hidden = num_heads * head_dim;
    values.resize(tokens * 3 * hidden + shift);
    Random random(tokens * 31 + head_dim);
    for (float& x : values) x = random.normal() * spread;
    y = Tensor::zeros<float>(Shape{tokens, hidden});
    const float* x = values.data() + shift;
    input = {.q = x,
             .k = x + hidden,
             .v = x + 2 * hidden,
             .q_stride = 3 * hidden,
             .k_stride = 3 * hidden,
             .v_stride = 3 * hidden,
             .offsets = offsets,
             .num_heads = num_heads,
             .head_dim = head_dim,
             .scale = 1.0F / std::sqrt(static_cast<float>(head_dim))};
  }

  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;

  float& q(std::size_t token, std::size_t c) { return at(input.q, token, c); }

  float& k(std::size_t token, std::size_t c) { return at(input.k, token, c); }

  float& v(std::size_t token, std::size_t c) { return at(input.v, token, c); }

  View<float> run() {
    attention(input, y.view<float>(), scratch);
    return y.view<float>();
  }

  std::vector<float> values;
  std::vector<std::int64_t> offsets;
  Tensor y;
  AttentionInput input;
  Arena scratch;

 private:
  float& at(const float* base, std::size_t token, std::size_t c) {
    return values[static_cast<std::size_t>(base - values.data()) + token * input.q_stride + c];
  }
};

std::size_t kv_column(const AttentionInput& in, std::size_t head) {
  const std::size_t num_kv_heads = in.num_kv_heads == 0 ? in.num_heads : in.num_kv_heads;
  return head / (in.num_heads / num_kv_heads) * in.head_dim;
}

// The weights of one query in double precision.
std::vector<double> expected_weights(const AttentionInput& in, std::size_t first,
                                     std::size_t length, std::size_t query, std::size_t head) {
  const std::size_t column = head * in.head_dim;
  const std::size_t k_column = kv_column(in, head);
  std::vector<double> weights(length, -kInf);
  for (std::size_t key = 0; key < length; ++key) {
    if (query > key + std::min(in.left, length)) continue;
    if (key > query + std::min(in.right, length)) continue;
    double sum = 0.0;
    for (std::size_t c = 0; c < in.head_dim; ++c) {
      sum += double{in.q[(first + query) * in.q_stride + column + c]} *
             double{in.k[(first + key) * in.k_stride + k_column + c]};
    }
    weights[key] = sum * static_cast<double>(in.scale);
    if (!in.bias.empty()) weights[key] += double{in.bias(head, in.bias.cols() / 2 + query - key)};
  }
  const double max = *std::ranges::max_element(weights);
  double sum = 0.0;
  for (double& w : weights) sum += w = std::exp(w - max);
  for (double& w : weights) w /= sum;
  return weights;
}

void expect_matches_double(Batch& batch, double tolerance) {
  const AttentionInput& in = batch.input;
  const View<float> y = batch.run();
  for (std::size_t s = 0; s < in.num_sequences(); ++s) {
    const auto first = static_cast<std::size_t>(in.offsets[s]);
    const std::size_t length = static_cast<std::size_t>(in.offsets[s + 1]) - first;
    for (std::size_t head = 0; head < in.num_heads; ++head) {
      for (std::size_t query = 0; query < length; ++query) {
        const std::vector<double> weights = expected_weights(in, first, length, query, head);
        for (std::size_t c = 0; c < in.head_dim; ++c) {
          double want = 0.0;
          for (std::size_t key = 0; key < length; ++key) {
            want +=
                weights[key] * double{in.v[(first + key) * in.v_stride + kv_column(in, head) + c]};
          }
          ASSERT_NEAR(y(first + query, head * in.head_dim + c), want, tolerance)
              << "T = " << length << ", head_dim = " << in.head_dim << ", query " << query;
        }
      }
    }
  }
}

bool same_bits(std::span<const float> a, std::span<const float> b) {
  return std::memcmp(a.data(), b.data(), a.size_bytes()) == 0;
}

class AttentionTest : public CpuLevelTest {};

TEST_P(AttentionTest, EveryLengthAndHeadDimMatchesDoublePrecision) {
  std::vector<std::size_t> lengths;
  for (std::size_t n = 0; n <= 70; ++n) lengths.push_back(n);
  for (const std::size_t head_dim : {1, 2, 3, 5, 11, 12, 32, 64, 80, 96, 128}) {
    Batch batch(lengths, 1, head_dim);
    expect_matches_double(batch, 1e-5);
  }
}

TEST_P(AttentionTest, LongSequencesMatchDoublePrecision) {
  for (const std::size_t head_dim : {11, 32, 64}) {
    Batch batch({95, 96, 127, 128, 129, 255, 256, 257, 300}, 2, head_dim);
    expect_matches_double(batch, 1e-5);
  }
}

struct Sight {
  std::size_t left;
  std::size_t right;
};

constexpr std::size_t kAll = AttentionInput::kNoLimit;
constexpr Sight kSights[] = {{kAll, 0}, {0, kAll}, {0, 0},   {8, 8},   {1, 0},
                             {63, 0},   {64, 64},  {5, 200}, {200, 3}, {kAll, 31}};

TEST_P(AttentionTest, LimitedSightMatchesDoublePrecision) {
  for (const Sight sight : kSights) {
    Batch batch({1, 2, 15, 16, 17, 31, 32, 33, 64, 65, 127, 128, 129, 160, 290}, 1, 16);
    batch.input.left = sight.left;
    batch.input.right = sight.right;
    SCOPED_TRACE(std::to_string(sight.left) + ", " + std::to_string(sight.right));
    expect_matches_double(batch, 1e-5);
  }
}

TEST_P(AttentionTest, KeysOutOfSightMoveNoBit) {
  for (const Sight sight : kSights) {
    const auto sees = [&](std::size_t query, std::size_t key) {
      return (key > query || query - key <= sight.left) &&
             (key < query || key - query <= sight.right);
    };
    for (const std::size_t changed : {0, 40, 128, 250}) {
      Batch batch({290}, 1, 16);
      batch.input.left = sight.left;
      batch.input.right = sight.right;
      const std::vector<float> before(batch.run().span().begin(), batch.run().span().end());
      for (std::size_t c = 0; c < 16; ++c) batch.k(changed, c) = batch.v(changed, c) = 1e6F;
      const View<float> y = batch.run();
      for (std::size_t t = 0; t < 290; ++t) {
        const bool same = same_bits(y.row(t), std::span(before).subspan(t * 16, 16));
        ASSERT_TRUE(same || sees(t, changed)) << "query " << t << ", key " << changed;
      }
    }
  }
}

TEST_P(AttentionTest, ABiasByDistanceIsAdded) {
  for (const Sight sight : {Sight{kAll, kAll}, Sight{kAll, 0}, Sight{20, 7}}) {
    Batch batch({1, 17, 130, 200}, 3, 20);
    Random random(5);
    Tensor bias = Tensor::zeros<float>(Shape{3, 2 * 199 + 1});
    for (float& value : bias.view<float>().span())
      value = static_cast<float>(random.uniform()) * 4 - 2;
    batch.input.bias = std::as_const(bias).view<float>();
    batch.input.left = sight.left;
    batch.input.right = sight.right;
    expect_matches_double(batch, 1e-5);
  }
}

TEST_P(AttentionTest, AKeyHeadServesNeighbouringQueryHeads) {
  for (const std::size_t num_kv_heads : {1, 2, 3, 6}) {
    Batch batch({5, 140}, 6, 12);
    batch.input.num_kv_heads = num_kv_heads;
    expect_matches_double(batch, 1e-5);
  }
}

TEST_P(AttentionTest, ScoresFarApartMatchDoublePrecision) {
  Batch batch({40, 300}, 1, 32, 6.0F);  // scores of hundreds: nearly all weight on one key
  expect_matches_double(batch, 2e-3);
}

TEST_P(AttentionTest, MisalignedInputsGiveTheSameBits) {
  Batch aligned({33, 100}, 2, 20);
  for (const std::size_t shift : {1, 2, 3, 7}) {
    Batch moved({33, 100}, 2, 20, 1.0F, shift);
    std::copy_n(aligned.values.begin(), aligned.values.size(),
                moved.values.begin() + static_cast<std::ptrdiff_t>(shift));
    EXPECT_TRUE(same_bits(aligned.run().span(), moved.run().span()));
  }
}

TEST_P(AttentionTest, ASequenceHasTheSameBitsAloneAndInABatch) {
  const std::vector<std::size_t> lengths = {1, 30, 7, 130, 17, 300, 64};
  Batch batch(lengths, 3, 32);
  const View<float> together = batch.run();
  for (std::size_t s = 0; s < lengths.size(); ++s) {
    const auto first = static_cast<std::size_t>(batch.offsets[s]);
    Batch alone({lengths[s]}, 3, 32);
    std::copy_n(batch.values.begin() + std::ptrdiff_t(first * 3 * 96), alone.values.size(),
                alone.values.begin());
    EXPECT_TRUE(
        same_bits(alone.run().span(), together.slice_rows(first, first + lengths[s]).span()))
        << "sequence " << s;
  }
}

TEST_P(AttentionTest, OutputsMayLieOverQueries) {
  const std::vector<std::size_t> lengths = {5, 200};
  Batch batch(lengths, 2, 32);
  const View<float> want = batch.run();
  Tensor q = Tensor::zeros<float>(want.shape());
  for (std::size_t t = 0; t < want.rows(); ++t) {
    std::copy_n(batch.input.q + t * batch.input.q_stride, 64, q.view<float>().row(t).begin());
  }
  AttentionInput input = batch.input;
  input.q = q.view<float>().data();
  input.q_stride = 64;
  attention(input, q.view<float>(), batch.scratch);
  EXPECT_TRUE(same_bits(q.view<float>().span(), want.span()));
}

TEST_P(AttentionTest, OneTokenReturnsItsValueExactly) {
  Batch batch({1}, 1, 37);
  const View<float> y = batch.run();
  EXPECT_TRUE(same_bits(y.span(), {&batch.v(0, 0), 37}));
}

TEST_P(AttentionTest, ProbabilitiesMatchDoublePrecisionAndSumToOne) {
  for (const std::size_t length : {1, 5, 33, 150}) {
    Batch batch({3, length}, 2, 16);
    Tensor p = Tensor::zeros<float>(Shape{length, length});
    attention_probabilities(batch.input, 1, 1, p.view<float>(), batch.scratch);
    for (std::size_t query = 0; query < length; ++query) {
      const std::vector<double> want = expected_weights(batch.input, 3, length, query, 1);
      double sum = 0.0;
      for (std::size_t key = 0; key < length; ++key) {
        ASSERT_NEAR(p.view<float>()(query, key), want[key], 2e-6);
        sum += double{p.view<float>()(query, key)};
      }
      EXPECT_NEAR(sum, 1.0, 1e-5);
    }
  }
}

TEST_P(AttentionTest, ProbabilitiesOfKeysOutOfSightAreZero) {
  Batch batch({150}, 1, 16);
  batch.input.left = 40;
  batch.input.right = 0;
  Tensor p = Tensor::zeros<float>(Shape{150, 150});
  attention_probabilities(batch.input, 0, 0, p.view<float>(), batch.scratch);
  for (std::size_t query = 0; query < 150; ++query) {
    const std::vector<double> want = expected_weights(batch.input, 0, 150, query, 0);
    for (std::size_t key = 0; key < 150; ++key) {
      ASSERT_NEAR(p.view<float>()(query, key), want[key], 2e-6);
      if (key > query || query - key > 40) {
        ASSERT_EQ(p.view<float>()(query, key), 0.0F);
      }
    }
  }
}

TEST_P(AttentionTest, NaNStaysInItsSequenceAndQuery) {
  for (const float bad : {kNaN, kInf, -kInf}) {
    Batch batch({20, 150, 20}, 1, 16);
    const std::vector<float> clean(batch.run().span().begin(), batch.run().span().end());
    batch.q(25, 3) = bad;
    const View<float> y = batch.run();
    for (std::size_t t = 0; t < y.rows(); ++t) {
      if (t == 25) {
        EXPECT_TRUE(std::ranges::all_of(y.row(t), [](float x) { return std::isnan(x); }));
      } else {
        ASSERT_TRUE(same_bits(y.row(t), std::span(clean).subspan(t * 16, 16))) << t;
      }
    }
  }
}

TEST_P(AttentionTest, ANaNKeyOrValueReachesEveryQueryOfItsSequence) {
  for (const bool in_key : {false, true}) {
    Batch batch({20, 150}, 1, 16);
    (in_key ? batch.k(160, 2) : batch.v(160, 2)) = kNaN;
    const View<float> y = batch.run();
    for (std::size_t t = 0; t < y.rows(); ++t) EXPECT_EQ(std::isnan(y(t, 2)), t >= 20) << t;
  }
}

TEST_P(AttentionTest, KeysAtMinusInfinityWeighNothing) {
  // One component, all queries positive: a key of -inf has the score -inf.
  Batch batch({150}, 1, 1);
  for (std::size_t t = 0; t < 150; ++t) batch.q(t, 0) = 1.0F;
  for (std::size_t t = 0; t < 130; ++t) batch.k(t, 0) = -kInf;  // the whole first block of keys
  double sum = 0.0, weights = 0.0;
  for (std::size_t t = 130; t < 150; ++t) {
    const double weight = std::exp(double{batch.k(t, 0)});
    sum += weight * double{batch.v(t, 0)};
    weights += weight;
  }
  EXPECT_NEAR(batch.run()(7, 0), sum / weights, 1e-5);
}

TEST_P(AttentionTest, DenormalsAndZerosGiveTheMeanOfTheValues) {
  Batch batch({50}, 1, 8);
  double mean = 0.0;
  for (std::size_t t = 0; t < 50; ++t) {
    for (std::size_t c = 0; c < 8; ++c) batch.q(t, c) = batch.k(t, c) = 1e-41F;
    mean += double{batch.v(t, 5)} / 50.0;
  }
  EXPECT_NEAR(batch.run()(49, 5), mean, 1e-6);
}

FIRTH_INSTANTIATE_CPU_LEVELS(AttentionTest);

}  // namespace
}  // namespace firth
