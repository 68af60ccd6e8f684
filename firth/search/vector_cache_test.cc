#include "firth/search/vector_cache.h"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "firth/core/error.h"
#include "firth/io/test_folder.h"

namespace firth {
namespace {

namespace fs = std::filesystem;

// Long enough for is_settled().
void wait_for_clock() {
  std::this_thread::sleep_for(std::chrono::milliseconds(80));
}

class VectorCacheTest : public testing::Test {
 protected:
  VectorCacheTest() {
    a_ = folder_.write("texts/a.txt", "aaa");
    b_ = folder_.write("texts/b.txt", "bb");
    c_ = folder_.write("texts/c.txt", "c");
    wait_for_clock();
  }

  // "Embeds" a source as one row for each of its bytes: (number of the call, size of the source).
  CachedVectors get(std::uint64_t max_bytes = 1 << 20) {
    const VectorCache cache({.folder = cache_folder_, .max_bytes = max_bytes});
    const auto sources = stamp_sources({folder_.path("texts")}).value();
    return cache.get(key_, sources,
                     [&](std::span<const std::size_t> missing, const AppendRows& add) {
                       ++calls_;
                       std::vector<std::uint64_t> rows;
                       for (const std::size_t i : missing) {
                         embedded_.push_back(fs::path(sources[i].path).filename());
                         const std::vector<float> row = {static_cast<float>(calls_),
                                                         static_cast<float>(sources[i].size)};
                         for (std::uint64_t n = 0; n < sources[i].size; ++n)
                           add({row.data(), Shape{1, 2}});
                         rows.push_back(sources[i].size);
                       }
                       return rows;
                     });
  }

  std::vector<std::string> take_embedded() { return std::exchange(embedded_, {}); }

  TestFolder folder_;
  std::string cache_folder_ = folder_.path("cache/vectors");
  std::string a_, b_, c_;
  VectorCacheKey key_{.identity = "model", .options = {}, .collection = "/texts", .selection = ""};
  int calls_ = 0;
  std::vector<std::string> embedded_;
};

using Names = std::vector<std::string>;

TEST_F(VectorCacheTest, EmbedsOnlyOnce) {
  const CachedVectors first = get();
  EXPECT_EQ(first.not_stored, "");
  EXPECT_EQ(first.values.shape(), (Shape{6, 2}));
  EXPECT_EQ(first.num_rows, (std::vector<std::uint64_t>{3, 2, 1}));
  EXPECT_EQ(take_embedded(), (Names{"a.txt", "b.txt", "c.txt"}));
  const CachedVectors second = get();
  EXPECT_EQ(take_embedded(), Names{});
  EXPECT_EQ(second.num_reused, 6);
  EXPECT_EQ(second.num_rows, first.num_rows);
  EXPECT_TRUE(std::ranges::equal(second.values.span(), first.values.span()));
}

TEST_F(VectorCacheTest, EmbedsOnlyWhatChanged) {
  (void)get();
  take_embedded();
  folder_.write("texts/b.txt", "bbbb");
  folder_.write("texts/d.txt", "d");
  fs::remove(a_);
  wait_for_clock();
  const CachedVectors vectors = get();
  EXPECT_EQ(take_embedded(), (Names{"b.txt", "d.txt"}));
  EXPECT_EQ(vectors.num_rows, (std::vector<std::uint64_t>{4, 1, 1}));
  EXPECT_EQ(vectors.num_reused, 1);
  EXPECT_EQ(vectors.values(0, 1), 4);
  EXPECT_EQ(vectors.values(4, 0), 1);  // c's row of the first call
  EXPECT_EQ(get().num_reused, 6);
  // The replaced values are gone: one JSON and one npy remain.
  EXPECT_EQ(std::distance(fs::directory_iterator(cache_folder_), fs::directory_iterator{}), 2);
}

TEST_F(VectorCacheTest, ChangeThatKeepsSizeAndTimeIsSeen) {
  (void)get();
  take_embedded();
  const auto time = fs::last_write_time(c_);
  std::ofstream(c_) << "C";
  fs::last_write_time(c_, time);
  wait_for_clock();
  (void)get();
  EXPECT_EQ(take_embedded(), Names{"c.txt"});
}

TEST_F(VectorCacheTest, EveryChoiceThatMovesVectorsHasAnEntryOfItsOwn) {
  (void)get();
  const auto expect_new = [&](const char* what) {
    take_embedded();
    (void)get();
    EXPECT_EQ(take_embedded().size(), 3) << what;
  };
  key_.identity = "other";
  expect_new("identity");
  key_.options.prompt = "";
  expect_new("prompt");
  key_.options.prompt = "query: ";
  expect_new("prompt text");
  key_.options.dim = 1;
  expect_new("dim");
  key_.options.normalize = false;
  expect_new("normalize");
  key_.options.long_policy = LongPolicy::kChunkMean;
  expect_new("long");
  key_.options.layers = {-2};
  expect_new("layers");
  key_.selection = "jsonl body";
  expect_new("selection");
  key_.collection = "/elsewhere";
  expect_new("collection");
}

TEST_F(VectorCacheTest, BrokenEntriesAreMadeAgain) {
  const auto each_file = [&](const std::string& ending, const auto& damage) {
    (void)get();
    for (const auto& item : fs::directory_iterator(cache_folder_)) {
      if (item.path().string().ends_with(ending)) damage(item.path());
    }
    take_embedded();
    EXPECT_EQ(get().values.shape(), (Shape{6, 2}));
    EXPECT_EQ(take_embedded().size(), 3) << ending;
    EXPECT_EQ(get().num_reused, 6);
  };
  const auto overwrite = [](const std::string& text) {
    return [text](const fs::path& path) { std::ofstream(path) << text; };
  };
  each_file(".json", overwrite(""));
  each_file(".json", overwrite("{\"format_version\":2}"));
  each_file(".json", overwrite("[1,2"));
  each_file(".npy", overwrite("not numpy"));
  each_file(".npy", [](const fs::path& path) { fs::resize_file(path, fs::file_size(path) - 1); });
  each_file(".npy", [](const fs::path& path) { fs::remove(path); });
  each_file(".npy", [](const fs::path& path) {  // one bit of the values
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(-1, std::ios::end);
    file.put('\x7f');
  });
}

TEST_F(VectorCacheTest, FreshSourcesAreNotTrusted) {
  folder_.write("texts/c.txt", "c");
  EXPECT_NE(get().not_stored, "");
}

TEST_F(VectorCacheTest, UnwritableFolderIsNoError) {
  cache_folder_ = folder_.write("file", "") + "/vectors";
  const CachedVectors vectors = get();
  EXPECT_NE(vectors.not_stored, "");
  EXPECT_EQ(vectors.values.rows(), 6);
}

TEST_F(VectorCacheTest, RemovesWhatWasUsedLongestAgo) {
  const VectorCache cache({.folder = cache_folder_});
  for (const char* identity : {"one", "two", "three"}) {
    key_.identity = identity;
    (void)get();
    wait_for_clock();
  }
  key_.identity = "one";  // used again: "two" is now the oldest
  (void)get();
  cache.trim(cache.bytes() - 1);
  take_embedded();
  for (const char* identity : {"one", "three", "two"}) {
    key_.identity = identity;
    (void)get();
    EXPECT_EQ(take_embedded().empty(), identity != std::string("two")) << identity;
  }
  EXPECT_NE(get(10).values.rows(), 0);
  key_.identity = "four";
  EXPECT_EQ(get(10).not_stored, "the vectors are larger than the whole cache may be");
}

TEST_F(VectorCacheTest, ErrorsOfEmbeddingArePassedOn) {
  const VectorCache cache({.folder = cache_folder_});
  const auto sources = stamp_sources({folder_.path("texts")}).value();
  EXPECT_THROW(cache.get(key_, sources,
                         [](auto, const auto&) -> std::vector<std::uint64_t> {
                           fail(ErrorKind::kCorrupt, "a line");
                         }),
               Error);
  EXPECT_FALSE(fs::exists(cache_folder_));
}

TEST_F(VectorCacheTest, NarrowRowsAreStoredToo) {
  const CachedVectors vectors = get();
  const VectorCache cache({.folder = cache_folder_});
  ThreadPool pool(1);
  const NarrowRows made = cache.narrow(vectors, pool);
  const NarrowRows mapped = cache.narrow(get(), pool);
  EXPECT_NE(mapped.owner, made.owner);
  EXPECT_EQ(mapped.num_rows(), 6);
  EXPECT_TRUE(std::ranges::equal(mapped.int8.span(), made.int8.span()));
  EXPECT_TRUE(std::ranges::equal(mapped.scales, made.scales));
  EXPECT_TRUE(std::ranges::equal(mapped.norms, made.norms));
}

TEST_F(VectorCacheTest, NarrowRowsOfAFileElsewhereLastAsLongAsItsStamp) {
  const VectorCache cache({.folder = cache_folder_});
  ThreadPool pool(1);
  const float values[] = {1, 2, 3, 4};
  const View<const float> rows(values, Shape{2, 2});
  const std::string path = folder_.write("rows.npy", "");
  wait_for_clock();
  const SourceStamp stamp = stamp_source(path);
  const NarrowRows made = cache.narrow(stamp, rows, pool);
  EXPECT_NE(cache.narrow(stamp, rows, pool).int8.data(), made.int8.data());
  EXPECT_TRUE(std::ranges::equal(cache.narrow(stamp, rows, pool).int8.span(), made.int8.span()));
  const auto num_files = [&] {
    return std::distance(fs::directory_iterator(cache_folder_), fs::directory_iterator());
  };
  EXPECT_EQ(num_files(), 3);
  folder_.write("rows.npy", "changed");
  wait_for_clock();
  const float others[] = {-1, -2, -3, -4};
  const NarrowRows anew = cache.narrow(stamp_source(stamp.path), {others, Shape{2, 2}}, pool);
  EXPECT_EQ(anew.int8(0, 1), -127);
  EXPECT_EQ(num_files(), 3);  // what was made of the old content is gone
}

TEST_F(VectorCacheTest, RunsSideBySideDoNotDisturbOneAnother) {
  const auto sources = stamp_sources({folder_.path("texts")}).value();
  std::vector<std::thread> runs;
  for (int i = 0; i < 8; ++i) {
    runs.emplace_back([&, i] {
      const VectorCache cache({.folder = cache_folder_});
      VectorCacheKey key = key_;
      for (int round = 0; round < 20; ++round) {
        if (i == 0) cache.trim(0);
        const CachedVectors vectors =
            cache.get(key, sources, [&](std::span<const std::size_t> missing, const auto& add) {
              const float row[2] = {1, 2};
              for (std::size_t n = 0; n < missing.size(); ++n) add({row, Shape{1, 2}});
              return std::vector<std::uint64_t>(missing.size(), 1);
            });
        EXPECT_EQ(vectors.values.shape(), (Shape{3, 2}));
        EXPECT_EQ(vectors.values(2, 1), 2);
      }
    });
  }
  for (std::thread& run : runs) run.join();
}

}  // namespace
}  // namespace firth
