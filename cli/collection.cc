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
#include "firth/search/source_stamp.h"

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
  collection.report = embedder.report();
  collection.embed_seconds = embedder.seconds();
  return collection;
}

Collection open_saved_vectors(const CollectionArgs& args) {
  Collection collection;
  collection.table = read_vectors(args.vectors, {.ids_path = args.ids});
  const VectorTable& table = collection.table;
  if (table.values.holds<float>()) {
    collection.rows = table.values.view<float>();
  } else {
    collection.converted = std::make_shared<Tensor>(table.to_f32());
    collection.rows = collection.converted->view<float>();
  }
  collection.model_identity = table.info.identity;
  if (!args.texts.empty()) {
    CollectionArgs texts = args;
    texts.input.inputs = {args.texts};
    texts.passage = 0;
    for (Source& source : read_sources(texts)) {
      std::ranges::move(source.items, std::back_inserter(collection.items));
    }
    if (collection.items.size() != collection.rows.rows()) {
      fail(ErrorKind::kInvalidArgument, args.texts, ": expected ", collection.rows.rows(),
           " texts, one for each vector of ", args.vectors, ", found ", collection.items.size());
    }
  }
  collection.items.resize(collection.rows.rows());
  for (std::size_t i = 0; i < table.ids.size(); ++i) collection.items[i].id = table.ids[i];
  return collection;
}

std::size_t find_item(const std::vector<Item>& items, const std::string& id,
                      const std::string& where) {
  const auto found = std::ranges::find(items, id, &Item::id);
  if (found != items.end()) return static_cast<std::size_t>(found - items.begin());
  std::size_t row = 0;
  const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), row);
  if (error == std::errc() && end == id.data() + id.size() && row < items.size()) return row;
  std::vector<std::string> names;
  for (const Item& item : items) {
    if (!item.id.empty()) names.push_back(item.id);
  }
  const std::vector<std::string> near = near_names(names, id);
  fail(ErrorKind::kNotFound, where, ": expected an item ", quoted(id), " among its ",
       grouped(items.size()), ", found none", near.empty() ? "" : "; near: " + quoted_list(near));
}

}  // namespace firth::cli
