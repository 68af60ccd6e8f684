// all-MiniLM-L6-v2 as it is published, against vectors that PyTorch computed in f32. Skipped where
// the model or the vectors are not at hand.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "firth/embed/open_embedder.h"
#include "firth/io/json.h"
#include "firth/io/npy.h"

namespace firth {
namespace {

std::string model_folder() {
  const char* given = std::getenv("FIRTH_MINILM");
  return given != nullptr ? given : FIRTH_SOURCE_DIR "/models/all-MiniLM-L6-v2";
}

double relative_difference(std::span<const float> a, std::span<const float> b) {
  double difference = 0;
  double norm = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference += (static_cast<double>(a[i]) - b[i]) * (static_cast<double>(a[i]) - b[i]);
    norm += static_cast<double>(b[i]) * b[i];
  }
  return std::sqrt(difference / norm);
}

class MiniLm : public ::testing::TestWithParam<const char*> {};

TEST_P(MiniLm, VectorsOfRealTextsEqualTheReference) {
  const std::string set = GetParam();
  const std::string data = FIRTH_SOURCE_DIR "/../shared/encoders/";
  const std::string reference = data + "minilm_ref_" + set + ".npy";
  if (!std::filesystem::exists(model_folder() + "/model.safetensors"))
    GTEST_SKIP() << "all-MiniLM-L6-v2 is not at hand; FIRTH_MINILM names its folder";
  if (!std::filesystem::exists(reference)) GTEST_SKIP() << "the reference vectors are not at hand";
  const JsonDocument document = JsonDocument::read(data + "texts.json");
  constexpr std::size_t kMostTexts = 100;  // keeps the test short
  std::vector<std::string_view> texts;
  for (const Json& text : document.root().at("sets").at(set).elements())
    if (texts.size() < kMostTexts) texts.push_back(text.as_string());

  ThreadPool pool;
  Workspace workspace(pool);
  const auto embedder = open_embedder(model_folder(), {}, &pool);
  EXPECT_EQ(embedder->description().max_length, 256);
  const Vectors vectors = embedder->embed(std::span(std::as_const(texts)), {}, workspace);
  const NpyFile expected = NpyFile::open(reference);
  const auto rows = expected.values().view<float>();
  double worst = 0;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    worst = std::max(worst, relative_difference(vectors.values.view<float>().row(i), rows.row(i)));
  }
  EXPECT_LE(worst, 1e-5);
}

INSTANTIATE_TEST_SUITE_P(Sets, MiniLm, ::testing::Values("mix", "p128"));

}  // namespace
}  // namespace firth
