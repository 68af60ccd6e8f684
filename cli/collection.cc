// Passages and their vectors.
#include "cli/collection.h"

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "cli/interrupt.h"
#include "cli/output.h"
#include "cli/passages.h"
#include "cli/progress.h"
#include "cli/usage_error.h"
#include "firth/core/error.h"
#include "firth/io/cache_dir.h"
#include "firth/io/model_folder.h"
#include "firth/io/near_names.h"
#include "firth/search/fetch_records.h"
#include "firth/search/source_stamp.h"
#include "firth/words/word_vectors.h"

namespace firth::cli {
namespace {

namespace fs = std::filesystem;

// The items of one file, and which of the collection's sources it is.
struct Source {
  std::string path;
  std::vector<Item> items;
};

void add_passages(const Record& record, std::size_t passage_bytes, std::vector<Item>& items) {
  for (const Passage& passage : cut_passages(record.text, passage_bytes)) {
    const std::uint64_t first_line = std::max<std::uint64_t>(record.line, 1);
    items.push_back({record.id, record.file, first_line + passage.line, std::string(passage.text)});
  }
}

// Reads everything; records of one file lie together.
std::vector<Source> read_sources(const CollectionArgs& args) {
  TextInput input(args.input);
  std::vector<Source> sources;
  Record record;
  while (input.next(record)) {
    if (sources.empty() || sources.back().path != record.file) sources.push_back({record.file, {}});
    add_passages(record, args.passage, sources.back().items);
    check_interrupt();
  }
  return sources;
}

std::string absolute(const std::string& path) {
  std::error_code error;
  const fs::path canonical = fs::canonical(path, error);
  return error ? path : canonical.string();
}

VectorCacheKey cache_key(const CollectionArgs& args, const OpenModel& model,
                         const EmbedOptions& options) {
  VectorCacheKey key;
  key.identity = model.embedder->identity();
  key.options = options;
  key.options.progress = nullptr;
  for (const std::string& path : args.input.inputs) key.collection += absolute(path) + "\n";
  key.selection = args.input.format + "\n" + std::to_string(args.passage) + "\n" +
                  std::to_string(args.input.replace_invalid);
  for (const std::string& field : args.input.fields) key.selection += "\n" + field;
  return key;
}

class CollectionEmbedder {
 public:
  CollectionEmbedder(const std::vector<Source>& sources, OpenModel& model,
                     const EmbedOptions& options, ProgressMode mode)
      : sources_(sources), model_(model), options_(options), progress_(mode, "passages") {
    for (const Source& source : sources) num_items_ += source.items.size();
    options_.progress = [this](std::uint64_t done) { on_progress(done); };
  }

  std::vector<std::uint64_t> embed(std::span<const std::size_t> wanted, const AppendRows& append) {
    std::vector<std::uint64_t> num_rows;
    std::vector<std::string_view> block;
    for (const std::size_t number : wanted) {
      num_rows.push_back(sources_[number].items.size());
      for (const Item& item : sources_[number].items) {
        block.emplace_back(item.text);
        if (block.size() == kBlockRecords) embed_block(block, append);
      }
    }
    if (!block.empty()) embed_block(block, append);
    return num_rows;
  }

  const EmbedReport& report() const { return report_; }

  double seconds() const { return progress_.seconds(); }

 private:
  void embed_block(std::vector<std::string_view>& block, const AppendRows& append) {
    const Vectors vectors = model_.embedder->embed(std::span<const std::string_view>(block),
                                                   options_, *model_.workspace);
    append(vectors.values.view<float>());
    report_.add(vectors.report);
    block.clear();
  }

  void on_progress(std::uint64_t done) {
    check_interrupt();
    const std::uint64_t all = report_.num_items + done;
    progress_.update({.done = all,
                      .tokens = report_.num_tokens,
                      .fraction = static_cast<double>(all) / static_cast<double>(num_items_)});
  }

  const std::vector<Source>& sources_;
  OpenModel& model_;
  EmbedOptions options_;
  Progress progress_;
  std::uint64_t num_items_ = 0;
  EmbedReport report_;
};

bool can_be_cached(const CollectionArgs& args) {
  return !args.no_cache && cache_folder() &&
         std::ranges::none_of(args.input.inputs, [](const std::string& path) {
           return path == "-" || !fs::exists(path);
         });
}

// Without a cache: the rows in memory.
void embed_into_memory(CollectionEmbedder& embedder, std::size_t num_sources,
                       Collection& collection, std::size_t dimension) {
  std::vector<std::size_t> all(num_sources);
  for (std::size_t i = 0; i < num_sources; ++i) all[i] = i;
  auto rows = std::make_shared<Tensor>(
      Tensor::zeros<float>({std::max<std::size_t>(collection.items.size(), 1), dimension}));
  std::size_t filled = 0;
  embedder.embed(all, [&](View<const float> piece) {
    std::ranges::copy(piece.span(), rows->view<float>().span().begin() +
                                        static_cast<std::ptrdiff_t>(filled * dimension));
    filled += piece.rows();
  });
  collection.rows = View<const float>(rows->view<float>()).slice_rows(0, filled);
  collection.converted = std::move(rows);
}

void embed_with_cache(const CollectionArgs& args, const std::vector<Source>& sources,
                      CollectionEmbedder& embedder, const VectorCacheKey& key,
                      Collection& collection) {
  std::vector<SourceStamp> stamps;
  stamps.reserve(sources.size());
  for (const Source& source : sources) stamps.push_back(stamp_source(source.path));
  const VectorCache cache({.folder = *cache_folder() + "/vectors"});
  collection.cached =
      cache.get(key, stamps, [&](std::span<const std::size_t> wanted, const AppendRows& append) {
        return embedder.embed(wanted, append);
      });
  collection.rows = collection.cached.values;
  collection.num_cached = collection.cached.num_reused;
  if (!collection.cached.not_stored.empty() && !args.no_cache) {
    say("the vectors were not cached: " + collection.cached.not_stored);
  }
}

}  // namespace

Collection embed_collection(const CollectionArgs& args, OpenModel& model,
                            const EmbedOptions& options) {
  Collection collection;
  std::vector<Source> sources = read_sources(args);
  for (const Source& source : sources) {
    collection.items.insert(collection.items.end(), source.items.begin(), source.items.end());
  }
  const std::size_t dimension =
      options.dim == 0 ? model.embedder->description().dimension : options.dim;
  CollectionEmbedder embedder(sources, model, options, parse_progress_mode(args.progress));
  if (can_be_cached(args)) {
    embed_with_cache(args, sources, embedder, cache_key(args, model, options), collection);
  } else {
    embed_into_memory(embedder, sources.size(), collection, dimension);
  }
  if (collection.rows.rows() != collection.items.size()) {
    fail(ErrorKind::kInternal, "search: expected ", collection.items.size(), " rows, found ",
         collection.rows.rows());
  }
  collection.num_rows = collection.rows.rows();
  collection.dimension = dimension;
  collection.report = embedder.report();
  collection.embed_seconds = embedder.seconds();
  return collection;
}

Item Collection::item(std::size_t row) const {
  if (!items.empty()) return items[row];
  if (const auto found = fetched.find(row); found != fetched.end()) return found->second;
  return {.id = table.ids.empty() ? "" : table.ids[row], .file = "", .line = 0, .text = ""};
}

Tensor Collection::row(std::size_t row) const {
  Tensor result = Tensor::zeros<float>({1, dimension});
  const std::span<float> out = result.view<float>().span();
  if (rows.empty()) {
    table.copy_row(row, out);
  } else {
    std::ranges::copy(rows.row(row), out.begin());
  }
  return result;
}

namespace {

// The ids that --ids names a field for; none without it.
std::vector<std::string> read_ids(const CollectionArgs& args) {
  std::vector<std::string> ids;
  if (args.texts.empty() || args.input.id_field.empty()) return ids;
  if (args.texts == "-") {
    usage_error("--texts: expected a file, as its ids are looked up first, found standard input");
  }
  RecordReader reader({args.texts}, record_options(args.input));
  Record record;
  while (reader.next(record)) ids.push_back(record.id);
  return ids;
}

NarrowRows saved_int8_rows(const VectorTable& table, ThreadPool& pool) {
  const View<const std::int8_t> values = table.values.view<std::int8_t>();
  if (!table.scales.empty()) return int8_rows(values, table.scales, pool);
  const auto ones = std::make_shared<const std::vector<float>>(values.rows(), 1.0F);
  NarrowRows rows = int8_rows(values, *ones, pool);
  rows.owner =
      std::make_shared<const std::pair<std::shared_ptr<const void>, std::shared_ptr<const void>>>(
          rows.owner, ones);
  return rows;
}

NarrowRows cached_int8_rows(const Collection& collection, bool use_cache, ThreadPool& pool) {
  const auto folder = use_cache ? cache_folder() : std::nullopt;
  if (folder) {
    const VectorCache cache({.folder = *folder + "/vectors"});
    if (!collection.vectors_path.empty() && collection.converted == nullptr) {
      return cache.narrow(stamp_source(collection.vectors_path), collection.rows, pool);
    }
    if (!collection.cached.values.empty()) return cache.narrow(collection.cached, pool);
  }
  return narrow_rows(collection.rows, RowForm::kInt8, pool);
}

}  // namespace

namespace {

// A fastText model is a table of the words that it knows.
VectorTable read_fasttext(const std::string& path) {
  const auto model = open_word_vectors(path);
  ThreadPool pool;
  const auto rows = std::make_shared<const Tensor>(model->to_f32(pool));
  VectorTable table;
  table.info.dimension = model->dimension();
  table.info.count = model->words().size();
  table.values = rows->any();
  table.owner = rows;
  table.ids.reserve(model->words().size());
  for (std::size_t i = 0; i < model->words().size(); ++i) table.ids.emplace_back(model->words()[i]);
  return table;
}

VectorTable read_saved_vectors(const CollectionArgs& args) {
  const bool may_be_words = fs::is_regular_file(args.vectors);
  if (may_be_words && word_file_kind(args.vectors) == WordFileKind::kFastText)
    return read_fasttext(args.vectors);
  return read_vectors(args.vectors, {.ids_path = args.ids, .check_finite = false});
}

}  // namespace

Collection open_saved_vectors(const CollectionArgs& args) {
  Collection collection;
  collection.table = read_saved_vectors(args);
  const VectorTable& table = collection.table;
  if (table.values.holds<float>()) {
    collection.rows = table.values.view<float>();
  } else if (table.info.dtype != VectorDType::kInt8) {
    collection.converted = std::make_shared<Tensor>(table.to_f32());
    collection.rows = collection.converted->view<float>();
  }
  collection.num_rows = table.info.count;
  collection.dimension = table.info.dimension;
  collection.model_identity = table.info.identity;
  collection.vectors_path = args.vectors;
  if (!args.texts.empty() && args.texts != "-" && !fs::exists(args.texts)) {
    fail(ErrorKind::kNotFound, quoted(args.texts), ": expected the texts of ", args.vectors,
         ", found nothing there");
  }
  return collection;
}

void fetch_texts(const CollectionArgs& args, std::span<const std::size_t> rows,
                 Collection& collection) {
  if (args.texts.empty()) return;
  const std::vector<std::uint64_t> indices(rows.begin(), rows.end());
  std::vector<Record> records =
      fetch_records({args.texts}, record_options(args.input), indices, collection.num_rows);
  const std::vector<std::string>& ids = collection.table.ids;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    Record& record = records[i];
    const std::string id = ids.empty() ? record.id : ids[rows[i]];
    const std::uint64_t line = std::max<std::uint64_t>(record.line, 1);
    collection.fetched[rows[i]] = {id, record.file, line, std::move(record.text)};
  }
}

ExactIndex index_of(const Collection& collection, const std::string& form, Similarity similarity,
                    bool use_cache, ThreadPool& pool) {
  ExactIndexOptions options{.similarity = similarity};
  if (form == "binary") options.form = RowForm::kBinary;
  const bool saved_as_int8 = collection.rows.empty() && collection.num_rows > 0;
  if (saved_as_int8 && form != "auto" && form != "int8") {
    usage_error("--form: expected auto or int8, as the vectors of ", collection.vectors_path,
                " are saved, found ", form);
  }
  try {
    if (saved_as_int8) {
      return {saved_int8_rows(collection.table, pool), {}, options};
    }
    if (form == "int8") {
      return {cached_int8_rows(collection, use_cache, pool), collection.rows, options};
    }
    return {collection.rows, options, pool};
  } catch (const Error& error) {
    if (collection.vectors_path.empty() || error.kind() != ErrorKind::kInvalidArgument) throw;
    fail(ErrorKind::kCorrupt, collection.vectors_path, ": ", error.what());
  }
}

std::size_t find_item(const CollectionArgs& args, const Collection& collection,
                      const std::string& id) {
  const std::vector<std::string> of_texts =
      collection.table.ids.empty() ? read_ids(args) : std::vector<std::string>();
  const std::vector<std::string>& ids = of_texts.empty() ? collection.table.ids : of_texts;
  const auto found = std::ranges::find(ids, id);
  if (!id.empty() && found != ids.end()) return static_cast<std::size_t>(found - ids.begin());
  std::size_t row = 0;
  const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), row);
  if (error == std::errc() && end == id.data() + id.size() && row < collection.num_rows) return row;
  const std::vector<std::string> near = near_names(ids, id);
  fail(ErrorKind::kNotFound, args.vectors, ": expected an item ", quoted(id), " among its ",
       grouped(collection.num_rows), ", found none",
       ids.empty()
           ? "; they have no ids, name one by its row, 0 to " +
                 std::to_string(collection.num_rows - std::min<std::size_t>(collection.num_rows, 1))
       : near.empty() ? ""
                      : "; near: " + quoted_list(near));
}

}  // namespace firth::cli
