#include "firth/words/word_trainer.h"

#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstring>
#include <filesystem>

#include "firth/core/error.h"
#include "firth/core/random.h"
#include "firth/io/hash.h"
#include "firth/kernels/context_update.h"
#include "firth/kernels/vector.h"
#include "firth/words/huffman.h"
#include "firth/words/subword_table.h"
#include "firth/words/word_checkpoint.h"
#include "firth/words/word_sampler.h"

namespace firth {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kTokensAPiece = 16384;  // about what a thread takes at a time
constexpr std::size_t kPiecesARound = 64;     // between reports and checkpoints
constexpr std::size_t kMaxSentence = 1000;    // words, as in word2vec.c; longer ones are cut
constexpr std::size_t kMostInputs = 64;       // rows of one update; larger windows are split

// Fewer misses of the address cache: rows lie all over the table.
void use_huge_pages(Tensor& table) {
  constexpr std::size_t kPage = std::size_t{2} << 20;
  std::byte* begin = table.bytes().data();
  const std::size_t skip = (kPage - reinterpret_cast<std::uintptr_t>(begin) % kPage) % kPage;
  if (table.bytes().size() < skip + kPage) return;
  ::madvise(begin + skip, (table.bytes().size() - skip) / kPage * kPage, MADV_HUGEPAGE);
}

Tensor make_table(std::size_t rows, std::size_t row_size) {
  Tensor table = Tensor::zeros<float>({rows, row_size});
  use_huge_pages(table);
  return table;
}

Tensor without_padding(const Tensor& table, std::size_t rows, std::size_t dim) {
  Tensor out = Tensor::zeros<float>({rows, dim});
  for (std::size_t i = 0; i < rows; ++i)
    std::ranges::copy(table.view<float>().row(i).first(dim), out.view<float>().row(i).begin());
  return out;
}

// The probability of keeping a word, of 2^32 (word2vec.c, where sub-sampling differs a little from
// the paper's formula).
std::vector<std::uint32_t> keep_shares(std::span<const std::uint64_t> counts, double sample) {
  double total = 0;
  for (const std::uint64_t count : counts) total += static_cast<double>(count);
  std::vector<std::uint32_t> keep(counts.size(), UINT32_MAX);
  for (std::size_t i = 0; sample > 0 && i < counts.size(); ++i) {
    const double ratio =
        sample * total / static_cast<double>(std::max<std::uint64_t>(counts[i], 1));
    const double share = std::sqrt(ratio) + ratio;
    if (share < 1) keep[i] = static_cast<std::uint32_t>(share * 4294967295.0);
  }
  return keep;
}

// Pieces of the corpus that end with a sentence: a fixed partition.
std::vector<std::size_t> cut_pieces(std::span<const std::int32_t> ids) {
  std::vector<std::size_t> begins = {0};
  while (begins.back() < ids.size()) {
    std::size_t end = std::min(begins.back() + kTokensAPiece, ids.size());
    while (end < ids.size() && ids[end - 1] != kSentenceBreak) ++end;
    begins.push_back(end);
  }
  return begins;
}

}  // namespace

// What a thread works with.
struct Worker {
  std::vector<std::uint32_t> tokens;  // of the sentence, those that were kept
  std::vector<float*> inputs;
  std::vector<std::uint32_t> context;    // rows of the input table, or places in the ring
  std::vector<std::uint32_t> negatives;  // of the centre, and of the next one
  std::vector<std::uint32_t> next_negatives;
  std::vector<float> labels;
  std::vector<float> scratch;
  Tensor mean;  // (2, row_size): the input of CBOW after and before
  // Words inside the window, with n-grams: what they are, and what they were when they came.
  Tensor ring;
  Tensor ring_before;
  LossSum loss;
  double total_loss = 0;
  std::uint64_t pairs = 0;
};

struct WordTrainer::State {
  State(const Corpus& text, const WordTrainingOptions& chosen, ThreadPool& threads);

  void init_tables();
  void start_epoch();
  EpochReport end_epoch();
  void train_round(std::size_t begin, std::size_t end);
  void train_piece(std::size_t piece, Worker& worker) const;
  void train_sentence(float rate, DrawStream& random, Worker& worker) const;
  void train_center(std::size_t at, std::size_t begin, std::size_t end, float rate,
                    Worker& worker) const;
  void predict(std::uint32_t target, float rate, Worker& worker) const;
  void update(std::span<float* const> outputs, const float* labels, float rate,
              Worker& worker) const;
  void update_negatives(std::uint32_t target, float rate, Worker& worker) const;
  void update_tree(std::uint32_t target, float rate, Worker& worker) const;
  void draw_negatives(std::uint32_t target, DrawStream& random,
                      std::vector<std::uint32_t>& negatives) const;
  void enter(std::size_t at, Worker& worker) const;
  void leave(std::size_t at, Worker& worker) const;
  double rate_at(std::size_t piece) const;
  double movement() const;
  std::string signature() const;
  void save() const;
  bool load();

  bool subwords() const { return options.maxn > 0; }

  float* input_row(std::size_t row) const {
    return const_cast<float*>(input.view<float>().data()) + row * row_size;
  }

  float* output_row(std::size_t row) const {
    if (options.tied) return input_row(row);
    return const_cast<float*>(output.view<float>().data()) + row * row_size;
  }

  float* node_row(std::size_t row) const {
    return const_cast<float*>(nodes.view<float>().data()) + row * row_size;
  }

  const Corpus& corpus;
  WordTrainingOptions options;
  ThreadPool& pool;
  std::size_t row_size = 0;
  std::vector<std::size_t> piece_begins;
  std::vector<std::uint32_t> keep;
  std::optional<WordSampler> sampler;
  std::optional<HuffmanTree> tree;
  SubwordTable subword_table;
  Tensor input;                     // (words + used buckets, row_size)
  Tensor output;                    // (words, row_size), of negative sampling
  Tensor nodes;                     // (words - 1, row_size), of hierarchical softmax
  Tensor before;                    // the input table when the epoch began
  std::vector<float> first_labels;  // 1 0 0 … of the target and its first negatives
  std::vector<float> zero_labels;
  std::vector<Worker> workers;
  std::size_t epoch = 0;  // from 0
  std::size_t next_piece = 0;
  double epoch_loss = 0;
  std::uint64_t epoch_pairs = 0;
  std::vector<EpochReport> reports;
};

namespace {

void check_options(const WordTrainingOptions& options) {
  const auto check = [](bool good, const char* name, const char* expected, const auto& found) {
    if (!good) fail(ErrorKind::kInvalidArgument, name, ": expected ", expected, ", found ", found);
  };
  check(options.dim >= 1 && options.dim <= 65536, "dim", "1 to 65536", options.dim);
  check(options.window >= 1 && options.window <= 100000, "window", "1 to 100000", options.window);
  check(options.negative <= 10000, "negative", "at most 10000", options.negative);
  check(options.negative > 0 || options.hs, "negative", "at least 1 without hierarchical softmax",
        options.negative);
  check(!options.tied || (options.maxn == 0 && !options.cbow), "tied", "skip-gram of whole words",
        options.cbow ? "CBOW" : "n-grams");
  check(options.epochs >= 1, "epochs", "at least 1", options.epochs);
  check(std::isfinite(options.lr) && options.lr >= 0 && options.lr <= 10, "lr", "0 to 10",
        options.lr);
  check(options.min_lr >= 0 && options.min_lr <= 1, "min lr", "0 to 1, a share of lr",
        options.min_lr);
  check(std::isfinite(options.sample) && options.sample >= 0, "sample", "0 or more",
        options.sample);
  check(std::isfinite(options.ns_exponent), "ns exponent", "a number", options.ns_exponent);
  check(options.maxn == 0 || (options.minn <= options.maxn && options.minn >= 1), "minn",
        "1 to maxn", options.minn);
  check(options.maxn == 0 || (options.bucket >= 1 && options.bucket < (std::size_t{1} << 31)),
        "bucket", "1 to 2^31", options.bucket);
}

}  // namespace

WordTrainer::State::State(const Corpus& text, const WordTrainingOptions& chosen,
                          ThreadPool& threads)
    : corpus(text), options(chosen), pool(threads), row_size(padded_row(chosen.dim)) {
  check_options(options);
  if (options.lr == 0) options.lr = options.cbow ? 0.05 : 0.025;
  piece_begins = cut_pieces(corpus.ids);
  keep = keep_shares(corpus.counts, options.sample);
  if (options.negative > 0) sampler.emplace(corpus.counts, options.ns_exponent);
  if (options.hs) tree.emplace(corpus.counts);
  if (subwords()) {
    subword_table = SubwordTable(corpus.words, options.minn, options.maxn, options.bucket);
  }
  const std::size_t first = std::min(options.negative + 1, kMaxOutputs);
  first_labels.assign(kMostInputs * kMaxOutputs + kRowFloats, 0.0F);
  for (std::size_t r = 0; r < kMostInputs; ++r) first_labels[r * first] = 1.0F;
  zero_labels.assign(first_labels.size(), 0.0F);
  workers.resize(options.deterministic ? 1 : pool.num_threads());
  for (Worker& worker : workers) {
    worker.labels.assign(first_labels.size(), 0.0F);
    worker.scratch.resize(first_labels.size() + 2 * kRowFloats);
    worker.mean = Tensor::zeros<float>({2, row_size});
    if (!subwords()) continue;
    worker.ring = Tensor::zeros<float>({2 * options.window + 2, row_size});
    worker.ring_before = Tensor::zeros<float>({2 * options.window + 2, row_size});
  }
  init_tables();
}

// word2vec.c: uniform in ±0.5 / dim; fastText: in ±1 / dim. Outputs begin at zero in both.
void WordTrainer::State::init_tables() {
  const std::size_t num_words = corpus.words.size();
  const std::size_t num_rows = subwords() ? subword_table.num_rows() : num_words;
  input = make_table(num_rows, row_size);
  const float scale = (subwords() ? 2.0F : 1.0F) / static_cast<float>(options.dim);
  constexpr std::size_t kRowsAPiece = 4096;
  pool.parallel_for(num_rows, kRowsAPiece, [&](std::size_t begin, std::size_t end, std::size_t) {
    for (std::size_t i = begin; i < end; ++i) {
      DrawStream random(options.seed ^ 0x5EEDu, subwords() ? subword_table.file_row(i) : i);
      for (float& x : std::span(input_row(i), options.dim))
        x = (static_cast<float>(random.bits() >> 8) / 16777216.0F - 0.5F) * scale;
    }
  });
  if (options.negative > 0 && !options.tied) output = make_table(num_words, row_size);
  if (options.hs) nodes = make_table(std::max<std::size_t>(num_words, 2) - 1, row_size);
}

double WordTrainer::State::rate_at(std::size_t piece) const {
  const double total = static_cast<double>(corpus.ids.size()) * static_cast<double>(options.epochs);
  const double done = static_cast<double>(corpus.ids.size()) * static_cast<double>(epoch) +
                      static_cast<double>(piece_begins[piece]);
  return options.lr * std::max(1 - done / total, options.min_lr);
}

void WordTrainer::State::draw_negatives(std::uint32_t target, DrawStream& random,
                                        std::vector<std::uint32_t>& negatives) const {
  negatives.clear();
  if (!sampler) return;
  for (std::size_t i = 0; i < options.negative; ++i) {
    std::uint32_t word = sampler->draw(random);
    for (int again = 0; word == target && again < 10; ++again) word = sampler->draw(random);
    if (word == target) continue;  // a vocabulary of one word
    negatives.push_back(word);
    prefetch_row(output_row(word), row_size);
  }
  prefetch_row(output_row(target), row_size);
}

void WordTrainer::State::update(std::span<float* const> outputs, const float* labels, float rate,
                                Worker& worker) const {
  context_update({.inputs = worker.inputs,
                  .outputs = outputs,
                  .labels = labels,
                  .row_size = row_size,
                  .rate = rate},
                 worker.scratch, worker.loss);
}

// The target with its first negatives, then the others, as many as the kernel takes at a time.
void WordTrainer::State::update_negatives(std::uint32_t target, float rate, Worker& worker) const {
  std::array<float*, kMaxOutputs> outputs{};
  const std::vector<std::uint32_t>& negatives = worker.negatives;
  // The pattern of labels depends on how many outputs there are.
  const bool usual = negatives.size() == options.negative;
  std::size_t next = 0, n = 0;
  outputs[n++] = output_row(target);
  const float* labels = first_labels.data();
  do {
    while (n < kMaxOutputs && next < negatives.size()) outputs[n++] = output_row(negatives[next++]);
    if (!usual && labels == first_labels.data()) {
      std::ranges::fill(worker.labels, 0.0F);
      for (std::size_t r = 0; r < worker.inputs.size(); ++r) worker.labels[r * n] = 1.0F;
      labels = worker.labels.data();
    }
    update(std::span(outputs).first(n), labels, rate, worker);
    labels = zero_labels.data();
    n = 0;
  } while (next < negatives.size());
}

void WordTrainer::State::update_tree(std::uint32_t target, float rate, Worker& worker) const {
  const HuffmanTree::Path path = tree->path(target);
  std::array<float*, kMaxOutputs> outputs{};
  for (std::size_t begin = 0; begin < path.nodes.size(); begin += kMaxOutputs) {
    const std::size_t n = std::min(kMaxOutputs, path.nodes.size() - begin);
    for (std::size_t j = 0; j < n; ++j) {
      outputs[j] = node_row(path.nodes[begin + j]);
      const float label = path.codes[begin + j] != 0 ? 0.0F : 1.0F;
      for (std::size_t r = 0; r < worker.inputs.size(); ++r) worker.labels[r * n + j] = label;
    }
    update(std::span(outputs).first(n), worker.labels.data(), rate, worker);
  }
}

void WordTrainer::State::predict(std::uint32_t target, float rate, Worker& worker) const {
  worker.pairs += worker.inputs.size();
  if (sampler) update_negatives(target, rate, worker);
  if (tree) update_tree(target, rate, worker);
}

// With n-grams: the vector of a word that comes into the window; of CBOW the sum of its rows.
void WordTrainer::State::enter(std::size_t at, Worker& worker) const {
  if (at >= worker.tokens.size()) return;
  const auto rows = subword_table.rows(worker.tokens[at]);
  const std::size_t place = at % worker.ring.shape()[0];
  const float scale = options.cbow ? 1.0F : 1.0F / static_cast<float>(rows.size());
  float* now = worker.ring.view<float>().row(place).data();
  sum_rows(input.view<float>().data(), rows, row_size, scale, now);
  std::copy_n(now, row_size, worker.ring_before.view<float>().row(place).data());
  if (at + 1 >= worker.tokens.size()) return;
  for (const std::uint32_t row : subword_table.rows(worker.tokens[at + 1]))
    prefetch_row(input_row(row), row_size);
}

// What the word learned goes to each of its rows.
void WordTrainer::State::leave(std::size_t at, Worker& worker) const {
  const auto rows = subword_table.rows(worker.tokens[at]);
  const std::size_t place = at % worker.ring.shape()[0];
  const float scale = options.cbow ? 1.0F / static_cast<float>(rows.size()) : 1.0F;
  add_change(worker.ring_before.view<float>().row(place).data(),
             worker.ring.view<float>().row(place).data(), scale, row_size, rows, input_row(0));
}

void WordTrainer::State::train_center(std::size_t at, std::size_t begin, std::size_t end,
                                      float rate, Worker& worker) const {
  const std::uint32_t target = worker.tokens[at];
  float* table = subwords() ? worker.ring.view<float>().data() : input_row(0);
  worker.context.clear();
  float num_rows = 0;
  for (std::size_t i = begin; i < end; ++i) {
    if (i == at) continue;
    worker.context.push_back(subwords() ? static_cast<std::uint32_t>(i % worker.ring.shape()[0])
                                        : worker.tokens[i]);
    num_rows += subwords() ? static_cast<float>(subword_table.rows(worker.tokens[i]).size()) : 1.0F;
  }
  if (worker.context.empty()) return;
  if (!options.cbow) {
    // A wide window goes in parts; its negatives are the same.
    for (std::size_t i = 0; i < worker.context.size(); i += kMostInputs) {
      worker.inputs.clear();
      for (const std::uint32_t row :
           std::span(worker.context).subspan(i, std::min(kMostInputs, worker.context.size() - i)))
        worker.inputs.push_back(table + row * row_size);
      predict(target, rate, worker);
    }
    return;
  }
  float* mean = worker.mean.view<float>().row(0).data();
  float* mean_before = worker.mean.view<float>().row(1).data();
  sum_rows(table, worker.context, row_size, options.cbow_mean ? 1.0F / num_rows : 1.0F, mean);
  std::copy_n(mean, row_size, mean_before);
  worker.inputs.assign(1, mean);
  predict(target, rate, worker);
  const float scale = options.cbow_mean ? 1.0F : 1.0F / num_rows;
  if (!subwords()) {
    add_change(mean_before, mean, scale, row_size, worker.context, table);
    return;
  }
  std::size_t next = 0;
  for (std::size_t i = begin; i < end; ++i) {
    if (i == at) continue;
    const auto rows = static_cast<float>(subword_table.rows(worker.tokens[i]).size());
    add_change(mean_before, mean, scale * rows, row_size, {&worker.context[next++], 1}, table);
  }
}

void WordTrainer::State::train_sentence(float rate, DrawStream& random, Worker& worker) const {
  const std::size_t n = worker.tokens.size(), window = options.window;
  if (n < 2) return;
  draw_negatives(worker.tokens[0], random, worker.next_negatives);
  for (std::size_t i = 0; subwords() && i < window; ++i) enter(i, worker);
  for (std::size_t at = 0; at < n; ++at) {
    std::swap(worker.negatives, worker.next_negatives);
    if (at + 1 < n) draw_negatives(worker.tokens[at + 1], random, worker.next_negatives);
    if (subwords()) {
      enter(at + window, worker);
      if (at > window) leave(at - window - 1, worker);
    } else if (at + window + 1 < n) {
      prefetch_row(input_row(worker.tokens[at + window + 1]), row_size);
    }
    const std::size_t reach =
        options.shrink_windows ? 1 + random.below(static_cast<std::uint32_t>(window)) : window;
    train_center(at, at - std::min(at, reach), std::min(n, at + reach + 1), rate, worker);
  }
  for (std::size_t at = n - std::min(n, window + 1); subwords() && at < n; ++at) leave(at, worker);
}

void WordTrainer::State::train_piece(std::size_t piece, Worker& worker) const {
  DrawStream random(options.seed, epoch * piece_begins.size() + piece);
  const auto rate = static_cast<float>(rate_at(piece));
  worker.tokens.clear();
  const auto ids =
      corpus.ids.subspan(piece_begins[piece], piece_begins[piece + 1] - piece_begins[piece]);
  for (const std::int32_t id : ids) {
    const bool ends = id == kSentenceBreak;
    if (!ends) {
      const auto word = static_cast<std::uint32_t>(id);
      if (keep[word] == UINT32_MAX || random.bits() < keep[word]) worker.tokens.push_back(word);
    }
    if (!ends && worker.tokens.size() < kMaxSentence) continue;
    train_sentence(rate, random, worker);
    worker.tokens.clear();
  }
  train_sentence(rate, random, worker);
  worker.total_loss += worker.loss.loss();
  worker.loss = LossSum();
}

void WordTrainer::State::train_round(std::size_t begin, std::size_t end) {
  if (options.deterministic) {
    for (std::size_t piece = begin; piece < end; ++piece) train_piece(piece, workers[0]);
  } else {
    pool.parallel_for(end - begin, 1, [&](std::size_t first, std::size_t last, std::size_t worker) {
      for (std::size_t i = first; i < last; ++i) train_piece(begin + i, workers[worker]);
    });
  }
  for (Worker& worker : workers) {
    epoch_loss += worker.total_loss;
    epoch_pairs += worker.pairs;
    worker.total_loss = 0;
    worker.pairs = 0;
  }
}

void WordTrainer::State::start_epoch() {
  before = input.clone();
  epoch_loss = 0;
  epoch_pairs = 0;
  next_piece = 0;
}

double WordTrainer::State::movement() const {
  double moved = 0, length = 0;
  const auto now = input.view<float>().span(), then = before.view<float>().span();
  for (std::size_t i = 0; i < now.size(); ++i) {
    const double change = double{now[i]} - double{then[i]};
    moved += change * change;
    length += double{now[i]} * double{now[i]};
  }
  return length > 0 ? std::sqrt(moved / length) : 0;
}

EpochReport WordTrainer::State::end_epoch() {
  const double pairs = static_cast<double>(std::max<std::uint64_t>(epoch_pairs, 1));
  EpochReport report{
      .epoch = epoch + 1, .loss = epoch_loss / pairs, .movement = movement(), .pairs = epoch_pairs};
  if (!std::isfinite(report.loss) || !std::isfinite(report.movement)) {
    fail(ErrorKind::kInvalidArgument, "lr: expected a rate at which vectors stay finite, found ",
         options.lr, ": in epoch ", report.epoch, " they did not; take a smaller one");
  }
  return report;
}

std::string WordTrainer::State::signature() const {
  Hash hash;
  for (const double value :
       {static_cast<double>(options.dim), static_cast<double>(options.window),
        static_cast<double>(options.negative), static_cast<double>(options.hs),
        static_cast<double>(options.cbow), static_cast<double>(options.cbow_mean),
        static_cast<double>(options.shrink_windows), options.sample, options.ns_exponent,
        static_cast<double>(options.epochs), options.lr, options.min_lr,
        static_cast<double>(options.seed), static_cast<double>(options.minn),
        static_cast<double>(options.maxn), static_cast<double>(options.bucket),
        static_cast<double>(options.tied), static_cast<double>(corpus.ids.size())})
    hash.add_field(std::to_string(value));
  for (std::size_t i = 0; i < corpus.words.size(); ++i) {
    hash.add_field(corpus.words[i]);
    hash.add_field(std::to_string(corpus.counts[i]));
  }
  return hash.hex();
}

void WordTrainer::State::save() const {
  write_checkpoint(
      options.checkpoint,
      {.signature = signature(),
       .epoch = epoch,
       .next_piece = next_piece,
       .epoch_loss = epoch_loss,
       .epoch_pairs = epoch_pairs,
       .reports = reports},
      {{"input", &input}, {"output", &output}, {"nodes", &nodes}, {"before", &before}});
}

bool WordTrainer::State::load() {
  if (!options.resume || !std::filesystem::exists(options.checkpoint)) return false;
  const WordCheckpoint state = read_checkpoint(
      options.checkpoint, signature(),
      {{"input", &input}, {"output", &output}, {"nodes", &nodes}, {"before", &before}});
  epoch = state.epoch;
  next_piece = state.next_piece;
  epoch_loss = state.epoch_loss;
  epoch_pairs = state.epoch_pairs;
  reports = state.reports;
  return true;
}

WordTrainer::WordTrainer(const Corpus& corpus, const WordTrainingOptions& options, ThreadPool& pool)
    : state_(std::make_unique<State>(corpus, options, pool)) {}

WordTrainer::~WordTrainer() = default;

std::size_t WordTrainer::start_from(const WordVectors& vectors) {
  State& s = *state_;
  if (vectors.dimension() != s.options.dim) {
    fail(ErrorKind::kInvalidArgument, "dim: expected ", vectors.dimension(),
         " as the vectors to start from have, found ", s.options.dim);
  }
  const FastTextModel* model = vectors.fasttext();
  const bool same_ngrams = model != nullptr && s.subwords() && !model->parts().kept_buckets &&
                           std::cmp_equal(model->args().minn, s.options.minn) &&
                           std::cmp_equal(model->args().maxn, s.options.maxn) &&
                           std::cmp_equal(model->args().bucket, s.options.bucket);
  const bool has_outputs = model != nullptr && !model->supervised() && s.sampler.has_value() &&
                           model->args().loss == FastTextLoss::kNegativeSampling &&
                           model->parts().output.rows() == model->words().size();
  std::size_t known = 0;
  for (std::size_t i = 0; i < s.corpus.words.size(); ++i) {
    const auto row = vectors.words().find(s.corpus.words[i]);
    if (!row) continue;
    ++known;
    const std::span<float> to(s.input_row(i), s.options.dim);
    same_ngrams ? model->parts().input.copy_row(*row, to) : vectors.copy_row(*row, to);
    if (has_outputs) model->parts().output.copy_row(*row, {s.output_row(i), s.options.dim});
  }
  if (!same_ngrams) return known;
  for (std::size_t i = s.corpus.words.size(); i < s.subword_table.num_rows(); ++i) {
    const std::size_t bucket = s.subword_table.file_row(i) - s.corpus.words.size();
    model->parts().input.copy_row(model->words().size() + bucket, {s.input_row(i), s.options.dim});
  }
  return known;
}

std::vector<EpochReport> WordTrainer::train(const Progress& progress) {
  State& s = *state_;
  const std::size_t num_pieces = s.piece_begins.size() - 1;
  bool resumed = s.load();
  auto last_save = Clock::now();
  const auto tell = [&](const EpochReport* finished) {
    if (!progress) return;
    const double pairs = static_cast<double>(std::max<std::uint64_t>(s.epoch_pairs, 1));
    const std::size_t ids = s.corpus.ids.size();
    progress({.done = s.epoch * ids + s.piece_begins[s.next_piece],
              .total = s.options.epochs * ids,
              .epoch = s.epoch + 1,
              .loss = s.epoch_loss / pairs,
              .lr = s.rate_at(std::min(s.next_piece, num_pieces - 1)),
              .finished = finished});
  };
  double best_loss = INFINITY;
  std::size_t without_gain = 0;
  for (; s.epoch < s.options.epochs; ++s.epoch) {
    if (!resumed) s.start_epoch();
    resumed = false;
    tell(nullptr);
    while (s.next_piece < num_pieces) {
      const std::size_t end = std::min(s.next_piece + kPiecesARound, num_pieces);
      s.train_round(s.next_piece, end);
      s.next_piece = end;
      tell(nullptr);
      const double seconds = std::chrono::duration<double>(Clock::now() - last_save).count();
      if (!s.options.checkpoint.empty() && seconds >= s.options.checkpoint_every) {
        s.save();
        last_save = Clock::now();
      }
    }
    s.reports.push_back(s.end_epoch());
    const EpochReport& report = s.reports.back();
    tell(&report);
    if (s.options.settle > 0 && report.movement < s.options.settle) break;
    without_gain = report.loss < best_loss ? 0 : without_gain + 1;
    best_loss = std::min(best_loss, report.loss);
    if (s.options.patience > 0 && without_gain >= s.options.patience) break;
  }
  return s.reports;
}

Tensor WordTrainer::vectors() const {
  const State& s = *state_;
  const std::size_t n = s.corpus.words.size();
  if (!s.subwords()) return without_padding(s.input, n, s.options.dim);
  Tensor means = make_table(n, s.row_size);
  for (std::size_t i = 0; i < n; ++i) {
    const auto rows = s.subword_table.rows(i);
    sum_rows(s.input.view<float>().data(), rows, s.row_size, 1.0F / static_cast<float>(rows.size()),
             means.view<float>().row(i).data());
  }
  return without_padding(means, n, s.options.dim);
}

Tensor WordTrainer::output_vectors() const {
  const State& s = *state_;
  if (!s.sampler) return {};
  return without_padding(s.options.tied ? s.input : s.output, s.corpus.words.size(), s.options.dim);
}

Tensor WordTrainer::fasttext_input() const {
  const State& s = *state_;
  const std::size_t n = s.corpus.words.size();
  const std::size_t num_rows = n + (s.subwords() ? s.options.bucket : 0);
  Tensor out = Tensor::zeros<float>({num_rows, s.options.dim});
  const float scale = 2.0F / static_cast<float>(s.options.dim);
  // Buckets that no word has keep the vectors with which they began, as in fastText.
  for (std::size_t i = n; i < num_rows; ++i) {
    DrawStream random(s.options.seed ^ 0x5EEDu, i);
    for (float& x : out.view<float>().row(i))
      x = (static_cast<float>(random.bits() >> 8) / 16777216.0F - 0.5F) * scale;
  }
  for (std::size_t i = 0; i < s.input.shape()[0]; ++i) {
    const std::size_t row = s.subwords() ? s.subword_table.file_row(i) : i;
    std::copy_n(s.input_row(i), s.options.dim, out.view<float>().row(row).data());
  }
  return out;
}

Tensor WordTrainer::fasttext_output() const {
  const State& s = *state_;
  if (s.sampler) return output_vectors();
  // fastText's tree has a row a word, the last of which is not used.
  Tensor out = Tensor::zeros<float>({s.corpus.words.size(), s.options.dim});
  for (std::size_t i = 0; i + 1 < s.corpus.words.size(); ++i)
    std::copy_n(s.node_row(i), s.options.dim, out.view<float>().row(i).data());
  return out;
}

}  // namespace firth
