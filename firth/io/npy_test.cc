#include "firth/io/npy.h"

#include <gtest/gtest.h>

#include <numeric>

#include "firth/io/test_folder.h"

namespace firth {
namespace {

using namespace std::string_literals;

const std::string kFixtures = FIRTH_SOURCE_DIR "/tests/fixtures/classical/";

std::string npy(const std::string& header, const std::string& data, char version = 1) {
  std::string file = "\x93NUMPY"s + version + '\0' + static_cast<char>(header.size());
  file += version == 1 ? "\0"s : "\0\0\0"s;
  return file + header + data;
}

std::string described(const std::string& descr, const std::string& order,
                      const std::string& shape) {
  return "{'descr': '" + descr + "', 'fortran_order': " + order + ", 'shape': " + shape + ", }\n";
}

std::vector<float> floats(const NpyFile& file) {
  std::vector<float> out(file.shape().size());
  file.values().copy_to(out);
  return out;
}

TEST(Npy, ReadsTheSameMatrixInEveryForm) {
  const NpyFile f32 = NpyFile::open(kFixtures + "matrix-f32.npy");
  EXPECT_TRUE(f32.is_mapped());
  const std::vector<float> expected = floats(f32);
  // The others hold its first rows.
  const NpyFile f64 = NpyFile::open(kFixtures + "matrix-f64-fortran.npy");
  EXPECT_EQ(f64.shape(), (Shape{9, 24}));
  EXPECT_FALSE(f64.is_mapped());
  const NpyFile f16 = NpyFile::open(kFixtures + "matrix-f16.npy");
  ASSERT_EQ(f16.shape(), (Shape{20, 24}));
  for (std::size_t i = 0; i < floats(f64).size(); ++i) EXPECT_EQ(floats(f64)[i], expected[i]);
  for (std::size_t i = 0; i < floats(f16).size(); ++i)
    EXPECT_NEAR(floats(f16)[i], expected[i], 2e-3);
  EXPECT_EQ(NpyFile::open(kFixtures + "ids-i32.npy").values().dtype(), DType::kI32);
}

TEST(Npy, TurnsByteAndAxisOrder) {
  const TestFolder folder;
  const auto read = [&](const std::string& header, const std::string& data, char version = 1) {
    return floats(NpyFile::open(folder.write("x.npy", npy(header, data, version))));
  };
  EXPECT_EQ(read(described(">f4", "False", "(2,)"), "\x3F\x80\0\0\x40\0\0\0"s),
            (std::vector<float>{1, 2}));
  EXPECT_EQ(read(described("|u1", "True", "(2, 3)"), "\1\2\3\4\5\6", 2),
            (std::vector<float>{1, 3, 5, 2, 4, 6}));
  EXPECT_EQ(read(described("|i1", "True", "(2, 1, 2)"), "\1\2\3\xFF", 3),
            (std::vector<float>{1, 3, 2, -1}));
  EXPECT_EQ(read("{\"shape\":(),'fortran_order':False,'descr':'|u1'}", "\7"),
            std::vector<float>{7});
  EXPECT_EQ(read(described("<f4", "False", "(0, 5)"), ""), std::vector<float>{});
}

TEST(Npy, RefusesNonsense) {
  const std::string good = described("<f4", "False", "(1,)");

  struct Case {
    std::string file;
    std::string message;
  };

  const std::vector<Case> cases = {
      {"", "expected a .npy file"},
      {"\x93NUMPY", "expected a .npy file"},
      {"PK\x03\x04 an npz", "expected a .npy file"},
      {npy(good, "1234", 4), "version 1 to 3, found 4"},
      {npy(good, "1234").substr(0, 40), "cut short"},
      {npy(good, "123"), "expected 4 bytes of data for the header's shape, found 3"},
      {npy(good, "12345"), "found 5"},
      {npy(described("|O", "False", "(1,)"), "1234"), "are a pickle"},
      {npy(described("<c8", "False", "(1,)"), "12345678"), "found 'c8'"},
      {npy(described("<U3", "False", "(1,)"), "123456789012"), "found 'U3'"},
      {npy(described("", "False", "(1,)"), ""), "a byte order"},
      {npy(described("<f4", "false", "(1,)"), "1234"), "neither True nor False"},
      {npy(described("<f4", "False", "(-1,)"), "1234"), "other than numbers"},
      {npy(described("<f4", "False", "(99999999999999999999,)"), "1234"), "other than numbers"},
      {npy(described("<f4", "False", "(4294967296, 4294967296)"), "1234"), "fewer than 2^64"},
      {npy(described("<f4", "False", "(1, 1, 1, 1, 1, 1, 1)"), "1234"), "at most 6 axes"},
      {npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}", "1234"), "records"},
      {npy("{'descr': '<f4', 'shape': (1,)}", "1234"), "a missing key"},
      {npy("{'descr': '<f4', 'descr': '<f4'}", "1234"), "repeated key"},
      {npy("{'descr': '<f4", "1234"), "a string without an end"},
      {npy("__import__('os')", "1234"), "expected a header"},
      {npy(good + "x", "1234"), "bytes behind it"},
  };
  const TestFolder folder;
  for (const Case& c : cases) {
    const std::string path = folder.write("x.npy", c.file);
    const std::string error = error_of([&] { NpyFile::open(path); });
    EXPECT_TRUE(error.starts_with(path)) << error;
    EXPECT_NE(error.find(c.message), std::string::npos) << error << "\nwanted: " << c.message;
  }
}

TEST(Npy, WritesWhatItReads) {
  const TestFolder folder;
  const std::string path = folder.path("x.npy");
  std::vector<float> values(12);
  std::iota(values.begin(), values.end(), -3.5F);
  NpyWriter writer(path, DType::kF32, 3);
  writer.write(std::span<const float>(values).first(3));
  writer.write(std::span<const float>(values).subspan(3));
  EXPECT_EQ(writer.rows(), 4U);
  writer.commit();
  const NpyFile file = NpyFile::open(path);
  EXPECT_TRUE(file.is_mapped());
  EXPECT_TRUE(file.values().holds<float>());
  EXPECT_EQ(file.shape(), (Shape{4, 3}));
  EXPECT_EQ(floats(file), values);
  NpyWriter one_axis(path, DType::kF32, 0);
  one_axis.write(values);
  one_axis.commit();
  EXPECT_EQ(NpyFile::open(path).shape(), (Shape{12}));
}

TEST(Npy, ContinuesWholeRows) {
  const TestFolder folder;
  const std::string path = folder.path("x.npy");
  const std::vector<float> row = {1, 2};
  {
    NpyWriter writer(path, DType::kF32, 2, {.keep_partial = true});
    writer.write(row);
    writer.write(row);
  }
  std::filesystem::resize_file(AtomicFile::partial_path(path), 128 + 12);
  EXPECT_NE(error_of([&] {
              NpyWriter(path, DType::kF32, 3, {.keep_partial = true});
            }).find("other columns"),
            std::string::npos);
  NpyWriter writer(path, DType::kF32, 2, {.keep_partial = true});
  EXPECT_EQ(writer.rows(), 1U);
  writer.write(row);
  writer.commit();
  EXPECT_EQ(floats(NpyFile::open(path)), (std::vector<float>{1, 2, 1, 2}));
}

}  // namespace
}  // namespace firth
