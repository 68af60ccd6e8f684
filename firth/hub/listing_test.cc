#include "firth/hub/listing.h"

#include <gtest/gtest.h>

#include "firth/hub/safe_files.h"
#include "firth/io/test_folder.h"

namespace firth {
namespace {

std::vector<std::string> paths(const std::vector<ListedFile>& files) {
  std::vector<std::string> out;
  out.reserve(files.size());
  for (const ListedFile& file : files) out.push_back(file.path);
  return out;
}

std::vector<ListedFile> files(const std::vector<std::string>& names) {
  std::vector<ListedFile> out;
  out.reserve(names.size());
  for (const std::string& name : names) out.push_back({.path = name});
  return out;
}

TEST(Listing, SafeFilesAreThoseOfAModelAndNothingThatRuns) {
  for (const char* name :
       {"config.json", "tokenizer.json", "sentence_bert_config.json", "model.safetensors",
        "model-00001-of-00012.safetensors", "model.safetensors.index.json", "spiece.model",
        "sentencepiece.bpe.model", "o200k_base.tiktoken", "README.md", "LICENSE", "vocab.txt"}) {
    EXPECT_TRUE(is_safe_model_file(name)) << name;
  }
  for (const char* name : {"",
                           "pytorch_model.bin",
                           "modeling.py",
                           "config.json.py",
                           "Config.json",
                           "CONFIG.JSON",
                           "model.safetensors.py",
                           "model-1-of-2.safetensors",
                           "model-00001-of-00002.safetensors.exe",
                           "sentence__config.json.sh",
                           "sentence_config.json",
                           ".model",
                           ".tiktoken",
                           "model.pkl",
                           "model.pt",
                           "x.ckpt",
                           "tf_model.h5",
                           "flax_model.msgpack",
                           "model.onnx",
                           "config.json "}) {
    EXPECT_FALSE(is_safe_model_file(name)) << name;
  }
}

TEST(Listing, ModulesAreTakenFromTheFoldersThatModulesJsonNames) {
  const auto listed = files({"config.json", "1_Pooling/config.json", "1_Pooling/deep/config.json",
                             "1_PoolingX/config.json", "onnx/config.json", "1_Pooling/x.py"});
  EXPECT_EQ(paths(choose_files(listed, {"1_Pooling"})),
            (std::vector<std::string>{"config.json", "1_Pooling/config.json",
                                      "1_Pooling/deep/config.json"}));
  EXPECT_EQ(paths(choose_files(listed, {})), (std::vector<std::string>{"config.json"}));
}

TEST(Listing, ShardsAreLeftOutOnlyWhereWholeWeightsLieBesideThem) {
  const auto listed = files({"model.safetensors", "model-00001-of-00001.safetensors",
                             "model.safetensors.index.json", "m/model-00001-of-00001.safetensors"});
  EXPECT_EQ(paths(choose_files(listed, {"m"})),
            (std::vector<std::string>{"model.safetensors", "m/model-00001-of-00001.safetensors"}));
}

TEST(Listing, TreeGivesSizesAndTheHashOfLargeFiles) {
  std::vector<ListedFile> found;
  const std::string hash(64, 'a');
  parse_tree_answer(R"([{"type":"directory","path":"d"},
      {"type":"file","path":"config.json","size":12,"oid":"x"},
      {"type":"file","path":"model.safetensors","size":134,"lfs":{"oid":")" +
                        hash + R"(","size":1000,"pointerSize":134}}])",
                    "tree", found);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].size, 12U);
  EXPECT_EQ(found[0].sha256, "");
  EXPECT_EQ(found[1].size, 1000U);
  EXPECT_EQ(found[1].sha256, hash);
}

TEST(Listing, NamesThatClashAreErrorsThatNameBoth) {
  const std::string message = error_of([] {
    check_clashes(files({"a.model", "b.model", "A.model"}), "org/x");
  });
  EXPECT_EQ(message,
            "org/x: expected names that differ in more than case, found 'a.model' and "
            "'A.model'");
  EXPECT_EQ(error_of([] { check_clashes(files({"a.model", "b.model"}), "org/x"); }), "no error");
}

TEST(Listing, ModuleFolders) {
  const TestFolder folder;
  const std::string path = folder.write(
      "modules.json", R"([{"path":""},{"path":"1_Pooling"},{"path":"2_Dense/"},{"path":"."}])");
  EXPECT_EQ(module_folders_of(path, "m"), (std::vector<std::string>{"1_Pooling", "2_Dense"}));
}

}  // namespace
}  // namespace firth
