// `firth near VECTORS WORD…`: what lies nearest to a word, or another item, in a file of vectors.
#include <algorithm>

#include "cli/collection.h"
#include "cli/hits.h"
#include "cli/output.h"
#include "cli/usage_error.h"
#include "cli/verbs.h"
#include "firth/core/error.h"
#include "firth/core/thread_pool.h"
#include "firth/search/exact_index.h"

namespace firth::cli {
namespace {

struct NearArgs {
  CollectionArgs collection;
  std::vector<std::string> words;
  std::size_t top = 10;
  std::string similarity = "cosine";
  std::size_t threads = 0;
  bool json = false;
};

void for_each_field(NearArgs& args, OptionTable& visit) {
  visit("VECTORS", &args.collection.vectors, "",
        "a file of vectors: word2vec text, .npy with ids, .jsonl, .csv, .safetensors");
  visit("WORD…", &args.words, "", "ids in that file, or rows from 0");
  visit.group("Search");
  visit("-k,--top", &args.top, "K", "neighbours of each word");
  visit("--similarity", &args.similarity, "NAME", kSimilarityHelp, {"cosine", "dot", "euclidean"});
  visit("--vector-ids", &args.collection.ids, "FILE", "ids of the rows of a .npy file, one a line");
  visit("--threads", &args.threads, "N", "threads");
  visit.default_text("all that the process may use");
  visit.group("Output");
  visit("--json", &args.json, "", "print a JSON object a line for each word");
}

class NearCommand final : public Command {
 public:
  CommandInfo info() const override {
    return {
        .name = "near",
        .summary = "Lists the nearest neighbours of a word in a file of vectors.",
        .arguments = "VECTORS WORD…",
        .examples = {{{"firth near words.vec orange", "the ten nearest words"},
                      {"firth near words.vec orange lemon --top 3", "three for each of two words"},
                      {"firth near reviews.npy 17 --json", "rows like row 17, for programs"}}}};
  }

  void for_each_option(OptionTable& visit) override { for_each_field(args_, visit); }

  int run(const CommonArgs& common) override {
    static_cast<void>(common);
    require_argument(*this, "VECTORS", !args_.collection.vectors.empty());
    require_argument(*this, "WORD", !args_.words.empty());
    if (args_.top == 0) usage_error("--top: expected at least 1, found 0");
    const Collection collection = open_saved_vectors(args_.collection);
    std::vector<std::size_t> rows;
    for (const std::string& word : args_.words) {
      rows.push_back(find_item(args_.collection, collection, word));
    }
    ThreadPool pool(args_.threads);
    const ExactIndex index =
        index_of(collection, "auto", parse_similarity(args_.similarity), false, pool);
    for (std::size_t i = 0; i < rows.size(); ++i)
      print_neighbours(index, collection, rows[i], i, pool);
    return 0;
  }

 private:
  void print_neighbours(const ExactIndex& index, const Collection& collection, std::size_t row,
                        std::size_t number, ThreadPool& pool) const {
    const Tensor query = collection.row(row);
    auto hits = index.search(query.view<float>(), args_.top + 1, pool).front();
    std::erase_if(hits, [&](const Hit& hit) { return hit.row == row; });
    if (hits.size() > args_.top) hits.resize(args_.top);
    if (args_.json) {
      print_hits_json(args_.words[number], hits, collection);
      return;
    }
    if (args_.words.size() > 1) print(number == 0 ? "" : "\n", args_.words[number], "\n");
    print_hits("", hits, collection);
  }

  NearArgs args_;
};

}  // namespace

std::unique_ptr<Command> make_near() {
  return std::make_unique<NearCommand>();
}

}  // namespace firth::cli
