#include "firth/models/sequences.h"

#include <algorithm>
#include <optional>
#include <span>

#include "firth/core/error.h"

namespace firth {
namespace {

constexpr std::size_t kTextsAPiece = 16;  // of the parallel loop; small enough to balance long ones

// Ids that the post-processor puts around every text.
struct SpecialTokens {
  std::vector<std::int32_t> before;
  std::vector<std::int32_t> after;
};

SpecialTokens special_tokens_of(const Tokenizer& tokenizer) {
  const Encoding probe = tokenizer.encode("a");
  const auto text_begin = std::ranges::find(probe.special_tokens_mask, 0);
  const auto begin = text_begin - probe.special_tokens_mask.begin();
  auto end = std::ssize(probe.ids);
  while (end > begin && probe.special_tokens_mask[static_cast<std::size_t>(end - 1)] != 0) --end;
  return {.before = {probe.ids.begin(), probe.ids.begin() + begin},
          .after = {probe.ids.begin() + end, probe.ids.end()}};
}

// How a sequence that is longer than the limit is cut into windows.
//   window = before, prompt, `content` tokens of the text, after
// Neighbouring windows share `overlap` tokens of the text.
struct WindowPlan {
  std::span<const std::int32_t> before;
  std::span<const std::int32_t> prompt;
  std::span<const std::int32_t> after;
  std::size_t content = 0;
  std::size_t stride = 0;
};

WindowPlan plan_windows(const SequenceOptions& options, std::span<const std::int32_t> before,
                        std::span<const std::int32_t> prompt, std::span<const std::int32_t> after) {
  const std::size_t fixed = before.size() + prompt.size() + after.size();
  if (options.max_length <= fixed + options.chunk_overlap) {
    fail(ErrorKind::kInvalidArgument, "windows of ", options.max_length,
         " tokens: expected room for more than the ", fixed, " tokens of prompt and specials and ",
         options.chunk_overlap, " of overlap");
  }
  const std::size_t content = options.max_length - fixed;
  return {before, prompt, after, content, content - options.chunk_overlap};
}

// The sequences of one piece of the items, in order; pieces are joined afterwards.
struct Piece {
  std::vector<std::int32_t> ids;
  std::vector<std::size_t> lengths;      // of sequences
  std::vector<std::size_t> num_windows;  // of items
  EmbedReport report;

  void close_sequence(std::size_t begin) { lengths.push_back(ids.size() - begin); }
};

class SequenceMaker {
 public:
  SequenceMaker(const SharedTokenizer& tokenizer, const SequenceOptions& options)
      : tokenizer_(tokenizer), options_(options) {
    if (!splits()) return;
    if (options.add_special_tokens) specials_ = special_tokens_of(*tokenizer);
    std::string buffer;
    if (!options.prompt.empty()) {
      tokenizer->encode_ids(prepared_text("", options, buffer), {.add_special_tokens = false},
                            prompt_ids_);
    }
  }

  bool splits() const {
    return options_.long_policy == LongPolicy::kChunkMean ||
           options_.long_policy == LongPolicy::kChunkEach;
  }

  void add_text(std::size_t item, std::string_view text, Tokenizer::State& state,
                std::string& buffer, Piece& piece) const {
    const std::string_view prepared = prepared_text(text, options_, buffer);
    const bool cut = options_.long_policy == LongPolicy::kTruncate;
    const EncodeOptions encode{.add_special_tokens = options_.add_special_tokens,
                               .max_length = cut ? options_.max_length : 0};
    const std::size_t begin = piece.ids.size();
    const EncodeStats stats = tokenizer_->encode_ids(prepared, encode, state, piece.ids);
    piece.report.num_unknown += stats.num_unknown;
    if (stats.num_unknown != 0)
      count_unknown_scripts(*tokenizer_, prepared, encode, piece.report.unknown_scripts);
    check_ids(item, std::span(piece.ids).subspan(begin));
    const bool was_cut =
        options_.max_code_points != 0 && prepared.size() < options_.prompt.size() + text.size();
    if (was_cut && stats.full_length <= options_.max_length) ++piece.report.num_truncated;
    finish(item, begin, stats.full_length, specials_, prompt_ids_, piece);
  }

  void add_ids(std::size_t item, std::span<const std::int32_t> ids, Piece& piece) const {
    check_ids(item, ids);
    const std::size_t begin = piece.ids.size();
    const bool cut = options_.long_policy == LongPolicy::kTruncate && options_.max_length != 0;
    const std::size_t kept = cut ? std::min(ids.size(), options_.max_length) : ids.size();
    piece.ids.insert(piece.ids.end(), ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(kept));
    if (const auto unknown = tokenizer_->unknown_id()) {
      piece.report.num_unknown +=
          static_cast<std::uint64_t>(std::ranges::count(ids.first(kept), *unknown));
    }
    finish(item, begin, ids.size(), {}, {}, piece);
  }

 private:
  void check_ids(std::size_t item, std::span<const std::int32_t> ids) const {
    for (const std::int32_t id : ids) {
      if (id < 0 || static_cast<std::size_t>(id) >= options_.vocab_size) {
        fail(ErrorKind::kInvalidArgument, "item ", item, ": token id ", id,
             ": expected one of the model's vocabulary, 0 to ", options_.vocab_size - 1);
      }
    }
  }

  // The ids of the item lie from `begin` to the end of the piece; of full_length ids, too many may
  // have been cut off already.
  void finish(std::size_t item, std::size_t begin, std::size_t full_length,
              const SpecialTokens& specials, std::span<const std::int32_t> prompt_ids,
              Piece& piece) const {
    ++piece.report.num_items;
    const bool too_long = options_.max_length != 0 && full_length > options_.max_length;
    if (too_long && options_.long_policy == LongPolicy::kError) {
      fail(ErrorKind::kInvalidArgument, "item ", item, ": expected at most ", options_.max_length,
           " tokens, found ", full_length);
    }
    piece.report.num_truncated += too_long ? 1 : 0;
    const std::size_t before = piece.lengths.size();
    if (too_long && splits()) {
      split(begin, specials, prompt_ids, piece);
    } else {
      piece.close_sequence(begin);
    }
    if (splits()) piece.num_windows.push_back(piece.lengths.size() - before);
  }

  // Puts windows in place of the ids from `begin` on.
  void split(std::size_t begin, const SpecialTokens& specials,
             std::span<const std::int32_t> prompt_ids, Piece& piece) const {
    const std::vector<std::int32_t> all(piece.ids.begin() + static_cast<std::ptrdiff_t>(begin),
                                        piece.ids.end());
    piece.ids.resize(begin);
    std::span<const std::int32_t> text = all;
    text = text.subspan(specials.before.size(),
                        all.size() - specials.before.size() - specials.after.size());
    // A prompt whose tokens melt into the text's stays with the first window.
    const bool separate = text.size() > prompt_ids.size() &&
                          std::ranges::equal(text.first(prompt_ids.size()), prompt_ids);
    if (!separate) prompt_ids = {};
    text = text.subspan(prompt_ids.size());
    const WindowPlan plan = plan_windows(options_, specials.before, prompt_ids, specials.after);
    const auto append = [&](std::span<const std::int32_t> ids) {
      piece.ids.insert(piece.ids.end(), ids.begin(), ids.end());
    };
    for (std::size_t start = 0;; start += plan.stride) {
      const std::size_t window = piece.ids.size();
      append(plan.before);
      append(plan.prompt);
      append(text.subspan(start, std::min(plan.content, text.size() - start)));
      append(plan.after);
      piece.close_sequence(window);
      if (start + plan.content >= text.size()) return;
    }
  }

  const SharedTokenizer& tokenizer_;
  const SequenceOptions& options_;
  SpecialTokens specials_;
  std::vector<std::int32_t> prompt_ids_;
};

// All of the text if max_code_points is 0.
std::string_view first_code_points(std::string_view text, std::size_t max_code_points) {
  if (max_code_points == 0 || text.size() <= max_code_points) return text;
  std::size_t end = 0;
  for (std::size_t seen = 0; end < text.size(); ++end) {
    const bool continues = (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80;
    if (!continues && seen++ == max_code_points) break;
  }
  return text.substr(0, end);
}

Sequences join(const std::vector<Piece>& pieces, bool splits) {
  Sequences out;
  std::size_t num_ids = 0;
  for (const Piece& piece : pieces) num_ids += piece.ids.size();
  out.tokens.ids.reserve(num_ids);
  if (splits) out.row_offsets.push_back(0);
  for (const Piece& piece : pieces) {
    out.tokens.ids.insert(out.tokens.ids.end(), piece.ids.begin(), piece.ids.end());
    for (const std::size_t length : piece.lengths)
      out.tokens.offsets.push_back(out.tokens.offsets.back() + static_cast<std::int64_t>(length));
    for (const std::size_t windows : piece.num_windows)
      out.row_offsets.push_back(out.row_offsets.back() + static_cast<std::int64_t>(windows));
    out.report.add(piece.report);
  }
  out.report.num_tokens = num_ids;
  return out;
}

}  // namespace

// The mutex is tried and never waited for: in a forked child it may be locked for ever, by a thread
// that the child does not have. Who does not get it does without the others' caches.
SharedTokenizer::Lease::Lease(const SharedTokenizer& owner) : owner_(owner) {
  const std::unique_lock lock(owner.states_->mutex, std::try_to_lock);
  if (lock.owns_lock() && !owner.states_->idle.empty()) {
    state_ = std::move(owner.states_->idle.back());
    owner.states_->idle.pop_back();
  } else {
    state_ = owner->make_state();
  }
}

SharedTokenizer::Lease::~Lease() {
  const std::unique_lock lock(owner_.states_->mutex, std::try_to_lock);
  if (lock.owns_lock()) owner_.states_->idle.push_back(std::move(state_));
}

Sequences make_sequences(const SharedTokenizer& tokenizer, const Items& items,
                         const SequenceOptions& options, ThreadPool& pool) {
  const SequenceMaker maker(tokenizer, options);
  const auto* texts = std::get_if<std::span<const std::string_view>>(&items);
  const Ragged* ragged =
      texts != nullptr ? nullptr : &std::get<std::reference_wrapper<const Ragged>>(items).get();
  const std::size_t n = texts != nullptr ? texts->size() : ragged->num_sequences();
  std::vector<Piece> pieces((n + kTextsAPiece - 1) / kTextsAPiece);
  pool.parallel_for(n, kTextsAPiece, [&](std::size_t begin, std::size_t end, std::size_t) {
    SharedTokenizer::Lease lease(tokenizer);
    Piece& piece = pieces[begin / kTextsAPiece];
    std::string buffer;
    for (std::size_t i = begin; i < end; ++i) {
      if (texts != nullptr) {
        maker.add_text(i, (*texts)[i], lease.state(), buffer, piece);
      } else {
        maker.add_ids(i, ragged->sequence(i), piece);
      }
    }
  });
  return join(pieces, maker.splits());
}

std::string_view prepared_text(std::string_view text, const SequenceOptions& options,
                               std::string& buffer) {
  if (!options.prompt.empty()) {
    buffer.assign(options.prompt);
    buffer.append(text);
    text = buffer;
  }
  const bool cut = options.long_policy == LongPolicy::kTruncate;
  return cut ? first_code_points(text, options.max_code_points) : text;
}

}  // namespace firth
