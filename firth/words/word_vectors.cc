#include "firth/words/word_vectors.h"

#include <algorithm>

#include "firth/core/error.h"
#include "firth/io/compressed_file.h"
#include "firth/io/vector_text.h"
#include "firth/io/word_file.h"
#include "firth/kernels/vector.h"

namespace firth {
namespace {

class FileTable final : public WordVectors {
 public:
  FileTable(WordFile file, std::string_view kind)
      : file_(std::move(file)), words_(file_.take_words(), file_.owner()), kind_(kind) {}

  std::size_t dimension() const override { return file_.dimension(); }

  const WordList& words() const override { return words_; }

  void copy_row(std::size_t word, std::span<float> out) const override {
    file_.copy_row(word, out);
  }

  std::string_view kind() const override { return kind_; }

 private:
  WordFile file_;
  WordList words_;
  std::string_view kind_;
};

class MemoryTable final : public WordVectors {
 public:
  MemoryTable(WordList words, std::shared_ptr<const Tensor> rows)
      : words_(std::move(words)), rows_(std::move(rows)) {}

  std::size_t dimension() const override { return rows_->shape()[1]; }

  const WordList& words() const override { return words_; }

  void copy_row(std::size_t word, std::span<float> out) const override {
    std::ranges::copy(rows_->view<float>().row(word), out.begin());
  }

  std::string_view kind() const override { return "table"; }

 private:
  WordList words_;
  std::shared_ptr<const Tensor> rows_;
};

class FastTextVectors final : public WordVectors {
 public:
  explicit FastTextVectors(std::shared_ptr<const FastTextModel> model) : model_(std::move(model)) {}

  std::size_t dimension() const override { return model_->dimension(); }

  const WordList& words() const override { return model_->words(); }

  void copy_row(std::size_t word, std::span<float> out) const override {
    model_->word_vector(model_->words()[word], out);
  }

  bool vector_of(std::string_view word, std::span<float> out) const override {
    return model_->word_vector(word, out);
  }

  std::size_t text_vector(std::string_view text, std::span<float> out) const override {
    return model_->text_vector(text, out);
  }

  std::string_view kind() const override { return "fasttext"; }

  const FastTextModel* fasttext() const override { return model_.get(); }

 private:
  std::shared_ptr<const FastTextModel> model_;
};

constexpr std::size_t kHeadBytes = 4096;

// As much as tells the forms apart.
std::string first_bytes(const std::string& path) {
  std::string head(kHeadBytes, '\0');
  ByteSource source = ByteSource::open(path);
  std::size_t size = 0;
  for (std::size_t n = 1; n > 0 && size < head.size(); size += n)
    n = source.read({head.data() + size, head.size() - size});
  head.resize(size);
  return head;
}

// "count dimension" alone on the first line.
std::optional<std::size_t> dimension_of_head(std::string_view line) {
  std::size_t numbers = 0, dimension = 0;
  bool is_head = true;
  for_each_token(line, [&](std::string_view field) {
    is_head = is_head && std::ranges::all_of(field, [](char c) { return c >= '0' && c <= '9'; });
    ++numbers;
    if (is_head && numbers == 2) {
      dimension = 0;
      for (const char c : field.substr(0, 9)) dimension = 10 * dimension + (c - '0');
    }
  });
  return is_head && numbers == 2 ? std::optional(dimension) : std::nullopt;
}

// Fields of a line, and how many of them are numbers.
std::pair<std::size_t, std::size_t> count_numbers(std::string_view line) {
  std::size_t fields = 0, numbers = 0;
  float number = 0;
  for_each_token(line, [&](std::string_view field) {
    ++fields;
    if (internal::parse_number(field, number)) ++numbers;
  });
  return {fields, numbers};
}

// A word and numbers.
bool is_text_row(std::string_view line) {
  const auto [fields, numbers] = count_numbers(line);
  return fields > 1 && numbers > 0 && line.find('\0') == std::string_view::npos;
}

}  // namespace

std::optional<WordFileKind> word_file_kind(const std::string& path) {
  const std::string head = first_bytes(path);
  const std::string_view text = head;
  if (text.starts_with("\xBA\x16\x4F\x2F")) return WordFileKind::kFastText;
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view rest = text.substr(std::min(end + 1, text.size()));
  if (const auto dimension = dimension_of_head(text.substr(0, end))) {
    // The first word's line, as far as it was read; the last number may be cut in two.
    std::string_view second = rest.substr(0, rest.find('\n'));
    const bool is_whole = second.size() < rest.size() || head.size() < kHeadBytes;
    if (!is_whole) second = second.substr(0, second.find_last_of(' ') + 1);
    const auto [fields, numbers] = count_numbers(second);
    const bool is_text = is_whole ? numbers >= *dimension && fields > *dimension
                                  : fields > 1 && numbers >= fields / 2;
    return is_text ? WordFileKind::kWord2VecText : WordFileKind::kWord2VecBinary;
  }
  const std::string_view first = text.substr(0, end);
  if (end < text.size() || head.size() < kHeadBytes)
    return is_text_row(first) ? std::optional(WordFileKind::kWord2VecText) : std::nullopt;
  return is_text_row(first.substr(0, first.find_last_of(' ')))
             ? std::optional(WordFileKind::kWord2VecText)
             : std::nullopt;
}

bool WordVectors::vector_of(std::string_view word, std::span<float> out) const {
  if (const auto row = words().find(word)) {
    copy_row(*row, out);
    return true;
  }
  std::ranges::fill(out, 0.0F);
  return false;
}

std::size_t WordVectors::text_vector(std::string_view text, std::span<float> out) const {
  std::ranges::fill(out, 0.0F);
  std::vector<float> row(out.size());
  std::size_t known = 0, unknown = 0;
  for_each_token(text, [&](std::string_view word) {
    if (!vector_of(word, row)) {
      ++unknown;
      return;
    }
    axpy(1.0F, row, out);
    ++known;
  });
  if (known > 0) divide(static_cast<float>(known), out);
  return unknown;
}

Tensor WordVectors::to_f32(ThreadPool& pool) const {
  constexpr std::size_t kWordsAPiece = 1024;
  Tensor tensor = Tensor::zeros<float>({words().size(), dimension()});
  const View<float> rows = tensor.view<float>();
  pool.parallel_for(words().size(), kWordsAPiece,
                    [&](std::size_t begin, std::size_t end, std::size_t) {
                      for (std::size_t i = begin; i < end; ++i) copy_row(i, rows.row(i));
                    });
  return tensor;
}

std::shared_ptr<const WordVectors> open_word_vectors(const std::string& path) {
  const auto kind = word_file_kind(path);
  if (!kind) {
    fail(ErrorKind::kUnsupported, path, ": expected vectors of words (word2vec or GloVe text, ",
         "word2vec's binary form, fastText's .bin or .ftz), found something else");
  }
  if (*kind == WordFileKind::kFastText)
    return std::make_shared<FastTextVectors>(FastTextModel::open(path));
  if (*kind == WordFileKind::kWord2VecText)
    return std::make_shared<FileTable>(WordFile::open_text(path), "word2vec text");
  return std::make_shared<FileTable>(WordFile::open_binary(path), "word2vec");
}

std::shared_ptr<const WordVectors> word_table(WordList words, std::shared_ptr<const Tensor> rows) {
  return std::make_shared<MemoryTable>(std::move(words), std::move(rows));
}

}  // namespace firth
