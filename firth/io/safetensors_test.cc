#include "firth/io/safetensors.h"

#include <gtest/gtest.h>

#include <fstream>

#include "firth/core/error.h"
#include "firth/io/test_folder.h"

namespace firth {
namespace {

std::string with_header(const std::string& header, std::size_t data_bytes,
                        std::optional<std::uint64_t> length = std::nullopt) {
  std::string file;
  std::uint64_t n = length.value_or(header.size());
  for (int i = 0; i < 8; ++i, n >>= 8) file += static_cast<char>(n & 255);
  return file + header + std::string(data_bytes, '\1');
}

std::string open_error(const std::string& path) {
  try {
    Checkpoint::open(path);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Safetensors, ReadsWhatTheHeaderSays) {
  const TestFolder folder;
  const std::string path = folder.write(
      "model.safetensors",
      with_header(
          R"({"__metadata__":{"format":"pt"},"b":{"dtype":"U8","shape":[3],"data_offsets":)"
          R"([8,11]},"a":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},"none":{"dtype")"
          R"(:"F16","shape":[0,4],"data_offsets":[8,8]},"c":{"dtype":"F64","shape":[],)"
          R"("data_offsets":[11,19]}}  )",
          19));
  const SafetensorsFile file = SafetensorsFile::open(path);
  EXPECT_EQ(file.names(), (std::vector<std::string>{"a", "none", "b", "c"}));
  EXPECT_EQ(file.metadata().at("format"), "pt");
  EXPECT_EQ(file.tensor("a").shape(), (Shape{2, 1}));
  EXPECT_EQ(file.tensor("a").dtype(), DType::kF32);
  EXPECT_EQ(file.tensor("none").bytes().size(), 0U);
  EXPECT_EQ(file.info("c").dtype, "F64");
  EXPECT_THROW(file.tensor("c"), Error);
  EXPECT_FALSE(file.has("d"));
  const Checkpoint checkpoint = Checkpoint::open(folder.path());
  EXPECT_EQ(checkpoint.tensor("b").bytes().size(), 3U);
  EXPECT_THROW(checkpoint.tensor("b", Shape{4}), Error);
}

TEST(Safetensors, RefusesLyingHeaders) {
  struct Case {
    std::string file;
    std::string message;
  };

  const auto tensor = [](const std::string& fields, std::size_t data) {
    return with_header("{\"a\":{" + fields + "}}", data);
  };
  const std::vector<Case> cases = {
      {"", "expected a safetensors file, found 0 bytes"},
      {"1234567", "found 7 bytes"},
      {with_header("{}", 0, 3), "found a length of 3"},
      {with_header("{}", 0, 100'000'001), "found a length of 100000001"},
      {with_header("{}", 0, ~std::uint64_t{0}), "found a length of 18446744073709551615"},
      {with_header("", 0), "starts with '{'"},
      {with_header(" {}", 0), "starts with '{'"},
      {with_header("[]", 0), "starts with '{'"},
      {with_header("{", 0), "expected JSON, found"},
      {with_header("{}", 1), "expected the file to end after 10 bytes, found 11"},
      {with_header(R"({"a":1})", 0), "field 'a': expected an object, found 1"},
      {with_header(R"({"__metadata__":{"a":1}})", 0), "expected a string, found 1"},
      {with_header(R"({"__metadata__":{"a":"\ud800"}})", 0), "expected JSON, found"},
      {tensor(R"("shape":[],"data_offsets":[0,4])", 4), "expected a field 'dtype'"},
      {tensor(R"("dtype":"F32","data_offsets":[0,4])", 4), "expected a field 'shape'"},
      {tensor(R"("dtype":"F32","shape":[1])", 4), "expected a field 'data_offsets'"},
      {tensor(R"("dtype":"F31","shape":[1],"data_offsets":[0,4])", 4), "unknown dtype 'F31'"},
      {tensor(R"("dtype":"F32","shape":[-1],"data_offsets":[0,4])", 4), "a whole number"},
      {tensor(R"("dtype":"F32","shape":[1.0],"data_offsets":[0,4])", 4), "a whole number"},
      {tensor(R"("dtype":"F32","shape":[1],"data_offsets":[0,4,8])", 4), "expected two numbers"},
      {tensor(R"("dtype":"F32","shape":[1],"data_offsets":[4,0])", 4), "found [4, 0]"},
      {tensor(R"("dtype":"F32","shape":[2],"data_offsets":[0,8])", 4), "the 4 bytes of data"},
      {tensor(R"("dtype":"F32","shape":[2],"data_offsets":[0,4])", 4), "expected 8 bytes"},
      {tensor(R"("dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0])", 0),
       "no whole number of bytes"},
      {tensor(R"("dtype":"F4","shape":[1],"data_offsets":[0,1])", 1), "no whole number of bytes"},
      {tensor(R"("dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1)", 4), "unknown field 'x'"},
      {tensor(R"("dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4])", 4), "twice"},
      {tensor(R"("dtype":"F32","shape":[1],"data_offsets":[4,8])", 8), "bytes of no tensor"},
      {with_header(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},)"
                   R"("b":{"dtype":"U8","shape":[4],"data_offsets":[2,6]}})",
                   6),
       "tensor 'b': expected its data at offset 4, found 2 (it overlaps"},
      {with_header(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
                   R"("a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})",
                   2),
       "expected the name 'a' once"},
      {std::string("PK\x03\x04 and so on"), "torch.load("},
      {std::string("\x80\x02}q\0(X\x01", 8) + "x", "torch.load("},
  };
  const TestFolder folder;
  for (const Case& c : cases) {
    const std::string path = folder.write("x.safetensors", c.file);
    const std::string error = open_error(path);
    EXPECT_TRUE(error.starts_with(path + ":")) << error;
    EXPECT_NE(error.find(c.message), std::string::npos) << error << "\nwanted: " << c.message;
    EXPECT_EQ(error.find('\n'), std::string::npos) << error;
  }
}

std::string one_tensor(const std::string& name) {
  return with_header("{\"" + name + R"(":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}})", 4);
}

TEST(Checkpoint, ReadsShards) {
  const TestFolder folder;
  folder.write("s-1.safetensors", one_tensor("a"));
  folder.write("s-2.safetensors", one_tensor("b"));
  const std::string index = folder.write(
      "model.safetensors.index.json",
      R"({"metadata":{"total_size":8},"weight_map":{"a":"s-1.safetensors","b":"s-2.safetensors"}})");
  for (const std::string& path : {folder.path(), index}) {
    const Checkpoint checkpoint = Checkpoint::open(path);
    EXPECT_EQ(checkpoint.names(), (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(checkpoint.files().size(), 2U);
    EXPECT_EQ(checkpoint.tensor("b").bytes().size(), 4U);
    try {
      checkpoint.tensor("bert.b");
      FAIL();
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kNotFound);
      EXPECT_NE(std::string(error.what()).find("near it: 'b'"), std::string::npos) << error.what();
    }
  }
}

TEST(Checkpoint, RefusesShardsOutsideTheFolder) {
  const TestFolder outside;
  outside.write("secret", one_tensor("a"));
  const TestFolder folder;
  folder.link("link.safetensors", outside.path() + "/secret");
  folder.write("empty.safetensors", "");
  for (const auto& [shard, message] : std::vector<std::pair<std::string, std::string>>{
           {"../x.safetensors", "expected the name of a file beside the index"},
           {"/etc/passwd", "expected the name of a file beside the index"},
           {"..", "expected the name of a file inside this folder"},
           {"", "expected the name of a file inside this folder"},
           {"link.safetensors", "found a link to"},
           {"empty.safetensors", "found 0 bytes"},
           {"none.safetensors",
            "expected a file, found none of that name; the folder holds 'empty.safetensors'"}}) {
    folder.write("model.safetensors.index.json", R"({"weight_map":{"a":")" + shard + "\"}}");
    const std::string error = open_error(folder.path());
    EXPECT_NE(error.find(message), std::string::npos) << error;
  }
}

TEST(Checkpoint, FollowsLinksOfTheHubCache) {
  const TestFolder cache;
  cache.write("models--a--b/blobs/0123", one_tensor("a"));
  cache.link("models--a--b/snapshots/main/model.safetensors", "../../blobs/0123");
  const std::string snapshot = cache.path() + "/models--a--b/snapshots/main";
  EXPECT_NE(open_error(snapshot).find("found a link to"), std::string::npos);
  const ScopedEnvironment hub("HF_HUB_CACHE", cache.path());
  EXPECT_EQ(Checkpoint::open(snapshot).names(), std::vector<std::string>{"a"});
}

TEST(Checkpoint, RefusesPickleWithTheLineThatConverts) {
  const TestFolder folder;
  folder.write("pytorch_model.bin", "PK\x03\x04");
  const std::string error = open_error(folder.path());
  EXPECT_NE(error.find("found a pickle"), std::string::npos) << error;
  EXPECT_NE(error.find("python -c \"import torch;"), std::string::npos) << error;
}

TEST(Checkpoint, SaysWhatAFolderHolds) {
  const TestFolder folder;
  folder.write("config.json", "{}");
  EXPECT_NE(open_error(folder.path()).find("found 'config.json'"), std::string::npos);
  EXPECT_NE(open_error(folder.path() + "/none").find("expected a file or folder"),
            std::string::npos);
}

}  // namespace
}  // namespace firth
