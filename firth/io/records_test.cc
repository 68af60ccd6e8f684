#include "firth/io/records.h"

#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include "firth/io/test_folder.h"

namespace firth {
namespace {

using namespace std::string_literals;

std::string gzipped(const std::string& text) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()) + 32, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string zstd_packed(const std::string& text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
  out.resize(ZSTD_compress2(context, out.data(), out.size(), text.data(), text.size()));
  ZSTD_freeCCtx(context);
  return out;
}

std::vector<std::string> texts(const std::string& path, const RecordOptions& options = {}) {
  RecordReader reader({path}, options);
  std::vector<std::string> texts;
  for (Record record; reader.next(record);) texts.push_back(record.text);
  return texts;
}

using Texts = std::vector<std::string>;

TEST(Records, EveryLineOfTextIsAnItem) {
  struct Case {
    std::string file;
    Texts expected;
  };

  const std::vector<Case> cases = {
      {"", {}},
      {"a", {"a"}},
      {"\n", {""}},
      {"a\n\nb\n", {"a", "", "b"}},
      {"a\r\nb\r\n\r\nc", {"a", "b", "", "c"}},
      {"\xEF\xBB\xBFé\n", {"é"}},
      {"\xEF\xBB\xBF", {}},
      {"中文\n日本語\n😀", {"中文", "日本語", "😀"}},
      {"a\0b\n"s, {"a\0b"s}},
      {std::string(1'000'000, 'x') + "\n" + std::string(300'000, 'y'),
       {std::string(1'000'000, 'x'), std::string(300'000, 'y')}},
  };
  const TestFolder folder;
  for (const Case& c : cases) {
    EXPECT_EQ(texts(folder.write("x.txt", c.file)), c.expected);
    EXPECT_EQ(texts(folder.write("x.txt", gzipped(c.file))), c.expected);
    EXPECT_EQ(texts(folder.write("x.zst", zstd_packed(c.file))), c.expected);
  }
}

TEST(Records, InvalidUtf8IsNamedOrReplaced) {
  const TestFolder folder;
  const std::string path = folder.write("x.txt", "good\nab\xFFz\n");
  EXPECT_EQ(error_of([&] { texts(path); }), path + ":2: expected UTF-8, found '\\xffz' at byte 3");
  EXPECT_EQ(texts(path, {.on_invalid_utf8 = OnInvalidUtf8::kReplace}),
            (Texts{"good", "ab\xEF\xBF\xBDz"}));
  const std::string jsonl = folder.write("x.jsonl", "{\"text\":\"\xC3\"}\n");
  EXPECT_TRUE(error_of([&] { texts(jsonl); }).starts_with(jsonl + ":1: expected JSON, found"));
  EXPECT_EQ(texts(jsonl, {.on_invalid_utf8 = OnInvalidUtf8::kReplace}), Texts{"\xEF\xBF\xBD"});
  const std::string csv = folder.write("x.csv", "text\n\"a\nb\"\n\xED\xA0\x80\n");
  EXPECT_TRUE(error_of([&] { texts(csv); }).starts_with(csv + ":4: expected UTF-8"));
}

TEST(Records, ReadsJsonl) {
  const TestFolder folder;
  const std::string path = folder.write(
      "x.jsonl",
      "\xEF\xBB\xBF{\"text\":\"a\\u0000b\",\"id\":7,\"n\":\"x\"}\r\n\n{\"id\":\"k\",\"n\":\"y\","
      "\"text\":\"\"}\n");
  EXPECT_EQ(texts(path), (Texts{"a\0b"s, ""}));
  RecordReader reader({path}, {.fields = {"n", "text"}, .id_field = "id", .extra_fields = {"id"}});
  Record record;
  ASSERT_TRUE(reader.next(record));
  EXPECT_EQ(record.text, "x a\0b"s);
  EXPECT_EQ(record.id, "7");
  ASSERT_TRUE(reader.next(record));
  EXPECT_EQ(record.text, "y ");
  EXPECT_EQ(record.extra, Texts{"k"});
  EXPECT_EQ(record.line, 3U);
  EXPECT_EQ(record.index, 1U);
  EXPECT_EQ(record.file, path);
  EXPECT_FALSE(reader.next(record));
  EXPECT_EQ(reader.fraction_read(), 1.0);
  EXPECT_EQ(texts(folder.write("s.jsonl", "\"one\"\n\"two\"")), (Texts{"one", "two"}));
}

TEST(Records, JsonlErrorsNameTheLine) {
  struct Case {
    std::string line;
    std::string message;
  };

  const std::vector<Case> cases = {
      {"{\"text\": ", ":17: expected JSON, found at byte 1"},
      {R"({"body":"x","stars":2})", ":17: expected a field 'text', found 'body', 'stars'"},
      {R"({"text":5})", ":17: field 'text': expected a string, found 5"},
      {R"({"text":null})", ":17: field 'text': expected a string, found null"},
      {R"({"text":["a"]})", ":17: field 'text': expected a string, found an array"},
      {R"({"text":"a","text":"b"})", ":17: expected the field 'text' once"},
      {"[]", ":17: expected an object, found an array"},
  };
  const TestFolder folder;
  for (const Case& c : cases) {
    std::string file;
    for (int i = 1; i < 17; ++i) file += "{\"text\":\"good\"}\n";
    const std::string path = folder.write("reviews.jsonl", file + c.line + "\n{\"text\":\"\"}\n");
    const std::string error = error_of([&] { texts(path); });
    EXPECT_TRUE(error.starts_with(path + c.message)) << error;
  }
}

TEST(Records, ReadsCsv) {
  struct Case {
    std::string file;
    Texts expected;
  };

  const std::vector<Case> cases = {
      {"", {}},
      {"text\n", {}},
      {"text\na\nb", {"a", "b"}},
      {"only\na\n", {"a"}},
      {"id,text\r\n1,\"a, \"\"b\"\"\r\nc\"\r\n2,d\r\n", {"a, \"b\"\r\nc", "d"}},
      {"text,id\n\"\",1\n\n中文,2\n\"x\"\n", {"", "中文"}},
      {"\xEF\xBB\xBFtext,id\na\"b,1\n", {"a\"b"}},
  };
  const TestFolder folder;
  for (const Case& c : cases) {
    const std::string path = folder.write("x.csv", c.file);
    RecordReader reader({path});
    Texts found;
    try {
      for (Record record; reader.next(record);) found.push_back(record.text);
    } catch (const Error& error) {
      EXPECT_EQ(error.what(), path + ":5: expected 2 fields as in the first row, found 1");
    }
    EXPECT_EQ(found, c.expected) << c.file;
  }
  EXPECT_EQ(texts(folder.write("x.tsv.gz", gzipped("a\ttext\n1\tx,y\n"))), Texts{"x,y"});
}

TEST(Records, CsvErrorsNameTheLine) {
  const TestFolder folder;
  const auto error = [&](const std::string& file, const RecordOptions& options = {}) {
    const std::string path = folder.write("x.csv", file);
    return error_of([&] { texts(path, options); }).substr(folder.path().size() + 1);
  };
  EXPECT_EQ(error("body,stars\n", {.fields = {"star"}}),
            "x.csv:1: expected a column 'star', found 'body', 'stars'; near it: 'stars'");
  EXPECT_EQ(error("text\n\"a\n\nb"),
            "x.csv:2: expected a closing quote, found the end of the file");
  EXPECT_EQ(error("text\na\n\"b\"c\n"),
            "x.csv:3: expected a separator after a closing quote, found 'c'");
  EXPECT_EQ(error("text,text\na,b\n"), "x.csv:1: expected the column 'text' once, found it twice");
  EXPECT_EQ(error("text\n\"aaaaaaaa\nbbbbbbbb\n", {.max_record_bytes = 10}),
            "x.csv:2: expected at most 10 bytes in a row, found more; a quote may never be closed");
}

TEST(Records, LongLinesAreRefused) {
  const TestFolder folder;
  const std::string path = folder.write("x.txt", "ok\n" + std::string(2'000'000, 'x'));
  EXPECT_EQ(error_of([&] { texts(path, {.max_record_bytes = 1'000'000}); }),
            path + ":2: expected at most 1000000 bytes in a line, found more");
}

TEST(Records, ReadsAFolder) {
  const TestFolder folder;
  folder.write("b.md", "B");
  folder.write("a/z.txt", "\xEF\xBB\xBFZ\n");
  folder.write("a/x.txt.gz", gzipped("X"));
  folder.write(".hidden/c.txt", "no");
  folder.write(".c.txt", "no");
  folder.write("d.bin", "no");
  RecordReader reader({folder.path()});
  std::vector<std::pair<std::string, std::string>> found;
  for (Record record; reader.next(record);) found.emplace_back(record.id, record.text);
  EXPECT_EQ(found, (std::vector<std::pair<std::string, std::string>>{
                       {"a/x.txt.gz", "X"}, {"a/z.txt", "Z\n"}, {"b.md", "B"}}));
  const TestFolder empty;
  EXPECT_EQ(error_of([&] { texts(empty.path()); }),
            empty.path() + ": expected text files (.txt, .md, .rst, …), found nothing");
}

TEST(Records, ShardsAndSkipsMakeTheWhole) {
  const TestFolder folder;
  std::string lines;
  std::string rows = "text\n";
  for (int i = 0; i < 20; ++i) {
    lines += "{\"text\":\"" + std::to_string(i) + "\"}\n\n";
    rows += "\"" + std::to_string(i + 20) + "\"\n";
  }
  const Texts paths = {folder.write("a.jsonl", lines), folder.write("b.csv", rows)};
  std::vector<std::string> found(40);
  for (std::uint64_t shard = 0; shard < 3; ++shard) {
    const RecordOptions options{.shard_index = shard, .shard_count = 3};
    RecordReader first(paths, options);
    RecordReader rest(paths, options);
    EXPECT_EQ(rest.skip(9), 9U);
    Record record;
    for (int i = 0; i < 9; ++i) {
      ASSERT_TRUE(first.next(record));
      found.at(record.index) = record.text;
    }
    while (rest.next(record)) found.at(record.index) = record.text;
    EXPECT_EQ(first.skip(1000), shard == 0 ? 5U : 4U);
  }
  for (int i = 0; i < 40; ++i) EXPECT_EQ(found[i], std::to_string(i));
}

TEST(Records, DamagedCompressionIsNamed) {
  const TestFolder folder;
  std::string text;
  for (int i = 0; i < 50'000; ++i) text += std::to_string(i * 7919 % 10007) + "\n";
  for (const bool zstd : {false, true}) {
    const std::string packed = zstd ? zstd_packed(text) : gzipped(text);
    const auto error = [&](const std::string& content) {
      const std::string path = folder.write("x.txt.gz", content);
      return error_of([&] { texts(path); });
    };
    EXPECT_EQ(error(packed + packed), "no error");
    EXPECT_EQ(error(packed + std::string(512, '\0')), "no error");
    EXPECT_NE(error(packed.substr(0, packed.size() / 2)).find("cut short"), std::string::npos);
    EXPECT_NE(error(packed + "garbage"), "no error");
    std::string damaged = packed;
    damaged[damaged.size() / 2] ^= 0x55;
    EXPECT_NE(error(damaged).find(zstd ? "zstd data" : "gzip data"), std::string::npos);
  }
}

TEST(Records, FieldsNeedAFormatThatHasThem) {
  const TestFolder folder;
  const std::string path = folder.write("x.txt", "a\n");
  EXPECT_NE(error_of([&] { texts(path, {.fields = {"text"}}); }).find("which have fields"),
            std::string::npos);
  EXPECT_NE(
      error_of([&] { RecordReader({folder.path("none")}); }).find("expected a file or folder"),
      std::string::npos);
}

}  // namespace
}  // namespace firth
