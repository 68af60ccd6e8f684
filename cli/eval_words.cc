// `firth eval words`: how good word vectors are: people's scores of pairs of words, and analogies.
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "cli/collection.h"
#include "cli/interrupt.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/usage_error.h"
#include "cli/verbs.h"
#include "firth/core/thread_pool.h"
#include "firth/eval/analogies.h"
#include "firth/eval/word_similarity.h"
#include "firth/io/json_writer.h"

namespace firth::cli {
namespace {

struct EvalWordsArgs {
  CollectionArgs collection;
  std::vector<std::string> similarity;
  std::vector<std::string> analogies;
  std::size_t restrict_vocab = 300000;
  bool case_sensitive = false;
  bool sections = false;
  std::size_t threads = 0;
  std::string progress = "auto";
  bool json = false;
};

void for_each_field(EvalWordsArgs& args, OptionTable& visit) {
  visit("VECTORS", &args.collection.vectors, "",
        "a file of word vectors: word2vec text or binary, GloVe text, .npy with ids, …");
  visit.group("Data");
  visit(
      "--similarity", &args.similarity, "FILE…",
      "pairs of words with people's scores: word, word, score a line (WordSim-353, SimLex-999, …)");
  visit("--analogies", &args.analogies, "FILE…",
        "questions of four words a line, sections that begin with ': name' (questions-words.txt)");
  visit("--restrict-vocab", &args.restrict_vocab, "N",
        "know only the first N words of the file, the most frequent ones as a rule; 0 = all");
  visit("--case-sensitive", &args.case_sensitive, "", "tell words apart that differ in case alone");
  visit("--vector-ids", &args.collection.ids, "FILE",
        "words of the rows of a .npy file, one a line");
  visit("--threads", &args.threads, "N", "threads");
  visit.default_text("all that the process may use");
  visit.group("Output");
  visit("--sections", &args.sections, "", "a line for each section of the analogies");
  visit("--progress", &args.progress, "WHEN", "show progress after two seconds",
        {"auto", "always", "never"});
  visit.default_text("auto: on a terminal");
  visit("--json", &args.json, "", "print one JSON object");
}

struct SimilarityFigures {
  std::string file;
  WordSimilarityResult result;
};

struct AnalogyFigures {
  std::string file;
  AnalogyResult result;
};

std::optional<double> share_of(const AnalogyCount& count, std::size_t right) {
  if (count.num_found == 0) return std::nullopt;
  return static_cast<double>(right) / static_cast<double>(count.num_found);
}

std::string padded(std::string text, std::size_t width) {
  if (text.size() < width) text.insert(0, width - text.size(), ' ');
  return text;
}

std::string percent_or(std::optional<double> share, std::string_view otherwise) {
  return share ? fixed(100 * *share, 2) : std::string(otherwise);
}

std::string interval_text(const std::optional<Interval>& interval) {
  if (!interval) return "";
  return fixed(100 * interval->low, 1) + " … " + fixed(100 * interval->high, 1);
}

// A heading and its rows, the first column as wide as its longest cell.
std::size_t first_width(std::size_t least, const std::vector<std::string>& cells) {
  for (const std::string& cell : cells) least = std::max(least, cell.size());
  return least + 2;
}

void print_first(const std::string& cell, std::size_t width) {
  print(cell, std::string(width - cell.size(), ' '));
}

void print_similarity(const std::vector<SimilarityFigures>& all) {
  if (all.empty()) return;
  std::vector<std::string> names;
  for (const SimilarityFigures& figures : all) names.push_back(figures.file);
  const std::size_t width = first_width(10, names);
  print_first("similarity", width);
  print("   pairs   known  spearman  pearson  95 % of spearman (times 100)\n");
  for (const auto& [file, result] : all) {
    print_first(file, width);
    print(padded(grouped(result.num_pairs), 8), padded(grouped(result.num_found), 8),
          padded(percent_or(result.spearman, "-"), 10), padded(percent_or(result.pearson, "-"), 9),
          "  ", interval_text(result.spearman_interval), "\n");
  }
}

void print_analogy_row(const std::string& name, std::size_t width, const AnalogyCount& count) {
  print_first(name, width);
  print(padded(grouped(count.num_questions), 11), padded(grouped(count.num_found), 8),
        padded(percent_or(share_of(count, count.num_right_add), "-"), 9),
        padded(percent_or(share_of(count, count.num_right_mul), "-"), 9), "  ",
        interval_text(share_interval(count.num_right_add, count.num_found)), "\n");
}

void print_analogies(const std::vector<AnalogyFigures>& all, bool with_sections) {
  if (all.empty()) return;
  std::vector<std::string> names;
  for (const auto& [file, result] : all) {
    names.push_back(file);
    if (!with_sections) continue;
    for (const AnalogySectionResult& section : result.sections)
      names.push_back("  " + section.name);
  }
  const std::size_t width = first_width(9, names);
  print_first("analogies", width);
  print("  questions   known  3CosAdd  3CosMul  95 % of 3CosAdd (percent)\n");
  for (const auto& [file, result] : all) {
    print_analogy_row(file, width, result.all);
    if (!with_sections) continue;
    for (const AnalogySectionResult& section : result.sections)
      print_analogy_row("  " + section.name, width, section.count);
  }
}

void add_number(JsonWriter& json, std::string_view name, std::optional<double> number) {
  json.key(name);
  number ? json.value(*number) : json.null();
}

void add_interval(JsonWriter& json, const std::optional<Interval>& interval) {
  json.key("interval_95");
  if (!interval) {
    json.null();
    return;
  }
  json.begin_array().value(interval->low).value(interval->high).end_array();
}

void add_count(JsonWriter& json, const AnalogyCount& count) {
  json.field("questions", count.num_questions).field("known", count.num_found);
  json.field("right_3cosadd", count.num_right_add).field("right_3cosmul", count.num_right_mul);
  add_number(json, "accuracy_3cosadd", share_of(count, count.num_right_add));
  add_number(json, "accuracy_3cosmul", share_of(count, count.num_right_mul));
  add_interval(json, share_interval(count.num_right_add, count.num_found));
}

void print_json(const std::string& vectors, std::size_t num_words,
                const std::vector<SimilarityFigures>& similarity,
                const std::vector<AnalogyFigures>& analogies) {
  JsonWriter json;
  json.begin_object().field("task", "words").field("vectors", vectors).field("words", num_words);
  json.key("similarity").begin_array();
  for (const auto& [file, result] : similarity) {
    json.begin_object().field("data", file).field("pairs", result.num_pairs);
    json.field("known", result.num_found);
    add_number(json, "spearman", result.spearman);
    add_number(json, "pearson", result.pearson);
    add_interval(json, result.spearman_interval);
    json.end_object();
  }
  json.end_array().key("analogies").begin_array();
  for (const auto& [file, result] : analogies) {
    json.begin_object().field("data", file);
    add_count(json, result.all);
    json.key("sections").begin_array();
    for (const AnalogySectionResult& section : result.sections) {
      json.begin_object().field("name", section.name);
      add_count(json, section.count);
      json.end_object();
    }
    json.end_array().end_object();
  }
  print(json.end_array().end_object().newline().take());
}

class EvalWordsCommand final : public Command {
 public:
  CommandInfo info() const override {
    return {.name = "eval words",
            .summary = "Measures word vectors: people's scores of pairs, and analogies.",
            .arguments = "VECTORS --similarity FILE… --analogies FILE…",
            .examples = {{{"firth eval words words.vec --similarity wordsim353.tsv simlex.tsv",
                           "Spearman's correlation with people's scores"},
                          {"firth eval words words.bin --analogies questions-words.txt --sections",
                           "king - man + woman = queen, by section"},
                          {"firth eval words words.vec --similarity *.tsv --json",
                           "the same for programs"}}},
            .notes =
                "Pairs and questions with a word that the file lacks are left out; 'known' counts "
                "the others. Words are found without regard to case, as gensim's "
                "evaluate_word_pairs and evaluate_word_analogies do, and the figures are theirs. "
                "Intervals: Fisher's z with Bonett and Wright's variance; Wilson's."};
  }

  void for_each_option(OptionTable& visit) override { for_each_field(args_, visit); }

  int run(const CommonArgs& /*common*/) override {
    require_argument(*this, "VECTORS", !args_.collection.vectors.empty());
    if (args_.similarity.empty() && args_.analogies.empty())
      usage_error("eval words: expected --similarity FILE or --analogies FILE, found neither");
    const Collection collection = open_saved_vectors(args_.collection);
    if (collection.table.ids.empty()) {
      usage_error(args_.collection.vectors,
                  ": expected a file with words, found vectors alone; --vector-ids names a file "
                  "of them");
    }
    // Everything is read before anything is computed: a bad file is told of at once.
    std::vector<std::vector<WordPair>> pairs;
    std::vector<std::vector<AnalogySection>> questions;
    for (const std::string& file : args_.similarity) pairs.push_back(read_word_pairs(file));
    for (const std::string& file : args_.analogies) questions.push_back(read_analogies(file));

    const WordTable table(
        collection.table.ids, collection.rows,
        {.restrict_vocab = args_.restrict_vocab, .case_insensitive = !args_.case_sensitive});
    std::vector<SimilarityFigures> similarity;
    for (std::size_t i = 0; i < pairs.size(); ++i)
      similarity.push_back({args_.similarity[i], evaluate_word_similarity(table, pairs[i])});
    const std::vector<AnalogyFigures> analogies = ask(table, questions);
    if (args_.json) {
      print_json(args_.collection.vectors, table.num_words(), similarity, analogies);
      return 0;
    }
    print(args_.collection.vectors, ": ", grouped(table.num_words()), " words of dimension ",
          collection.dimension, "\n");
    print_similarity(similarity);
    print_analogies(analogies, args_.sections);
    return 0;
  }

 private:
  std::vector<AnalogyFigures> ask(const WordTable& table,
                                  const std::vector<std::vector<AnalogySection>>& questions) const {
    ThreadPool pool(args_.threads);
    Progress progress(parse_progress_mode(args_.progress), "words");
    std::vector<AnalogyFigures> all;
    for (std::size_t i = 0; i < questions.size(); ++i) {
      const auto on_progress = [&](double share) {
        check_interrupt();
        const double whole =
            (static_cast<double>(i) + share) / static_cast<double>(questions.size());
        const auto words = static_cast<double>(table.num_words() * questions.size());
        progress.update({.done = static_cast<std::uint64_t>(whole * words), .fraction = whole});
      };
      all.push_back(
          {args_.analogies[i], evaluate_analogies(table, questions[i], pool, on_progress)});
    }
    return all;
  }

  EvalWordsArgs args_;
};

}  // namespace

std::unique_ptr<Command> make_eval_words() {
  return std::make_unique<EvalWordsCommand>();
}

}  // namespace firth::cli
