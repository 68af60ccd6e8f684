#include "firth/words/corpus.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <numeric>
#include <unordered_set>

#include "firth/core/error.h"
#include "firth/io/file.h"
#include "firth/io/utf8.h"
#include "firth/words/fasttext_model.h"
#include "firth/words/word_numbers.h"

namespace firth {

class TokenSpool {
 public:
  explicit TokenSpool(const std::string& folder)
      : folder_(folder.empty() ? std::filesystem::temp_directory_path().string() : folder) {
    file_ = ::open(folder_.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (file_ >= 0) return;
    // A file system without nameless files.
    std::string path = folder_ + "/firth-corpus-XXXXXX";
    file_ = ::mkstemp(path.data());
    if (file_ < 0) fail_io();
    ::unlink(path.c_str());
  }

  ~TokenSpool() {
    if (map_ != nullptr) ::munmap(map_, size_ * sizeof(std::int32_t));
    if (file_ >= 0) ::close(file_);
  }

  TokenSpool(const TokenSpool&) = delete;
  TokenSpool& operator=(const TokenSpool&) = delete;

  void append(std::span<const std::int32_t> ids) {
    const char* data = reinterpret_cast<const char*>(ids.data());
    for (std::size_t left = ids.size_bytes(); left > 0;) {
      const ssize_t n = ::write(file_, data, left);
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) fail_io();
      data += n;
      left -= static_cast<std::size_t>(n);
    }
    size_ += ids.size();
  }

  std::size_t size() const { return size_; }

  std::span<std::int32_t> map() {
    if (size_ == 0) return {};
    void* map =
        ::mmap(nullptr, size_ * sizeof(std::int32_t), PROT_READ | PROT_WRITE, MAP_SHARED, file_, 0);
    if (map == MAP_FAILED) fail_io();
    map_ = map;
    return {static_cast<std::int32_t*>(map), size_};
  }

 private:
  [[noreturn]] void fail_io() const {
    fail(ErrorKind::kIo, folder_,
         ": the corpus as numbers (4 bytes a word) cannot be kept there: ", std::strerror(errno));
  }

  std::string folder_;
  int file_ = -1;
  void* map_ = nullptr;
  std::size_t size_ = 0;
};

namespace {

constexpr std::size_t kTextsAPiece = 256;
constexpr std::int32_t kDropped = -2;

// Numbers of one thread's own, one after another in the spool.
struct Block {
  std::size_t worker = 0;
  std::size_t size = 0;
};

struct WordCount {
  std::string_view word;
  std::uint64_t count = 0;
};

// What one piece of texts gave, before it goes to the spool.
struct PieceIds {
  std::size_t worker = 0;
  std::vector<std::int32_t> ids;
};

}  // namespace

struct CorpusBuilder::State {
  State(const CorpusOptions& chosen, ThreadPool& threads)
      : options(chosen),
        pool(threads),
        counts(threads.num_threads()),
        spool(std::make_shared<TokenSpool>(chosen.spool_folder)) {}

  void add_text(std::string_view text, WordNumbers& words, std::vector<std::int32_t>& ids) const;
  void add_sentence(std::string_view text, WordNumbers& words,
                    std::vector<std::int32_t>& ids) const;
  std::vector<WordCount> chosen_words(WordNumbers& all) const;
  void renumber(const Corpus& corpus, std::span<std::int32_t> ids);
  static std::size_t close_gaps(std::span<std::int32_t> ids, Corpus& corpus);

  CorpusOptions options;
  ThreadPool& pool;
  std::vector<WordNumbers> counts;  // by thread
  std::vector<Block> blocks;
  std::shared_ptr<TokenSpool> spool;
};

void CorpusBuilder::State::add_sentence(std::string_view text, WordNumbers& words,
                                        std::vector<std::int32_t>& ids) const {
  const std::size_t before = ids.size();
  const auto add = [&](std::string_view word) {
    ids.push_back(static_cast<std::int32_t>(words.add(word)));
  };
  if (options.separator.empty()) {
    for_each_token(text, add);
  } else {
    while (!text.empty()) {
      const std::size_t end = std::min(text.find(options.separator), text.size());
      if (end > 0) add(text.substr(0, end));
      text.remove_prefix(std::min(end + options.separator.size(), text.size()));
    }
  }
  if (ids.size() == before) return;
  if (options.end_words) add(kSentenceEnd);
  ids.push_back(kSentenceBreak);
}

void CorpusBuilder::State::add_text(std::string_view text, WordNumbers& words,
                                    std::vector<std::int32_t>& ids) const {
  std::string repaired;
  if (!is_valid_utf8(text)) text = repaired = replace_invalid_utf8(text);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of("\r\n"), text.size());
    add_sentence(text.substr(0, end), words, ids);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

CorpusBuilder::CorpusBuilder(const CorpusOptions& options, ThreadPool& pool)
    : state_(std::make_unique<State>(options, pool)) {}

CorpusBuilder::~CorpusBuilder() = default;

void CorpusBuilder::add(std::span<const std::string_view> texts) {
  State& s = *state_;
  std::vector<PieceIds> pieces((texts.size() + kTextsAPiece - 1) / kTextsAPiece);
  s.pool.parallel_for(texts.size(), kTextsAPiece,
                      [&](std::size_t begin, std::size_t end, std::size_t worker) {
                        PieceIds& piece = pieces[begin / kTextsAPiece];
                        piece.worker = worker;
                        for (std::size_t i = begin; i < end; ++i)
                          s.add_text(texts[i], s.counts[worker], piece.ids);
                      });
  for (const PieceIds& piece : pieces) {
    s.spool->append(piece.ids);
    s.blocks.push_back({piece.worker, piece.ids.size()});
  }
}

// The words of the vocabulary, by falling count; equally frequent ones in the order of their bytes.
std::vector<WordCount> CorpusBuilder::State::chosen_words(WordNumbers& all) const {
  std::vector<WordCount> words;
  for (const std::string& word : options.vocabulary)
    words.push_back({word, all.count(all.add(word, 0))});
  if (!words.empty()) return words;
  const std::unordered_set<std::string_view> stopped(options.stop_words.begin(),
                                                     options.stop_words.end());
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all.count(i) >= options.min_count && !stopped.contains(all.word(i)))
      words.push_back({all.word(i), all.count(i)});
  }
  std::ranges::sort(words, [](const WordCount& a, const WordCount& b) {
    return a.count != b.count ? a.count > b.count : a.word < b.word;
  });
  if (options.max_vocab > 0 && words.size() > options.max_vocab) words.resize(options.max_vocab);
  return words;
}

void CorpusBuilder::State::renumber(const Corpus& corpus, std::span<std::int32_t> ids) {
  std::vector<std::vector<std::int32_t>> number(counts.size());
  pool.parallel_for(counts.size(), 1, [&](std::size_t begin, std::size_t end, std::size_t) {
    for (std::size_t worker = begin; worker < end; ++worker) {
      for (std::size_t i = 0; i < counts[worker].size(); ++i) {
        const auto found = corpus.words.find(counts[worker].word(i));
        number[worker].push_back(found ? static_cast<std::int32_t>(*found) : kDropped);
      }
    }
  });
  std::vector<std::size_t> begins = {0};
  for (const Block& block : blocks) begins.push_back(begins.back() + block.size);
  pool.parallel_for(blocks.size(), 1, [&](std::size_t begin, std::size_t end, std::size_t) {
    for (std::size_t i = begin; i < end; ++i) {
      for (std::int32_t& id : ids.subspan(begins[i], blocks[i].size)) {
        if (id >= 0) id = number[blocks[i].worker][static_cast<std::size_t>(id)];
      }
    }
  });
}

// Takes out words that were dropped and sentences that are empty without them.
std::size_t CorpusBuilder::State::close_gaps(std::span<std::int32_t> ids, Corpus& corpus) {
  std::size_t size = 0;
  for (const std::int32_t id : ids) {
    if (id == kDropped) continue;
    if (id == kSentenceBreak) {
      if (size == 0 || ids[size - 1] == kSentenceBreak) continue;
      ++corpus.num_sentences;
    } else {
      ++corpus.num_tokens;
    }
    ids[size++] = id;
  }
  return size;
}

Corpus CorpusBuilder::finish() {
  State& s = *state_;
  Corpus corpus;
  WordNumbers all;
  for (const WordNumbers& counts : s.counts) all.add(counts);
  for (std::size_t i = 0; i < all.size(); ++i) corpus.num_read += all.count(i);
  corpus.num_distinct = all.size();
  const std::vector<WordCount> chosen = s.chosen_words(all);
  std::vector<std::string_view> words;
  std::uint64_t known = 0;
  for (const WordCount& word : chosen) {
    words.push_back(word.word);
    corpus.counts.push_back(word.count);
    known += word.count;
  }
  if (known == 0) {
    fail(ErrorKind::kInvalidArgument, "corpus: expected words that occur at least ",
         s.options.min_count, " times, found ", corpus.num_read, " words, ", corpus.num_distinct,
         " of them different; a smaller min count keeps rarer ones");
  }
  corpus.words = WordList::copy_of(words);
  const std::span<std::int32_t> ids = s.spool->map();
  s.renumber(corpus, ids);
  corpus.ids = ids.first(State::close_gaps(ids, corpus));
  corpus.spool = s.spool;
  return corpus;
}

}  // namespace firth
