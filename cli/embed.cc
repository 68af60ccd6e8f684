// `firth embed`: texts to vectors. The way of a text:
//
//   argv, stdin, files ─ TextInput ─▶ Record ─ read_block ─▶ a block of some thousand records
//     ─ Embedder::embed ─▶ a matrix, a row a text ─ VectorSink ─▶ OUT (or stdout)
//
// Only one block is in memory, so the size of the input does not matter. A block that is finished
// is written to OUT.partial and noted in OUT.partial.json (resume_state.h); the last step renames
// it.
#include <algorithm>
#include <charconv>
#include <chrono>
#include <filesystem>

#include "cli/embed_args.h"
#include "cli/embed_report.h"
#include "cli/interrupt.h"
#include "cli/output.h"
#include "cli/output_guard.h"
#include "cli/progress.h"
#include "cli/resume_state.h"
#include "cli/usage_error.h"
#include "cli/vector_sink.h"
#include "cli/verbs.h"
#include "firth/core/error.h"
#include "firth/io/atomic_file.h"
#include "firth/io/hash.h"

namespace firth::cli {
namespace {

// Names whatever moves a vector or a row, so that --resume continues only what it may.
std::string run_key(const EmbedArgs& args, const Embedder& embedder) {
  Hash hash;
  hash.add_field(embedder.identity());
  const VectorArgs& vector = args.vector;
  hash.add_field(vector.prompt ? "prompt " + *vector.prompt : "default prompt");
  hash.add_field(vector.normalize ? (*vector.normalize ? "unit" : "as is") : "default");
  for (const std::string& field : args.input.fields) hash.add_field(field);
  for (const std::string& choice :
       {vector.prompt_name, vector.long_policy, args.input.id_field, args.input.shard, args.format,
        args.dtype, args.input.format, std::to_string(vector.dim),
        std::to_string(vector.chunk_overlap), std::to_string(args.input.replace_invalid)}) {
    hash.add_field(choice);
  }
  for (const int layer : vector.layer_mix) hash.add_field(std::to_string(layer));
  return hash.hex();
}

// One run: reads blocks, embeds them, hands rows to the sink and keeps count.
class EmbedRun {
 public:
  EmbedRun(const EmbedArgs& args, OpenModel& model, TextInput& input)
      : args_(args),
        model_(model),
        input_(input),
        options_(embed_options(args.vector, model.embedder->description())),
        resume_file_(args.output, run_key(args, *model.embedder)),
        earlier_(args.resume ? resume_file_.read() : std::nullopt),
        sink_(sink_options()),
        progress_(parse_progress_mode(args.progress), "texts") {
    options_.progress = [this](std::uint64_t done) { on_progress(done); };
  }

  void run() {
    if (args_.resume) take_up();
    if (!earlier_) resume_file_.remove();
    embed_all();
    if (args_.unknown == "error") {
      sink_.keep_partial(unknown_share(state_.report) <= kManyUnknown);
      refuse_many_unknown(state_.report, name());
    }
    sink_.commit();
    resume_file_.remove();
    say_report(report_, model_.embedder->description(), options_.long_policy, progress_.seconds());
    empty_texts_.warn_of_them();
  }

  ~EmbedRun() {
    if (!sink_.partial_kept()) resume_file_.remove();
  }

 private:
  VectorSinkOptions sink_options() const {
    const EmbedderDescription& description = model_.embedder->description();
    VectorInfo info;
    info.identity = model_.embedder->identity();
    info.model = description.name;
    info.pooling = description.pooling;
    info.max_length = description.max_length;
    info.precision = description.precision;
    info.prompt = options_.prompt.value_or("");
    info.input = input_text(args_.input);
    info.dimension = options_.dim == 0 ? description.dimension : options_.dim;
    info.dtype = parse_vector_dtype(args_.dtype);
    info.normalized = options_.normalize.value_or(description.normalized);
    const bool has_folder = std::ranges::any_of(args_.input.inputs, [](const std::string& input) {
      return std::filesystem::is_directory(input);
    });
    const bool each_window = options_.long_policy == LongPolicy::kChunkEach;
    const bool has_names = !args_.input.id_field.empty() || has_folder || each_window;
    return {.path = args_.output,
            .format = args_.format,
            .with_ids = has_names || !args_.input.shard.empty(),
            .number_ids = !has_names,
            .resume = earlier_.has_value(),
            .info = info};
  }

  const std::string& name() const { return model_.embedder->description().name; }

  void take_up() {
    if (!sink_.resumable()) {
      usage_error("--resume: expected an output form that grows row by row, found safetensors");
    }
    if (!earlier_) {
      say(resume_file_.path() + " is not there: starting with the first text");
      return;
    }
    sink_.keep_partial(true);
    if (sink_.rows() < earlier_->num_rows) {
      fail(ErrorKind::kCorrupt, resume_file_.path(), ": expected ", earlier_->num_rows,
           " rows in the partial file beside it, found ", sink_.rows(),
           "; without --resume the run starts again");
    }
    sink_.skip_rows(sink_.rows() - earlier_->num_rows);
    pass_over(*earlier_);
  }

  // Reads the texts that an earlier run embedded; they must be the same.
  void pass_over(const ResumeState& earlier) {
    Record record;
    while (state_.num_texts < earlier.num_texts && input_.next(record)) {
      note_text(record);
      check_interrupt();
    }
    if (state_.num_texts != earlier.num_texts || texts_hash_.hex() != earlier.texts_hash) {
      fail(ErrorKind::kInvalidArgument, resume_file_.path(), ": expected the ",
           counted(earlier.num_texts, "text"),
           " of the earlier run, found others in the input; without --resume the run starts again");
    }
    say("continuing after " + counted(earlier.num_texts, "text"));
    state_ = earlier;
  }

  void note_text(const Record& record) {
    texts_hash_.add_field(record.text);
    texts_hash_.add_field(record.id);
    empty_texts_.note(record);
    ++state_.num_texts;
  }

  // Whatever ends the run early, the blocks that are done are noted.
  void embed_all() {
    try {
      while (embed_next_block()) check_interrupt();
    } catch (const Interrupted&) {
      keep_finished();
      if (sink_.partial_kept()) {
        say(counted(state_.num_texts, "text") + " are kept in " +
            AtomicFile::partial_path(args_.output) + "; --resume continues");
      }
      throw;
    } catch (...) {
      keep_finished();
      throw;
    }
  }

  void keep_finished() {
    if (sink_.resumable() && report_.num_items > 0) checkpoint();
  }

  // Blocks of about a second: long enough to keep every thread busy, short enough to lose little
  // when the run is stopped.
  void adapt_block(std::size_t num_records, double seconds) {
    constexpr double kBlockSeconds = 1;
    constexpr double kMostGrowth = 4;
    const double growth = std::clamp(kBlockSeconds / std::max(seconds, 1e-6), 0.25, kMostGrowth);
    const auto least = static_cast<double>(kFewestRecords * model_.pool->num_threads());
    block_records_ = static_cast<std::size_t>(
        std::clamp(static_cast<double>(num_records) * growth, least, kMostRecords));
  }

  bool embed_next_block() {
    fraction_before_block_ = input_.fraction().value_or(0);
    const std::vector<Record> block = read_block(input_, block_records_);
    if (block.empty()) return false;
    block_size_ = block.size();
    const Clock::time_point start = Clock::now();
    embed_block(block);
    adapt_block(block.size(), std::chrono::duration<double>(Clock::now() - start).count());
    return true;
  }

  void embed_block(const std::vector<Record>& block) {
    const Vectors vectors = vectors_of(block);
    sink_.write(block, vectors);
    for (const Record& record : block) note_text(record);
    state_.num_rows += vectors.values.view<float>().rows();
    state_.report.add(vectors.report);
    report_.add(vectors.report);
    if (sink_.resumable() && Clock::now() >= next_checkpoint_) checkpoint();
  }

  // The model knows an item by its place in the block only: "item 3: …".
  Vectors vectors_of(const std::vector<Record>& block) const {
    const std::vector<std::string_view> texts = text_views(block);
    try {
      return model_.embedder->embed(std::span(texts), options_, *model_.workspace);
    } catch (const Error& error) {
      constexpr std::string_view kItem = "item ";
      const std::string_view message = error.what();
      std::size_t item = block.size();
      if (message.starts_with(kItem)) {
        std::from_chars(message.data() + kItem.size(), message.data() + message.size(), item);
      }
      if (item >= block.size()) throw;
      const bool too_long = options_.long_policy == LongPolicy::kError;
      fail(error.kind(), place_of(block[item]), message.substr(message.find(": ")),
           too_long ? "; --long chunk embeds such texts in windows" : "");
    }
  }

  void checkpoint() {
    sink_.flush();
    state_.texts_hash = texts_hash_.hex();
    resume_file_.write(state_);
    sink_.keep_partial(true);
    next_checkpoint_ = Clock::now() + kCheckpointInterval;
  }

  // The reader is ahead by the block that is being embedded.
  std::optional<double> fraction(std::uint64_t done_of_block) const {
    const auto read = input_.fraction();
    if (!read) return std::nullopt;
    const double part = static_cast<double>(done_of_block) / static_cast<double>(block_size_);
    return fraction_before_block_ + (*read - fraction_before_block_) * part;
  }

  // Within a block.
  void on_progress(std::uint64_t done) {
    check_interrupt();
    progress_.update({.done = report_.num_items + done,
                      .tokens = report_.num_tokens,
                      .fraction = fraction(done)});
  }

  using Clock = std::chrono::steady_clock;
  static constexpr std::size_t kFewestRecords = 16;  // for each thread
  static constexpr double kMostRecords = 16384;
  static constexpr auto kCheckpointInterval = std::chrono::seconds(1);  // it waits for the disk

  const EmbedArgs& args_;
  OpenModel& model_;
  TextInput& input_;
  EmbedOptions options_;
  ResumeFile resume_file_;
  std::optional<ResumeState> earlier_;
  VectorSink sink_;
  Progress progress_;
  Hash texts_hash_;
  EmptyTexts empty_texts_;
  ResumeState state_;   // of this run and those that it continues
  EmbedReport report_;  // of this run
  Clock::time_point next_checkpoint_ = Clock::time_point::min();
  std::size_t block_records_ = 256 * model_.pool->num_threads();  // to read next
  std::size_t block_size_ = 1;
  double fraction_before_block_ = 0;
};

class EmbedCommand final : public Command {
 public:
  CommandInfo info() const override {
    return {.name = "embed",
            .summary = "Turns texts into vectors with a pretrained model.",
            .arguments = "[TEXT|PATH…]",
            .examples = {{{"firth embed reviews.jsonl --field text -o reviews.npy",
                           "a row of floats for every review, in the order of the file"},
                          {"firth embed \"a cat\" \"a kitten\"", "a JSON line for each text"},
                          {"firth embed book.txt --layers all -o layers.safetensors",
                           "every layer's vector of every token"}}},
            .notes =
                "An interrupted run leaves OUT.partial and OUT.partial.json; --resume continues "
                "it, and the result has the same bytes as if it had never stopped."};
  }

  void for_each_option(OptionTable& visit) override { for_each_field(args_, visit); }

  int run(const CommonArgs& common) override {
    static_cast<void>(common);
    check();
    TextInput input(args_.input);
    OpenModel model = open_model(args_.model);
    if (wants_tokens(args_)) {
      embed_tokens(args_, model, input);
    } else {
      EmbedRun(args_, model, input).run();
    }
    return 0;
  }

 private:
  void check() const {
    if (args_.resume && args_.output.empty()) {
      usage_error("--resume: expected an output file (-o OUT), found none");
    }
    if (args_.json && !args_.output.empty()) {
      usage_error("--json: expected to print to stdout, found -o ", args_.output);
    }
    check_vector_args(args_.vector);
    if (wants_tokens(args_)) {
      check_token_args(args_);
    } else {
      check_output_form(args_.output, args_.format, parse_vector_dtype(args_.dtype));
    }
    refuse_overwriting_input(args_.output, args_.input.inputs);
  }

  EmbedArgs args_;
};

}  // namespace

void for_each_field(EmbedArgs& args, OptionTable& visit) {
  visit("[TEXT|PATH…]", &args.input.inputs, "",
        "texts, or files of them (text lines, .jsonl, .csv, .tsv, .gz, .zst; - is standard input) "
        "and folders of text files");
  for_each_field(args.input, visit);
  visit(
      "--shard", &args.input.shard, "I/N",
      "take every N-th item only, from the I-th on: I from 1 to N, and 0 for N, so that parts may "
      "also be counted from 0");
  for_each_field(args.model, visit);
  for_each_field(args.vector, visit);
  visit.group("Inside of the model");
  visit("--tokens", &args.tokens, "",
        "every token's vector with its text and offsets, a JSON line for each text");
  visit(
      "--layers", &args.layers, "all|L,L…",
      "hidden states to a .safetensors file: tensor I.L [tokens, hidden_size] for text I and layer "
      "L, both from 0; layer 0 is the embedding output, -1 the last");
  visit("--attention", &args.attention, "L,L…",
        "attention weights to the same file: tensor I.attention.L [heads, tokens, tokens] of "
        "transformer layer L, from 0");
  visit.group("Output");
  visit("-o,--output", &args.output, "FILE",
        ".npy, .jsonl, .csv, .vec or .txt (word2vec text), or .safetensors");
  visit.default_text("JSONL on stdout");
  visit("--format", &args.format, "NAME", "form of the output",
        {"auto", "npy", "jsonl", "csv", "word2vec", "safetensors"});
  visit.default_text("by the file's ending");
  visit("--dtype", &args.dtype, "NAME", "what the numbers are stored as",
        {"f32", "f16", "int8", "binary"});
  visit("--resume", &args.resume, "", "continue an interrupted run with the same output");
  visit("--unknown", &args.unknown, "WHAT",
        "if more than 20 % of the tokens are unknown to the model: say so, or fail",
        {"warn", "error"});
  visit("--progress", &args.progress, "WHEN", "show progress after two seconds",
        {"auto", "always", "never"});
  visit.default_text("auto: on a terminal");
  visit("--json", &args.json, "", "print JSONL to stdout, as is done without -o");
}

std::unique_ptr<Command> make_embed() {
  return std::make_unique<EmbedCommand>();
}

}  // namespace firth::cli
