#include "cli/word_training.h"

#include <charconv>
#include <filesystem>

#include "cli/interrupt.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/usage_error.h"
#include "firth/core/error.h"
#include "firth/io/json_writer.h"
#include "firth/io/line_reader.h"
#include "firth/words/word_vectors.h"

namespace firth::cli {
namespace {

// word2vec's form (a word and its count a line) or words alone.
std::vector<std::string> read_vocabulary(const std::string& path) {
  LineReader lines(ByteSource::open(path), std::size_t{1} << 20);
  std::vector<std::string> words;
  for (std::string_view line; lines.next(line);) {
    line = without_carriage_return(line);
    const std::size_t space = line.find_last_of(" \t");
    if (space != std::string_view::npos &&
        line.find_first_not_of("0123456789", space + 1) == std::string_view::npos)
      line = line.substr(0, space);
    if (!line.empty()) words.emplace_back(line);
  }
  if (words.empty()) fail(ErrorKind::kInvalidArgument, path, ": expected words, found none");
  return words;
}

std::vector<std::string> split_at_commas(std::string_view list) {
  std::vector<std::string> parts;
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    if (comma > 0) parts.emplace_back(list.substr(0, comma));
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return parts;
}

std::string checkpoint_path(const std::string& output) {
  std::string path = output;
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return path + ".checkpoint.safetensors";
}

}  // namespace

void for_each_corpus_field(WordTrainingArgs& args, OptionTable& visit) {
  visit("CORPUS…", &args.input.inputs, "",
        "files (a sentence a line, .jsonl, .csv, .gz, .zst; - is standard input) or folders of "
        "text files");
  visit("-o,--output", &args.output, "PATH", "what to write; its ending says how");
  visit.group("Corpus");
  visit("--min-count", &args.corpus.min_count, "N", "leave out words that occur less often");
  visit("--max-vocab", &args.corpus.max_vocab, "N", "keep only the N most frequent words; 0 = all");
  visit("--separator", &args.corpus.separator, "TEXT",
        "what stands between words or items, for example , or a tab");
  visit.default_text("blanks and tabs");
  visit("--vocabulary", &args.vocabulary, "FILE",
        "words to learn instead of counting, one a line, with or without a count");
  visit("--stop-words", &args.stop_words, "FILE|WORD,WORD…",
        "words to leave out: a file, one a line, or a list");
  visit("--spool", &args.corpus.spool_folder, "FOLDER",
        "where the corpus is kept as numbers while training, 4 bytes a word");
  visit.default_text("the system's folder for temporary files");
}

void for_each_training_field(WordTrainingArgs& args, OptionTable& visit) {
  WordTrainingOptions& training = args.training;
  visit.group("Training");
  visit("--dim", &training.dim, "N", "components of a vector");
  visit("--window", &training.window, "N", "words looked at on each side, at most");
  visit("--negative", &training.negative, "N", "words drawn as wrong answers; 0 with --hs");
  visit("--hs", &training.hs, "", "hierarchical softmax");
  visit("--cbow", &training.cbow, "", "predict a word from its context; else the context from it");
  visit("--cbow-sum", &args.cbow_sum, "", "the context is the sum of its words, not their mean");
  visit("--sample", &training.sample, "X",
        "leave out some occurrences of words that are more frequent than this; 0 = none");
  visit("--ns-exponent", &training.ns_exponent, "X",
        "wrong answers are drawn by count to this power");
  visit("--full-windows", &args.no_shrink_windows, "",
        "look at all words of a window, not at 1 to --window of them");
  visit("--epochs", &training.epochs, "N", "passes over the corpus");
  visit("--lr", &training.lr, "X", "learning rate at the start");
  visit("--min-lr", &training.min_lr, "X", "learning rate at the end, as a share of --lr");
  visit("--settle", &training.settle, "X",
        "stop when the vectors move less than this share of their length in an epoch; 0 = never");
  visit("--patience", &training.patience, "N",
        "stop when the loss has not fallen for N epochs; 0 = never");
  visit("--start-from", &args.start_from, "VECTORS",
        "begin with the vectors of this file (word2vec, GloVe, fastText) for words it has");
}

void for_each_running_field(WordTrainingArgs& args, OptionTable& visit) {
  for_each_field(args.input, visit);
  visit.group("Running");
  visit("--threads", &args.threads, "N", "threads");
  visit.default_text("all that the process may use");
  visit("--seed", &args.seed, "N", "of all that is drawn");
  visit("--deterministic", &args.training.deterministic, "",
        "the same bytes for the same seed with any number of threads; trains on one");
  visit("--checkpoint", &args.checkpoints, "",
        "keep the state beside the output as OUT.checkpoint.safetensors while training");
  visit("--checkpoint-every", &args.training.checkpoint_every, "SECONDS", "between two states");
  visit("--resume", &args.training.resume, "",
        "go on with the state that an earlier run left; implies --checkpoint");
  visit("--progress", &args.progress, "MODE", "when to show progress on stderr",
        {"auto", "always", "never"});
  visit.group("Output");
  visit("--json", &args.json, "", "print the report as one JSON object");
}

void settle_args(WordTrainingArgs& args) {
  if (args.output.empty()) usage_error("--output: expected the file to write, found nothing");
  args.training.shrink_windows = !args.no_shrink_windows;
  args.training.cbow_mean = !args.cbow_sum;
  args.training.seed = args.seed;
  if (args.checkpoints || args.training.resume)
    args.training.checkpoint = checkpoint_path(args.output);
  if (!args.vocabulary.empty()) args.corpus.vocabulary = read_vocabulary(args.vocabulary);
  if (!args.stop_words.empty()) {
    args.corpus.stop_words = std::filesystem::exists(args.stop_words)
                                 ? read_vocabulary(args.stop_words)
                                 : split_at_commas(args.stop_words);
  }
  if (args.corpus.separator == "\\t") args.corpus.separator = "\t";
}

Corpus read_corpus(const WordTrainingArgs& args, ThreadPool& pool) {
  CorpusBuilder builder(args.corpus, pool);
  TextInput input(args.input);
  Progress progress(parse_progress_mode(args.progress), "texts");
  std::uint64_t num_texts = 0;
  while (true) {
    const std::vector<Record> block = read_block(input);
    if (block.empty()) break;
    builder.add(text_views(block));
    num_texts += block.size();
    progress.update({.done = num_texts, .fraction = input.fraction()});
    check_interrupt();
  }
  return builder.finish();
}

void start_from(WordTrainer& trainer, const WordTrainingArgs& args, const Corpus& corpus) {
  if (args.start_from.empty()) return;
  const std::size_t known = trainer.start_from(*open_word_vectors(args.start_from));
  say(args.start_from + ": vectors of " + grouped(known) + " of the " +
      counted(corpus.words.size(), "word"));
}

std::vector<EpochReport> train_words(WordTrainer& trainer, const WordTrainingArgs& args,
                                     MotionPicture* picture) {
  Progress progress(parse_progress_mode(args.progress), "words");
  std::uint64_t first = UINT64_MAX;
  return trainer.train([&](const WordTrainingProgress& state) {
    check_interrupt();
    if (first == UINT64_MAX) first = state.done;
    const bool begins = state.done == 0 && state.finished == nullptr;
    if (picture != nullptr && (begins || state.finished != nullptr))
      picture->add(trainer.vectors());
    // A toy's many epochs go by in silence.
    if (state.finished != nullptr && args.training.epochs <= 50) {
      clear_progress_line();
      say("epoch " + std::to_string(state.finished->epoch) + ": loss " +
          fixed(state.finished->loss, 4) + ", vectors moved by " +
          fixed(100 * state.finished->movement, 2) + " % of their length");
    }
    progress.update(
        {.done = state.done,
         .earlier = first,
         .fraction = static_cast<double>(state.done) / static_cast<double>(state.total)});
  });
}

void report_training(const WordTrainingArgs& args, const Corpus& corpus,
                     const std::vector<EpochReport>& epochs, const TrainingSeconds& seconds) {
  if (!args.training.checkpoint.empty()) {
    std::error_code ignored;
    std::filesystem::remove(args.training.checkpoint, ignored);
  }
  const double all = seconds.reading + seconds.training + seconds.writing;
  if (!args.json) {
    print(args.output, ": ", grouped(corpus.words.size()), " words of dimension ",
          args.training.dim, ", learned from ", grouped(corpus.num_tokens), " (",
          counted(epochs.size(), "epoch"), ") in ", fixed(all, 1), " s\n");
    return;
  }
  JsonWriter json;
  json.begin_object().field("output", args.output).field("words", corpus.words.size());
  json.field("dimension", args.training.dim).field("tokens", corpus.num_tokens);
  json.field("tokens_read", corpus.num_read).field("distinct", corpus.num_distinct);
  json.field("sentences", corpus.num_sentences).key("epochs").begin_array();
  for (const EpochReport& epoch : epochs) {
    json.begin_object().field("loss", epoch.loss).field("movement", epoch.movement);
    json.field("pairs", epoch.pairs).end_object();
  }
  json.end_array().field("seconds_reading", seconds.reading);
  json.field("seconds_training", seconds.training).field("seconds_writing", seconds.writing);
  print(json.end_object().newline().take());
}

}  // namespace firth::cli
