#include "firth/io/vector_file.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <limits>

#include "firth/core/random.h"
#include "firth/io/file.h"
#include "firth/io/npy.h"
#include "firth/io/test_folder.h"

namespace firth {
namespace {

using namespace std::string_literals;
using Ids = std::vector<std::string>;

Tensor random_rows(std::size_t rows, std::size_t cols) {
  Random random(7);
  Tensor tensor = Tensor::zeros<float>({rows, cols});
  for (float& x : tensor.view<float>().span()) x = random.normal();
  return tensor;
}

std::vector<float> floats(const VectorTable& table) {
  const Tensor tensor = table.to_f32();
  const auto span = tensor.view<float>().span();
  return {span.begin(), span.end()};
}

VectorTable write_and_read(const std::string& path, const Tensor& rows, VectorDType dtype,
                           const Ids& ids) {
  VectorWriterOptions options;
  options.info = {.identity = "0123", .model = "m", .prompt = "p: ", .input = "x.txt"};
  options.info.dimension = rows.shape()[1];
  options.info.dtype = dtype;
  options.has_ids = !ids.empty();
  VectorWriter writer(path, options);
  const auto view = rows.view<float>();
  const auto half = ids.empty() ? Ids() : Ids(ids.begin(), ids.begin() + 2);
  const auto rest = ids.empty() ? Ids() : Ids(ids.begin() + 2, ids.end());
  writer.write(view.slice_rows(0, 2), half);
  writer.write(view.slice_rows(2, view.rows()), rest);
  EXPECT_EQ(writer.rows(), view.rows());
  writer.commit();
  return read_vectors(path);
}

TEST(VectorFile, WhatIsWrittenComesBack) {
  const TestFolder folder;
  const Tensor rows = random_rows(5, 13);
  const auto expected = rows.view<float>();
  const Ids ids = {"a", "中", "x\"y,", "😀", "5"};
  for (const std::string name : {"x.npy", "x.safetensors", "x.jsonl", "x.csv", "x.tsv", "x.vec"}) {
    for (const bool has_ids : {true, false}) {
      const VectorTable table =
          write_and_read(folder.path(name), rows, VectorDType::kF32, has_ids ? ids : Ids());
      EXPECT_EQ(table.info.count, 5U) << name;
      EXPECT_EQ(table.info.dimension, 13U) << name;
      EXPECT_EQ(floats(table), std::vector<float>(expected.span().begin(), expected.span().end()))
          << name;
      if (has_ids || name != "x.vec") {
        EXPECT_EQ(table.ids, has_ids ? ids : Ids()) << name;
      }
      if (name == "x.npy" || name == "x.safetensors") {
        EXPECT_EQ(table.info.identity, "0123");
        EXPECT_EQ(table.info.prompt, "p: ");
      }
    }
  }
}

TEST(VectorFile, NarrowTypesComeBackNearly) {
  const TestFolder folder;
  const Tensor rows = random_rows(5, 13);
  const auto expected = rows.view<float>();
  for (const std::string name : {"x.npy", "x.safetensors", "x.jsonl"}) {
    for (const VectorDType dtype : {VectorDType::kF16, VectorDType::kInt8, VectorDType::kBinary}) {
      if (name == "x.jsonl" && dtype != VectorDType::kInt8) continue;
      const VectorTable table = write_and_read(folder.path(name), rows, dtype, {});
      EXPECT_EQ(table.info.dtype, name == "x.jsonl" ? VectorDType::kF32 : dtype);
      const std::vector<float> found = floats(table);
      for (std::size_t i = 0; i < found.size(); ++i) {
        const float x = expected.data()[i];
        if (dtype == VectorDType::kBinary) {
          EXPECT_EQ(found[i], x > 0 ? 1 : -1);
        } else {
          EXPECT_NEAR(found[i], x, dtype == VectorDType::kF16 ? 2e-3 : 1.5e-2);
        }
      }
    }
  }
}

TEST(VectorFile, BitsAreThoseOfPackbits) {
  const TestFolder folder;
  Tensor rows = Tensor::zeros<float>({2, 9});
  rows.view<float>()(0, 0) = 1;
  rows.view<float>()(0, 8) = 2;
  rows.view<float>()(1, 7) = 3;
  VectorWriterOptions options;
  options.info.dimension = 9;
  options.info.dtype = VectorDType::kBinary;
  VectorWriter writer(folder.path("b.npy"), options);
  writer.write(rows.view<float>());
  writer.commit();
  const std::string file = read_file(folder.path("b.npy"));
  EXPECT_EQ(file.substr(128), "\x80\x80\x01\0"s);
}

// The same two vectors, (1, 2.5) and (-3, 4), in every form that others write.
TEST(VectorFile, ReadsTheFormsOfOthers) {
  struct Case {
    std::string name;
    std::string content;
    Ids ids;
  };

  const std::string answer =
      R"({"object":"list","data":[{"object":"embedding","index":1,"embedding":[-3,4]},)"
      R"({"object":"embedding","index":0,"embedding":[1,2.5]}],"model":"text-embedding-3-small"})";
  const std::vector<Case> cases = {
      {"x.jsonl", "[1,2.5]\n\n[-3,4]", {}},
      {"x.jsonl",
       "{\"id\":\"a\",\"embedding\":[1,2.5]}\n{\"id\":7,\"vector\":[-3,4]}\n",
       {"a", "7"}},
      {"x.jsonl", answer, {}},
      {"x.jsonl",
       "{\"custom_id\":\"a\",\"response\":{\"body\":{\"data\":[{\"embedding\":[1,2.5]}]}}}\n"
       "{\"custom_id\":\"b\",\"response\":{\"body\":{\"data\":[{\"embedding\":[-3,4]}]}}}\n",
       {"a", "b"}},
      {"x.json", answer, {}},
      {"x.json", R"({"data":[{"embedding":"AACAPwAAIEA="},{"embedding":"AABAwAAAgEA="}]})", {}},
      {"x.json", "[[1,2.5],[-3,4]]", {}},
      {"x.json", "[" + answer + "]", {}},
      {"x.json", R"([{"id":"a","embedding":[1,2.5]},{"id":"b","embedding":[-3,4]}])", {"a", "b"}},
      {"x.csv", "1,2.5\n-3,4\n", {}},
      {"x.csv", "e0,e1\r\n1,2.5\r\n-3,+4.0e0\r\n", {}},
      {"x.csv", "id,e0,e1\n10,1,2.5\n11,-3,4\n", {"10", "11"}},
      {"x.csv", ",0,1\n0,1,2.5\n1,-3,4\n", {"0", "1"}},
      {"x.csv", "cat,1,2.5\n\"a, dog\",-3,4\n", {"cat", "a, dog"}},
      {"x.tsv", "1\t2.5\n-3\t4\n", {}},
      {"x.vec", "2 2\nthe 1 2.5 \n\xFF\xFE -3 4 \n", {"the", "\xFF\xFE"}},
      {"x.txt", "the 1 2.5\n. . . -3 4\n", {"the", ". . ."}},
      {"x.bin", "2 2\nthe \0\0\x80\x3F\0\0\x20\x40\nof \0\0\x40\xC0\0\0\x80\x40"s, {"the", "of"}},
  };
  const TestFolder folder;
  for (const Case& c : cases) {
    const VectorTable table = read_vectors(folder.write(c.name, c.content));
    EXPECT_EQ(floats(table), (std::vector<float>{1, 2.5, -3, 4})) << c.content;
    EXPECT_EQ(table.ids, c.ids) << c.content;
  }
}

TEST(VectorFile, ErrorsNameTheRow) {
  struct Case {
    std::string name;
    std::string content;
    std::string message;
  };

  const std::vector<Case> cases = {
      {"x.jsonl", "[1,2]\n[1]\n", ":2: expected 2 numbers as in the first vector, found 1"},
      {"x.jsonl", "[1,2]\n[1,NaN]\n", ":2: expected JSON, found"},
      {"x.jsonl", "[1,\"2\"]\n", ":1: field '[1]': expected a number, found '2'"},
      {"x.jsonl", "[1e39]\n", ":1: expected finite numbers, found inf as component 0"},
      {"x.jsonl", "[]\n", ":1: expected numbers, found 0"},
      {"x.jsonl", "{\"id\":1,\"embedding\":[1]}\n[2]\n", ":2: expected an id"},
      {"x.json", "{}", ": expected a field 'embedding'"},
      {"x.json", R"({"data":[{"index":5,"embedding":[1]}]})", ": field 'data[0].index': expected"},
      {"x.json", R"({"data":[{"index":0,"embedding":[1]},{"index":0,"embedding":[1]}]})", "twice"},
      {"x.json", R"({"data":[{"embedding":"AACA"}]})", "expected base64"},
      {"x.json", R"({"error":{"message":"quota"}})", "found 'error'"},
      {"x.csv", "1,2\n3,nan\n", ":2: expected finite numbers, found nan as component 1"},
      {"x.csv", "1,2\n3,x\n", ":2: expected a number, found 'x'"},
      {"x.csv", "1,2\n3\n", ":2: expected 2 numbers as in the first vector, found 1"},
      {"x.vec", "3 2\na 1 2\nb 3 4\n", ": expected 3 words as the first line says, found 2"},
      {"x.vec", "a 1 2\nb 3\n", ":2: expected a word and 2 numbers, found 1"},
      {"x.vec", "a 1 2\nb 3 4 5\n", ":2: expected 2 numbers, found 3"},
      {"x.vec", "a 1 2\nb 3 4z\n", ":2: expected a number, found '4z'"},
      {"x.bin", "", "expected a line with count and dimension"},
      {"x.bin", "9999999999 300\n", "expected a line with count and dimension"},
      {"x.bin", "1 18446744073709551615\nx", "expected a line with count and dimension"},
      {"x.bin", "1 2\nthe 1234567", "found its end in word 0"},
      {"x.bin", "2 1\nthe 1234567890", "found its end in word 1"},
      {"x.bin", "\xBA\x16\x4F\x2F\x0C\0\0\0"s, "found a fastText model"},
      {"x.npy", "x", ": expected a .npy file"},
      {"x.xyz", "1,2", ": expected a vector file"},
  };
  const TestFolder folder;
  for (const Case& c : cases) {
    const std::string path = folder.write(c.name, c.content);
    const std::string error = error_of([&] { read_vectors(path); });
    EXPECT_TRUE(error.starts_with(path)) << error;
    EXPECT_NE(error.find(c.message), std::string::npos) << error << "\nwanted: " << c.message;
  }
}

TEST(VectorFile, RefusesWhatItsDescriptionDenies) {
  const TestFolder folder;
  const std::string path = folder.path("x.npy");
  const Tensor rows = random_rows(3, 4);
  const auto error_with = [&](const std::string& sidecar) {
    write_and_read(path, rows, VectorDType::kF32, {});
    folder.write("x.npy.firth.json", sidecar);
    return error_of([&] { read_vectors(path); });
  };
  EXPECT_NE(error_with(R"({"format_version":2})").find("a newer firth"), std::string::npos);
  EXPECT_NE(error_with(R"({"format_version":1,"dimension":5,"count":3,"dtype":"f32"})")
                .find("expected 3 vectors of dimension 5"),
            std::string::npos);
  EXPECT_NE(error_with(R"({"format_version":1,"dimension":4,"count":3,"dtype":"f16"})")
                .find("expected f16"),
            std::string::npos);
  EXPECT_NE(error_with(R"({"format_version":1,"dimension":4,"count":3,"dtype":"f99"})")
                .find("expected f32, f16, int8 or binary"),
            std::string::npos);
  Tensor bad = random_rows(3, 4);
  bad.view<float>()(1, 2) = std::numeric_limits<float>::quiet_NaN();
  EXPECT_NE(error_of([&] {
              write_and_read(path, bad, VectorDType::kF32, {});
            }).find("row 1: expected finite numbers, found nan"),
            std::string::npos);
  NpyWriter writer(folder.path("nan.npy"), DType::kF32, 4);
  writer.write(bad.view<float>().span());
  writer.commit();
  EXPECT_NE(error_of([&] { read_vectors(folder.path("nan.npy")); }).find("row 1: expected finite"),
            std::string::npos);
}

TEST(VectorFile, IdsComeFromAFileBeside) {
  const TestFolder folder;
  NpyWriter writer(folder.path("x.npy"), DType::kF32, 2);
  writer.write(std::vector<float>{1, 2, 3, 4});
  writer.commit();
  EXPECT_TRUE(read_vectors(folder.path("x.npy")).ids.empty());
  const std::string text = folder.write("ids.txt", "a\r\nb\n");
  EXPECT_EQ(read_vectors(folder.path("x.npy"), {.ids_path = text}).ids, (Ids{"a", "b"}));
  const std::string few = folder.write("few.txt", "a\n");
  EXPECT_NE(error_of([&] {
              read_vectors(folder.path("x.npy"), {.ids_path = few});
            }).find("expected 2 ids, found 1"),
            std::string::npos);
}

TEST(VectorFile, ResumedRunsGiveTheSameBytes) {
  const Tensor rows = random_rows(6, 3);
  const auto view = rows.view<float>();
  const Ids ids = {"0", "1", "2", "3", "4", "5"};
  for (const std::string name : {"x.npy", "x.jsonl", "x.csv", "x.vec"}) {
    for (const VectorDType dtype : {VectorDType::kF32, VectorDType::kInt8}) {
      if (dtype == VectorDType::kInt8 && name != "x.npy") continue;
      const TestFolder folder;
      VectorWriterOptions options;
      options.info.dimension = 3;
      options.info.dtype = dtype;
      options.has_ids = true;
      {
        VectorWriter whole(folder.path(name), options);
        whole.write(view, ids);
        whole.commit();
      }
      options.keep_partial = true;
      const std::string again = folder.path("again/" + name);
      std::filesystem::create_directory(folder.path("again"));
      {
        VectorWriter first(again, options);
        first.write(view.slice_rows(0, 4), std::span(ids).first(4));
      }
      EXPECT_FALSE(std::filesystem::exists(again));
      const std::string partial = again + ".partial";
      std::filesystem::resize_file(partial, std::filesystem::file_size(partial) - 2);
      VectorWriter rest(again, options);
      ASSERT_EQ(rest.rows(), 3U) << name;
      rest.write(view.slice_rows(3, 6), std::span(ids).subspan(3));
      rest.commit();
      for (const auto& entry : std::filesystem::directory_iterator(folder.path("again"))) {
        const std::string file = entry.path().filename().string();
        EXPECT_EQ(read_file(entry.path()), read_file(folder.path(file))) << file;
      }
    }
  }
}

TEST(VectorFile, ReadsTheFixtures) {
  const std::string shared = FIRTH_SOURCE_DIR "/../shared/fixtures/classical/word2vec/";
  if (!std::filesystem::exists(shared)) GTEST_SKIP() << "the word2vec fixtures are not here";
  const VectorTable text = read_vectors(shared + "vectors.vec");
  const VectorTable binary = read_vectors(shared + "vectors.bin");
  EXPECT_EQ(text.info.count, 884U);
  EXPECT_EQ(text.ids, binary.ids);
  EXPECT_EQ(floats(text), floats(binary));
  const VectorTable glove = read_vectors(shared + "glove.txt");
  EXPECT_EQ(glove.ids.back(), ". . .");
  EXPECT_EQ(glove.info.dimension, 24U);
}

TEST(VectorFile, ReplacingATableTakesItsCompanionsAway) {
  const TestFolder folder;
  const std::string path = folder.path("v.npy");
  const float values[] = {1, 2};
  const std::string ids[] = {"a"};
  VectorWriterOptions options{.info = {.dimension = 2, .dtype = VectorDType::kInt8},
                              .has_ids = true};
  VectorWriter narrow(path, options);
  narrow.write({values, Shape{1, 2}}, ids);
  narrow.commit();
  EXPECT_TRUE(std::filesystem::exists(path + ".scales.npy"));
  options.info.dtype = VectorDType::kF32;
  options.has_ids = false;
  VectorWriter wide(path, options);
  wide.write({values, Shape{1, 2}});
  wide.commit();
  EXPECT_FALSE(std::filesystem::exists(path + ".scales.npy"));
  EXPECT_FALSE(std::filesystem::exists(path + ".ids.txt"));
  EXPECT_TRUE(read_vectors(path).ids.empty());
}

}  // namespace
}  // namespace firth
