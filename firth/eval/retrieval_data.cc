#include "firth/eval/retrieval_data.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "firth/core/error.h"
#include "firth/io/json.h"
#include "firth/io/line_reader.h"

namespace firth {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxLineBytes = std::size_t{64} << 20;

// The file of that name, plain or compressed.
std::optional<std::string> find_file(const std::string& folder, const std::string& name) {
  for (const char* ending : {"", ".gz", ".zst"}) {
    std::string path = (fs::path(folder) / (name + ending)).string();
    if (fs::is_regular_file(path)) return path;
  }
  return std::nullopt;
}

std::string need_file(const std::string& folder, const std::vector<std::string>& names) {
  std::string listed;
  for (const std::string& name : names) {
    if (auto path = find_file(folder, name)) return *path;
    listed += (listed.empty() ? "" : " or ") + name;
  }
  fail(ErrorKind::kNotFound, folder, ": expected ", listed, " (or with .gz, .zst), found none");
}

LineReader open_lines(const std::string& path) {
  return LineReader(ByteSource::open(path), kMaxLineBytes);
}

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  constexpr std::string_view kSpace = " \t\r";
  for (std::size_t begin = line.find_first_not_of(kSpace); begin != std::string_view::npos;) {
    const std::size_t end = std::min(line.find_first_of(kSpace, begin), line.size());
    words.push_back(line.substr(begin, end - begin));
    begin = line.find_first_not_of(kSpace, end);
  }
  return words;
}

std::optional<int> parse_int(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

using IdMap = std::unordered_map<std::string, std::size_t>;

// One place for each id, in the order of the file.
struct Texts {
  std::vector<std::string> ids;
  std::vector<std::string> texts;
  IdMap index;

  void add(std::string id, std::string text, const std::string& where) {
    if (!index.emplace(id, ids.size()).second) {
      fail(ErrorKind::kCorrupt, where, ": expected every id once, found ", quoted(id), " again");
    }
    ids.push_back(std::move(id));
    texts.push_back(std::move(text));
  }
};

std::string join_title(std::string_view title, std::string_view body) {
  std::string text(title);
  if (!title.empty() && !body.empty()) text += ' ';
  return text += body;
}

Texts read_beir_texts(const std::string& path) {
  LineReader lines = open_lines(path);
  JsonDocument document;
  Texts result;
  for (std::string_view line; lines.next(line);) {
    if (is_blank(line)) continue;
    document.reparse(line, path, lines.line());
    const Json row = document.root();
    const auto title = row.find("title");
    result.add(std::string(row.at("_id").as_string()),
               join_title(title && !title->is_null() ? title->as_string() : "",
                          row.at("text").as_string()),
               lines.where());
  }
  return result;
}

// What a line of judgements says. The header row of BEIR's files is no judgement.
struct JudgementLine {
  std::string query;
  std::string document;
  int grade = 0;
};

std::optional<JudgementLine> parse_judgement(std::string_view line, const LineReader& lines) {
  const auto words = words_of(line);
  if (words.empty()) return std::nullopt;
  if (words.size() != 3 && words.size() != 4) {
    fail(ErrorKind::kCorrupt, lines.where(), ": expected query, document and grade, found ",
         words.size(), " columns");
  }
  const auto grade = parse_int(words.back());
  if (!grade) {
    if (lines.line() == 1) return std::nullopt;
    fail(ErrorKind::kCorrupt, lines.where(), ": expected a grade, found ", quoted(words.back()));
  }
  return JudgementLine{std::string(words[0]), std::string(words[words.size() - 2]), *grade};
}

// Keeps the queries that were judged, in the order of the query file.
RetrievalData assemble(Texts documents, Texts queries, const std::string& qrels_path,
                       const auto& grade_of) {
  std::vector<std::vector<Judgement>> judgements(queries.ids.size());
  LineReader lines = open_lines(qrels_path);
  for (std::string_view line; lines.next(line);) {
    const auto parsed = parse_judgement(line, lines);
    if (!parsed) continue;
    const auto query = queries.index.find(parsed->query);
    if (query == queries.index.end()) {
      fail(ErrorKind::kCorrupt, lines.where(), ": judges query ", quoted(parsed->query),
           ", which is not among the ", queries.ids.size(), " queries");
    }
    const auto document = documents.index.find(parsed->document);
    judgements[query->second].push_back(
        {document == documents.index.end() ? Judgement::kNoDocument : document->second,
         grade_of(parsed->grade)});
  }
  RetrievalData data{.name = {},
                     .document_ids = std::move(documents.ids),
                     .documents = std::move(documents.texts),
                     .query_ids = {},
                     .queries = {},
                     .judgements = {}};
  for (std::size_t i = 0; i < judgements.size(); ++i) {
    if (judgements[i].empty()) continue;
    data.query_ids.push_back(std::move(queries.ids[i]));
    data.queries.push_back(std::move(queries.texts[i]));
    data.judgements.push_back(std::move(judgements[i]));
  }
  if (data.documents.empty() || data.queries.empty()) {
    fail(ErrorKind::kCorrupt, qrels_path, ": expected documents and judged queries, found ",
         data.documents.size(), " and ", data.queries.size());
  }
  return data;
}

RetrievalData read_beir(const std::string& folder, const std::string& split) {
  const std::string corpus = need_file(folder, {"corpus.jsonl"});
  const std::string queries = need_file(folder, {"queries-" + split + ".jsonl", "queries.jsonl"});
  const std::string qrels =
      need_file(folder, {"qrels/" + split + ".tsv", "qrels-" + split + ".tsv"});
  return assemble(read_beir_texts(corpus), read_beir_texts(queries), qrels,
                  [](int grade) { return grade; });
}

// Cranfield's records: ".I number", then sections ".T" (title), ".A", ".B", ".W" (the words).
// `number_by_order` counts records instead of reading the numbers.
Texts read_cranfield_texts(const std::string& path, bool number_by_order) {
  LineReader lines = open_lines(path);
  Texts result;
  std::string id;
  std::string title;
  std::string words;
  char section = 0;
  const auto finish = [&] {
    if (section != 0) result.add(id, join_title(title, words), lines.where());
    title.clear();
    words.clear();
  };
  for (std::string_view line; lines.next(line);) {
    const auto parts = words_of(line);
    if (line.starts_with(".I ") && parts.size() == 2) {
      finish();
      section = 'I';
      id = number_by_order ? std::to_string(result.ids.size() + 1) : std::string(parts[1]);
    } else if (parts.size() == 1 && parts[0].size() == 2 && parts[0][0] == '.' &&
               std::string_view("TABWC").find(parts[0][1]) != std::string_view::npos) {
      section = parts[0][1];
    } else if (section == 'T' || section == 'W') {
      std::string& text = section == 'T' ? title : words;
      for (const std::string_view word : parts)
        text += (text.empty() ? "" : " ") + std::string(word);
    } else if (section == 0 && !parts.empty()) {
      fail(ErrorKind::kCorrupt, lines.where(), ": expected '.I' and a number, found ",
           quoted(line));
    }
  }
  finish();
  return result;
}

RetrievalData read_cranfield(const std::string& folder) {
  return assemble(read_cranfield_texts(need_file(folder, {"cran.all.1400"}), false),
                  read_cranfield_texts(need_file(folder, {"cran.qry"}), true),
                  need_file(folder, {"cranqrel"}),
                  [](int grade) { return grade >= 1 && grade <= 4 ? 1 : 0; });
}

}  // namespace

RetrievalData read_retrieval(const std::string& folder, const std::string& split) {
  if (!fs::is_directory(folder)) fail(ErrorKind::kNotFound, folder, ": expected a folder");
  const bool is_cranfield = find_file(folder, "cran.all.1400").has_value();
  if (!is_cranfield && !find_file(folder, "corpus.jsonl")) {
    fail(ErrorKind::kNotFound, folder,
         ": expected corpus.jsonl, queries.jsonl and qrels/ (BEIR), or cran.all.1400, cran.qry and "
         "cranqrel (Cranfield), found neither");
  }
  RetrievalData data = is_cranfield ? read_cranfield(folder) : read_beir(folder, split);
  data.name = fs::path(folder).lexically_normal().filename().string();
  if (data.name.empty()) data.name = fs::path(folder).lexically_normal().parent_path().filename();
  return data;
}

}  // namespace firth
