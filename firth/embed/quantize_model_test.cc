// A quantised folder from writing to reading, and folders that lie.
#include "firth/embed/quantize_model.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <functional>
#include <limits>

#include "firth/core/error.h"
#include "firth/embed/inspect.h"
#include "firth/embed/open_embedder.h"
#include "firth/embed/quantization_texts.h"
#include "firth/io/safetensors.h"
#include "firth/io/safetensors_writer.h"
#include "firth/models/model_fixture_for_test.h"

namespace firth {
namespace {

namespace fs = std::filesystem;

Tensor vectors(const fs::path& folder, std::span<const std::string_view> texts,
               PrecisionChoice precision, std::size_t threads = 1) {
  ThreadPool pool(threads);
  Workspace workspace(pool);
  return open_embedder(folder, {.precision = precision})->embed(texts, {}, workspace).values;
}

QuantizeReport quantize(const std::string& name, const fs::path& out, bool careful) {
  ThreadPool pool(2);
  Workspace workspace(pool);
  const std::string folder = std::string(FIRTH_SOURCE_DIR) + "/tests/fixtures/models/" + name;
  return quantize_model(folder, out, {.careful = careful, .texts = {}}, workspace);
}

double least_cosine(const Tensor& a, const Tensor& b) {
  double least = 1;
  for (std::size_t i = 0; i < a.shape()[0]; ++i) {
    double ab = 0, aa = 0, bb = 0;
    for (std::size_t j = 0; j < a.shape()[1]; ++j) {
      const double x = a.view<float>()(i, j), y = b.view<float>()(i, j);
      ab += x * y, aa += x * x, bb += y * y;
    }
    least = std::min(least, ab / std::sqrt(aa * bb));
  }
  return least;
}

std::string error_of(const std::function<void()>& body) {
  try {
    body();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

class QuantizeModel : public testing::TestWithParam<const char*> {};

// Models of several families: weights side by side, fused in one tensor, and transposed.
TEST_P(QuantizeModel, WritesAFolderWhoseVectorsAreThoseOfF32) {
  const TestFolder folder;
  const fs::path out = fs::path(folder.path()) / "int8";
  const QuantizeReport report = quantize(GetParam(), out, /*careful=*/true);
  EXPECT_GE(report.certificate.cosine_mean, kCarefulInt8Bars.mean);
  EXPECT_LT(report.bytes_after, report.bytes_before);
  EXPECT_FALSE(report.layers.empty());
  const auto texts = quantization_texts();
  const fs::path from = fs::path(FIRTH_SOURCE_DIR) / "tests/fixtures/models" / GetParam();
  const Tensor exact = vectors(from, texts, PrecisionChoice::kF32);
  EXPECT_GT(least_cosine(exact, vectors(out, texts, PrecisionChoice::kAsStored)), 0.995);
}

INSTANTIATE_TEST_SUITE_P(Families, QuantizeModel,
                         testing::Values("bert", "sentence-transformer", "gpt2", "modernbert",
                                         "distilbert"));

class QuantizedFolder : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    shared_folder = std::make_unique<TestFolder>();
    shared_report = quantize("sentence-transformer", original(), false);
  }

  static void TearDownTestSuite() { shared_folder.reset(); }

  static fs::path original() { return fs::path(shared_folder->path()) / "int8"; }

  // A copy whose weights went through `change`: name of a tensor -> another tensor, or none.
  using Change = std::function<bool(const std::string& name, SafetensorsWriter& writer)>;

  fs::path changed(const Change& change, const std::string& certificate = "") {
    fs::path out = fs::path(folder_.path()) / "changed";
    fs::copy(original(), out, fs::copy_options::recursive);
    const fs::path weights = find_weights(original());
    const SafetensorsFile file = SafetensorsFile::open(weights.string());
    SafetensorsWriter writer((out / fs::relative(weights, original())).string());
    for (const auto& [key, value] : file.metadata())
      writer.set_metadata(key,
                          key == kInt8Certificate && !certificate.empty() ? certificate : value);
    for (const std::string& name : file.names()) {
      if (!change(name, writer)) writer.add(name, file.tensor(name));
    }
    writer.commit();
    return out;
  }

  static fs::path find_weights(const fs::path& folder) {
    if (fs::exists(folder / "model.safetensors")) return folder / "model.safetensors";
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      const bool first = entry.path().parent_path().filename().string().starts_with("0_");
      if (first && entry.path().filename() == "model.safetensors") return entry.path();
    }
    throw std::runtime_error("no weights");
  }

  // The error of opening a copy in which one tensor is another.
  std::string error_with(const std::string& ending, const Tensor& other) {
    bool met = false;
    const fs::path out = changed([&](const std::string& name, SafetensorsWriter& writer) {
      if (met || !name.ends_with(ending)) return false;
      writer.add(name, other.any());
      return met = true;
    });
    EXPECT_TRUE(met) << ending;
    return error_of([&] { open_embedder(out); });
  }

  static inline std::unique_ptr<TestFolder> shared_folder;
  static inline QuantizeReport shared_report;
  TestFolder folder_;
};

TEST_F(QuantizedFolder, IsOpenedInInt8UnlessFloatsAreAskedFor) {
  EXPECT_EQ(open_embedder(original())->description().precision, "int8");
  EXPECT_EQ(
      open_embedder(original(), {.precision = PrecisionChoice::kAuto})->description().precision,
      "int8");
  const std::string error =
      error_of([] { open_embedder(original(), {.precision = PrecisionChoice::kF32}); });
  EXPECT_NE(error.find("expected weights in floats, found int8"), std::string::npos) << error;
}

TEST_F(QuantizedFolder, HasVectorsOfTheSameBitsAloneInABatchAndOnThreads) {
  const auto texts = quantization_texts();
  const Tensor all = vectors(original(), texts, PrecisionChoice::kInt8, 2);
  for (std::size_t i = 0; i < texts.size(); i += 9) {
    const Tensor alone = vectors(original(), texts.subspan(i, 1), PrecisionChoice::kInt8);
    EXPECT_EQ(
        std::memcmp(alone.bytes().data(), all.view<float>().row(i).data(), alone.bytes().size()), 0)
        << texts[i];
  }
}

TEST_F(QuantizedFolder, IsASpaceOfItsOwn) {
  const std::string from =
      std::string(FIRTH_SOURCE_DIR) + "/tests/fixtures/models/sentence-transformer";
  const std::string f32 = open_embedder(from, {.precision = PrecisionChoice::kF32})->identity();
  const std::string bf16 = open_embedder(from, {.precision = PrecisionChoice::kBF16})->identity();
  const std::string int8 = open_embedder(from, {.precision = PrecisionChoice::kInt8})->identity();
  const std::string quantized = open_embedder(original())->identity();
  const std::set<std::string> all = {f32, bf16, int8, quantized};
  EXPECT_EQ(all.size(), 4u);
  EXPECT_EQ(shared_report.certificate.made_from, f32);
}

TEST_F(QuantizedFolder, ShowsItsCertificate) {
  const PathDescription description = describe_path(original());
  EXPECT_EQ(description.problem, "");
  const auto has = [&](std::string_view name) {
    return std::ranges::any_of(description.fields,
                               [&](const DescriptionField& f) { return f.name == name; });
  };
  EXPECT_TRUE(has("certified_cosine_min"));
  EXPECT_TRUE(has("worst_layer"));
}

TEST_F(QuantizedFolder, IsTheSameFileEveryTime) {
  const fs::path again = fs::path(folder_.path()) / "again";
  quantize("sentence-transformer", again, false);
  const auto bytes = [](const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  EXPECT_EQ(bytes(find_weights(original())), bytes(find_weights(again)));
}

TEST_F(QuantizedFolder, RefusesLyingTensors) {
  Tensor nan(DType::kF32, Shape{1, 1});
  nan.view<float>()(0, 0) = std::numeric_limits<float>::quiet_NaN();
  const SafetensorsFile file = SafetensorsFile::open(find_weights(original()).string());
  for (const std::string& name : file.names()) {
    if (!name.ends_with(".weight.scales")) continue;
    Tensor scales = Tensor::from(file.tensor(name));
    scales.view<float>().data()[0] = -1;
    EXPECT_NE(error_with(".weight.scales", scales).find("expected finite numbers from 0"),
              std::string::npos);
    scales.view<float>().data()[0] = std::numeric_limits<float>::infinity();
    fs::remove_all(fs::path(folder_.path()) / "changed");
    EXPECT_NE(error_with(".weight.scales", scales).find("expected finite numbers from 0"),
              std::string::npos);
    break;
  }
  fs::remove_all(fs::path(folder_.path()) / "changed");
  EXPECT_NE(error_with(".weight.scales", nan).find("expected shape"), std::string::npos);
  fs::remove_all(fs::path(folder_.path()) / "changed");
  EXPECT_NE(error_with(".weight.int8", Tensor(DType::kI8, Shape{3, 3})).find("expected shape"),
            std::string::npos);
  fs::remove_all(fs::path(folder_.path()) / "changed");
  EXPECT_NE(
      error_with(".weight.input_scales", Tensor(DType::kF32, Shape{7})).find("expected shape"),
      std::string::npos);
}

TEST_F(QuantizedFolder, RefusesZeroAsAnInputScaleAndFloatsInPlaceOfInt8) {
  const SafetensorsFile file = SafetensorsFile::open(find_weights(original()).string());
  for (const std::string& name : file.names()) {
    if (!name.ends_with(".weight.input_scales")) continue;
    const Tensor zeros(DType::kF32, file.tensor(name).shape());
    EXPECT_NE(error_with(".weight.input_scales", zeros).find("expected finite numbers above 0"),
              std::string::npos);
    break;
  }
  fs::remove_all(fs::path(folder_.path()) / "changed");
  for (const std::string& name : file.names()) {
    if (!name.ends_with(".weight.int8")) continue;
    const Tensor floats(DType::kF32, file.tensor(name).shape());
    EXPECT_NE(error_with(".weight.int8", floats).find("expected I8, found F32"), std::string::npos);
    break;
  }
}

TEST_F(QuantizedFolder, RefusesPartsOfALayerWithOtherInputScales) {
  Tensor other(DType::kF32, Shape{0});
  bool met = false;
  const fs::path out = changed([&](const std::string& name, SafetensorsWriter& writer) {
    if (!name.ends_with("key.weight.input_scales")) return false;
    const SafetensorsFile file = SafetensorsFile::open(find_weights(original()).string());
    Tensor scales = Tensor::from(file.tensor(name));
    scales.view<float>().data()[0] *= 2;
    writer.add(name, scales.any());
    return met = true;
  });
  ASSERT_TRUE(met);
  EXPECT_NE(error_of([&] { open_embedder(out); }).find("which meets the same input"),
            std::string::npos);
}

TEST_F(QuantizedFolder, RefusesAMissingTensorAndBadCertificates) {
  const auto nothing = [](const std::string&, SafetensorsWriter&) { return false; };
  fs::path out = changed([](const std::string& name, SafetensorsWriter&) {
    return name.ends_with("query.weight.scales");
  });
  EXPECT_NE(error_of([&] { open_embedder(out); }).find("query.weight.scales"), std::string::npos);
  for (const auto& [certificate, message] : std::vector<std::pair<std::string, std::string>>{
           {"{}", "format_version"},
           {"not json", "firth.int8"},
           {R"({"format_version": 2})", "a newer firth wrote it"},
           {R"({"format_version": 1, "scales": "columns"})",
            "expected 'rows' or 'blocks of 32'"}}) {
    fs::remove_all(out);
    out = changed(nothing, certificate);
    const std::string error = error_of([&] { open_embedder(out); });
    EXPECT_NE(error.find(message), std::string::npos) << error;
  }
}

TEST(QuantizeModelErrors, LeaveNothingBehind) {
  const TestFolder folder;
  const fs::path out = fs::path(folder.path()) / "out";
  fs::create_directory(out);
  EXPECT_NE(error_of([&] { quantize("bert", out, false); }).find("expected nothing there"),
            std::string::npos);
  fs::remove(out);
  EXPECT_NE(error_of([&] { quantize("no-such-model", out, false); }), "");
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

TEST(QuantizeModelErrors, NameTheLayerThatDriftsAndWhatToDo) {
  const TestFolder folder;
  const fs::path out = fs::path(folder.path()) / "out";
  const std::string from = std::string(FIRTH_SOURCE_DIR) + "/tests/fixtures/models/bert";
  ThreadPool pool(1);
  Workspace workspace(pool);
  for (const bool careful : {false, true}) {
    const QuantizeModelOptions options{.careful = careful, .bars = CosineBars{1, 1}};
    const std::string error = error_of([&] { quantize_model(from, out, options, workspace); });
    EXPECT_NE(error.find("the layer that drifts most is 'bert.encoder.layer."), std::string::npos)
        << error;
    EXPECT_NE(error.find(careful ? "take --precision bf16 or f32" : "--careful may do"),
              std::string::npos)
        << error;
    EXPECT_TRUE(fs::is_empty(folder.path()));
  }
}

}  // namespace
}  // namespace firth
