// fastText's own numbers: reference models with what its program makes of them lie in
// ../shared/fixtures/classical/fasttext, and its tests are skipped where that is not.
#include "firth/words/fasttext_model.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "firth/core/error.h"
#include "firth/io/file.h"
#include "firth/io/json.h"
#include "firth/io/safetensors.h"
#include "firth/io/test_folder.h"
#include "firth/kernels/vector.h"

namespace firth {
namespace {

std::string shared_folder() {
  for (const char* up : {"/../shared", "/../../shared"}) {
    const std::string folder = std::string(FIRTH_SOURCE_DIR) + up + "/fixtures/classical/fasttext";
    if (std::filesystem::is_directory(folder)) return folder;
  }
  return "";
}

class SharedFastText : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = shared_folder();
    if (folder_.empty()) GTEST_SKIP() << "../shared/fixtures is not here";
    json_.emplace(JsonDocument::read(folder_ + "/expected.json"));
    tensors_.emplace(SafetensorsFile::open(folder_ + "/expected.safetensors"));
  }

  Tensor tensor(const std::string& name) const { return Tensor::from(tensors_->tensor(name)); }

  std::string folder_;
  std::optional<JsonDocument> json_;
  std::optional<SafetensorsFile> tensors_;
};

float largest_difference(std::span<const float> a, std::span<const float> b) {
  float largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
  return largest;
}

TEST_F(SharedFastText, WordsAndSentencesHaveItsVectors) {
  for (const std::string name : {"skipgram", "cbow-words-only"}) {
    const auto model = FastTextModel::open(folder_ + "/" + name + ".bin");
    const Json about = json_->root().at(name);
    const Tensor vectors = tensor(name + ".vectors"), sentences = tensor(name + ".sentences");
    std::vector<float> vector(model->dimension());
    std::size_t row = 0;
    for (const Json& word : about.at("probe").elements()) {
      model->word_vector(word.as_string(), vector);
      EXPECT_LT(largest_difference(vector, vectors.view<float>().row(row++)), 1e-5F)
          << word.as_string();
    }
    row = 0;
    for (const Json& sentence : about.at("sentences").elements()) {
      model->text_vector(sentence.as_string(), vector);
      EXPECT_LT(largest_difference(vector, sentences.view<float>().row(row++)), 1e-5F);
    }
    const Tensor all = tensor(name + ".all");
    for (std::size_t i = 0; i < model->words().size(); ++i) {
      model->word_vector(model->words()[i], vector);
      ASSERT_LT(largest_difference(vector, all.view<float>().row(i)), 1e-5F);
    }
  }
}

TEST_F(SharedFastText, SubwordsAreItsOwn) {
  for (const std::string name :
       {"skipgram", "cbow-words-only", "supervised-softmax.bin", "supervised-softmax.ftz"}) {
    const std::string file = name.find('.') == std::string::npos ? name + ".bin" : name;
    const auto model = FastTextModel::open(folder_ + "/" + file);
    for (const auto& [word, expected] : json_->root().at(name).at("subwords").fields()) {
      std::vector<std::uint32_t> rows;
      std::vector<std::string> pieces;
      model->word_rows(word, rows, &pieces);
      const auto want = expected.elements();
      ASSERT_EQ(rows.size(), want[1].size()) << word;
      // Of a model that was cut its program lists pieces too that have no row any more.
      const bool whole = want[0].size() == want[1].size();
      for (std::size_t i = 0; i < rows.size(); ++i) {
        EXPECT_EQ(rows[i], want[1].elements()[i].as_uint());
        if (!whole) continue;
        EXPECT_EQ(pieces[i], want[0].elements()[i].as_string());
      }
    }
  }
}

TEST_F(SharedFastText, LabelsHaveItsProbabilities) {
  for (const std::string name : {"supervised-softmax.bin", "supervised-softmax.ftz",
                                 "supervised-ova.bin", "supervised-ova.ftz"}) {
    const auto model = FastTextModel::open(folder_ + "/" + name);
    const Json about = json_->root().at(name);
    const float tolerance = name.ends_with(".ftz") ? 1e-3F : 1e-4F;
    const auto texts = about.at("texts").elements();
    const auto predictions = about.at("predictions").elements();
    const Tensor sentences = tensor(name + ".sentences");
    std::vector<float> vector(model->dimension());
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const auto want = predictions[i].elements();
      const auto found = model->predict(texts[i].as_string(), want.size());
      ASSERT_EQ(found.size(), want.size());
      for (std::size_t j = 0; j < want.size(); ++j) {
        const float probability = static_cast<float>(want[j].elements()[1].as_double());
        EXPECT_NEAR(found[j].probability, probability, tolerance) << name << i;
        if (probability < 0.01F) continue;
        EXPECT_EQ(model->labels()[found[j].label], want[j].elements()[0].as_string());
      }
      model->text_vector(texts[i].as_string(), vector);
      EXPECT_LT(largest_difference(vector, sentences.view<float>().row(i)), tolerance);
    }
  }
}

TEST_F(SharedFastText, AFileWrittenIsTheFileRead) {
  const TestFolder out;
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
    const std::string ending = entry.path().extension();
    if (ending != ".bin" && ending != ".ftz") continue;
    const std::string copy = out.path("copy" + ending);
    FastTextModel::open(entry.path())->write(copy);
    EXPECT_EQ(read_file(copy).size(), read_file(entry.path()).size());
    const auto first = FastTextModel::open(entry.path()), second = FastTextModel::open(copy);
    std::vector<float> a(first->dimension()), b(a);
    for (const char* text : {"the minister said", "neverseen wörd", "日本"}) {
      first->text_vector(text, a);
      second->text_vector(text, b);
      EXPECT_EQ(a, b);
    }
    if (ending != ".bin") continue;  // kept buckets may stand in another order
    EXPECT_EQ(read_file(copy), read_file(entry.path()));
  }
}

// Two kept buckets of the same name would leave one place for two rows.
TEST(FastText, RefusesABucketThatIsKeptTwice) {
  FastTextParts parts;
  parts.args.dim = 1;
  parts.args.bucket = 100;
  const std::vector<std::string_view> words = {"word"};
  parts.words = WordList::copy_of(words);
  parts.word_counts = {1};
  parts.kept_buckets = {{0x05050505, 0}, {0x06060606, 1}};
  const auto matrix = [](std::size_t rows) {
    const auto values = std::make_shared<std::vector<float>>(rows, 1.0F);
    return FastTextMatrix(reinterpret_cast<const std::byte*>(values->data()), rows, 1, values);
  };
  parts.input = matrix(3);
  parts.output = matrix(1);
  const TestFolder folder;
  const std::string path = folder.path("m.bin");
  FastTextModel(std::move(parts)).write(path);
  EXPECT_EQ(FastTextModel::open(path)->words().size(), 1);
  std::string bytes = read_file(path);
  bytes.replace(bytes.find("\x06\x06\x06\x06"), 4, "\x05\x05\x05\x05");
  try {
    FastTextModel::open(folder.write("twice.bin", bytes));
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("expected each bucket once"), std::string::npos);
  }
}

}  // namespace
}  // namespace firth
