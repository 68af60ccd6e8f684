// `firth similarity A B`: the cosine of two things and the angle between them. The things are texts
// (with a model), words of a vector file (--vectors), or plain vectors.
#include "cli/collection.h"
#include "cli/embed_report.h"
#include "cli/model_args.h"
#include "cli/output.h"
#include "cli/usage_error.h"
#include "cli/vector_text.h"
#include "cli/verbs.h"
#include "firth/core/error.h"
#include "firth/io/json_writer.h"
#include "firth/io/vector_file.h"
#include "firth/search/vector_pair.h"

namespace firth::cli {
namespace {

struct SimilarityArgs {
  std::optional<std::string> a;
  std::optional<std::string> b;
  std::string vectors;
  bool text = false;
  bool json = false;
  ModelArgs model;
  VectorArgs vector;
};

void for_each_field(SimilarityArgs& args, OptionTable& visit) {
  visit("A", &args.a, "", "a text, a word of --vectors, or a vector such as 1,2,-0.5");
  visit("B", &args.b, "", "the other one, of the same sort");
  visit.group("Input");
  visit("--vectors", &args.vectors, "FILE",
        "A and B are ids of this vector file (word2vec text, npy with ids, JSONL, CSV, …)");
  visit("--text", &args.text, "", "A and B are texts even if they look like vectors");
  for_each_field(args.model, visit);
  for_each_field(args.vector, visit);
  visit.group("Output");
  visit("--json", &args.json, "", "print one JSON object");
}

void print_pair(const VectorPair& pair, bool as_json) {
  if (as_json) {
    JsonWriter json;
    json.begin_object().field("cosine", pair.cosine).key("angle_degrees");
    pair.angle_degrees ? json.value(*pair.angle_degrees) : json.null();
    json.field("dot", pair.dot).field("norm_a", pair.norm_a).field("norm_b", pair.norm_b);
    json.field("euclidean", pair.euclidean).field("manhattan", pair.manhattan);
    print(json.end_object().newline().take());
    return;
  }
  print("cosine  ", fixed(pair.cosine, 6), "\n");
  if (pair.angle_degrees) {
    print("angle   ", fixed(*pair.angle_degrees, 2), " degrees\n");
  } else {
    print("angle   none: a zero vector points nowhere\n");
  }
}

VectorPair compare_rows(const SimilarityArgs& args) {
  CollectionArgs collection_args;
  collection_args.vectors = args.vectors;
  const Collection collection = open_saved_vectors(collection_args);
  const std::size_t a = find_item(collection_args, collection, *args.a);
  const std::size_t b = find_item(collection_args, collection, *args.b);
  const Tensor row_a = collection.row(a);
  const Tensor row_b = collection.row(b);
  return compare_vectors(row_a.view<float>().span(), row_b.view<float>().span());
}

VectorPair compare_texts(const SimilarityArgs& args) {
  const OpenModel model = open_model(args.model);
  const EmbedOptions options = embed_options(args.vector, model.embedder->description());
  if (options.long_policy == LongPolicy::kChunkEach) {
    usage_error("--long: expected a policy that gives each text one vector, found chunk-each");
  }
  require_utf8("A", *args.a);
  require_utf8("B", *args.b);
  const std::string_view texts[] = {*args.a, *args.b};
  const Vectors vectors = model.embedder->embed(std::span(texts), options, *model.workspace);
  if (vectors.report.num_truncated > 0 || unknown_share(vectors.report) > kManyUnknown) {
    say_report(vectors.report, model.embedder->description(), options.long_policy, 0);
  }
  const auto rows = vectors.values.view<float>();
  return compare_vectors(rows.row(0), rows.row(1));
}

class SimilarityCommand final : public Command {
 public:
  CommandInfo info() const override {
    return {
        .name = "similarity",
        .summary = "Says how alike two texts, words or vectors are: cosine and angle in degrees.",
        .arguments = "A B",
        .examples = {
            {{"firth similarity \"a cat\" \"a kitten\"", "of two texts, with a model"},
             {"firth similarity --vectors words.vec orange lemon", "of two words of a vector file"},
             {"firth similarity 23,32,14,10,1,0,3,2 3,2,4,0,41,30,31,12",
              "of two vectors: 82.42 degrees"}}}};
  }

  void for_each_option(OptionTable& visit) override { for_each_field(args_, visit); }

  int run(const CommonArgs& common) override {
    static_cast<void>(common);
    require_argument(*this, "A", args_.a.has_value());
    require_argument(*this, "B", args_.b.has_value());
    print_pair(compare(), args_.json);
    return 0;
  }

 private:
  VectorPair compare() const {
    if (!args_.vectors.empty()) return compare_rows(args_);
    const bool model_given = args_.text || !args_.model.model.empty();
    const bool a_vector = looks_like_vector(*args_.a);
    const bool b_vector = looks_like_vector(*args_.b);
    if (model_given || (!a_vector && !b_vector)) return compare_texts(args_);
    if (a_vector != b_vector) {
      usage_error(a_vector ? "B" : "A", ": expected a vector like the other argument, found ",
                  quoted(a_vector ? *args_.b : *args_.a), "; --text compares both as texts");
    }
    return compare_vectors(parse_vector(*args_.a, "A"), parse_vector(*args_.b, "B"));
  }

  SimilarityArgs args_;
};

}  // namespace

std::unique_ptr<Command> make_similarity() {
  return std::make_unique<SimilarityCommand>();
}

}  // namespace firth::cli
