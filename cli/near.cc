// `firth near VECTORS WORD…`: what lies nearest to a word, to a sum of words (king - man + woman)
// or to a plain vector, in a file of vectors; which of several words does not belong; all of it
// also line by line from standard input (--shell).
#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <sstream>

#include "cli/collection.h"
#include "cli/hits.h"
#include "cli/near_query.h"
#include "cli/output.h"
#include "cli/usage_error.h"
#include "cli/verbs.h"
#include "firth/core/error.h"
#include "firth/core/thread_pool.h"
#include "firth/io/json_writer.h"
#include "firth/kernels/vector.h"
#include "firth/search/exact_index.h"

namespace firth::cli {
namespace {

struct NearArgs {
  CollectionArgs collection;
  std::vector<std::string> words;
  std::size_t top = 10;
  std::string similarity = "cosine";
  bool odd = false;
  bool shell = false;
  std::size_t threads = 0;
  bool json = false;
};

void for_each_field(NearArgs& args, OptionTable& visit) {
  visit("VECTORS", &args.collection.vectors, "",
        "a file of vectors: word2vec text or binary, .npy with ids, .jsonl, .csv, .safetensors");
  visit("WORD…", &args.words, "",
        "ids in that file, or rows from 0; a sum of them, 'king - man + woman'; or a vector, "
        "0.1,0.7");
  visit.group("Search");
  visit("-k,--top", &args.top, "K", "neighbours of each word");
  visit("--similarity", &args.similarity, "NAME", kSimilarityHelp, {"cosine", "dot", "euclidean"});
  visit("--odd", &args.odd, "", "say which of the words is farthest from the mean of all of them");
  visit("--shell", &args.shell, "", "answer line by line what is asked on standard input");
  visit("--vector-ids", &args.collection.ids, "FILE", "ids of the rows of a .npy file, one a line");
  visit("--threads", &args.threads, "N", "threads");
  visit.default_text("all that the process may use");
  visit.group("Output");
  visit("--json", &args.json, "", "print a JSON object a line for each question");
}

constexpr std::string_view kShellHelp =
    "a word, a sum (king - man + woman) or a vector (0.1,0.7); :odd WORD WORD WORD…, :top K, :quit";

class NearCommand final : public Command {
 public:
  CommandInfo info() const override {
    return {.name = "near",
            .summary = "Lists the nearest neighbours of a word in a file of vectors.",
            .arguments = "VECTORS WORD…",
            .examples = {{{"firth near words.vec orange lemon --top 3",
                           "the three nearest to each of two words"},
                          {"firth near words.vec king - man + woman", "an analogy"},
                          {"firth near words.vec breakfast lunch cereal dinner --odd",
                           "the word that does not belong"}}},
            .notes =
                "A sum is the mean of its vectors, each made unit length first where nearness is "
                "the cosine, as in word2vec's analogies; its words are not among the answers.\n"
                "--shell reads lines: a word, a sum or a vector; ':odd WORD WORD WORD…', ':top K', "
                "':quit'. What is wrong with a line is said, and the next one is read."};
  }

  void for_each_option(OptionTable& visit) override { for_each_field(args_, visit); }

  int run(const CommonArgs& /*common*/) override {
    require_argument(*this, "VECTORS", !args_.collection.vectors.empty());
    require_argument(*this, "WORD", args_.shell || !args_.words.empty());
    if (args_.top == 0) usage_error("--top: expected at least 1, found 0");
    if (args_.shell && !args_.words.empty())
      usage_error("--shell: expected no words, found ", quoted(args_.words[0]));
    if (args_.odd && args_.words.size() < 3)
      usage_error("--odd: expected at least 3 words, found ", args_.words.size());
    const Collection collection = open_saved_vectors(args_.collection);
    if (args_.odd) {
      print_odd(collection, args_.words);
      return 0;
    }
    // All are looked up before the first is answered.
    const std::vector<std::string> questions = near_questions(args_.words);
    std::vector<NearQuery> queries;
    for (const std::string& question : questions) queries.push_back(parse(collection, question));
    ThreadPool pool(args_.threads);
    const ExactIndex index =
        index_of(collection, "auto", parse_similarity(args_.similarity), false, pool);
    for (std::size_t i = 0; i < queries.size(); ++i) {
      if (!args_.json && queries.size() > 1) print(i == 0 ? "" : "\n", queries[i].text, "\n");
      print_neighbours(index, collection, queries[i], pool);
    }
    if (args_.shell) run_shell(index, collection, pool);
    return 0;
  }

 private:
  NearQuery parse(const Collection& collection, std::string_view text) const {
    return parse_near_query(args_.collection, collection, text, args_.similarity == "cosine");
  }

  void print_neighbours(const ExactIndex& index, const Collection& collection,
                        const NearQuery& query, ThreadPool& pool) const {
    const std::size_t wanted = args_.top + query.terms.size();
    auto hits = index.search(query.vector.view<float>(), wanted, pool).front();
    std::erase_if(hits, [&](const Hit& hit) {
      return std::ranges::find(query.terms, hit.row, &NearTerm::row) != query.terms.end();
    });
    if (hits.size() > args_.top) hits.resize(args_.top);
    args_.json ? print_hits_json(query.text, hits, collection) : print_hits("", hits, collection);
  }

  // gensim's doesnt_match: the least cosine to the mean of all, each of unit length.
  void print_odd(const Collection& collection, const std::vector<std::string>& words) const {
    Tensor units(DType::kF32, {words.size(), collection.dimension});
    const View<float> rows = units.view<float>();
    for (std::size_t i = 0; i < words.size(); ++i) {
      const Tensor row = collection.row(find_item(args_.collection, collection, words[i]));
      std::ranges::copy(row.view<float>().span(), rows.row(i).begin());
    }
    normalize_rows(rows);
    std::vector<float> mean(collection.dimension);
    for (std::size_t i = 0; i < words.size(); ++i) axpy(1, rows.row(i), mean);
    std::vector<float> cosines;
    for (std::size_t i = 0; i < words.size(); ++i) cosines.push_back(cosine(rows.row(i), mean));
    const auto odd = static_cast<std::size_t>(std::ranges::min_element(cosines) - cosines.begin());
    if (!args_.json) {
      print(words[odd], "\n");
      return;
    }
    JsonWriter json;
    json.begin_object().field("odd", words[odd]).key("words").begin_array();
    for (std::size_t i = 0; i < words.size(); ++i) {
      json.begin_object().field("word", words[i]);
      json.field("cosine_to_mean", cosines[i]).end_object();
    }
    print(json.end_array().end_object().newline().take());
  }

  void run_shell(const ExactIndex& index, const Collection& collection, ThreadPool& pool) {
    const bool has_person = isatty(STDIN_FILENO) != 0;
    if (has_person) say(kShellHelp);
    for (std::string line; prompt(has_person), std::getline(std::cin, line);) {
      std::istringstream words(line);
      std::string first;
      if (!(words >> first)) continue;
      if (first == ":quit" || first == ":q") break;
      try {
        first.starts_with(':')
            ? obey(first, words, collection)
            : print_neighbours(index, collection, parse_line(collection, line), pool);
      } catch (const UsageError& error) {
        say_error(error.what());
      } catch (const Error& error) {
        if (error.kind() == ErrorKind::kIo) throw;  // of the output: nobody reads on
        say_error(error.what());
      }
      standard_output().flush();
    }
  }

  static void prompt(bool has_person) {
    if (has_person) std::cerr << "> " << std::flush;
  }

  NearQuery parse_line(const Collection& collection, const std::string& line) const {
    const std::size_t begin = line.find_first_not_of(" \t\r");
    return parse(collection,
                 std::string_view(line).substr(begin, line.find_last_not_of(" \t\r") + 1 - begin));
  }

  void obey(const std::string& command, std::istringstream& rest, const Collection& collection) {
    std::vector<std::string> words;
    for (std::string word; rest >> word;) words.push_back(word);
    if (command == ":odd" && words.size() >= 3) {
      print_odd(collection, words);
    } else if (command == ":top" && words.size() == 1 && std::atoi(words[0].c_str()) > 0) {
      args_.top = static_cast<std::size_t>(std::atoi(words[0].c_str()));
    } else {
      usage_error("expected ", kShellHelp, "; found ", quoted(command));
    }
  }

  NearArgs args_;
};

}  // namespace

std::unique_ptr<Command> make_near() {
  return std::make_unique<NearCommand>();
}

}  // namespace firth::cli
