#include "firth/eval/analogies.h"

#include <algorithm>
#include <array>
#include <limits>
#include <sstream>
#include <unordered_map>

#include "firth/core/error.h"
#include "firth/io/line_reader.h"
#include "firth/kernels/product.h"

namespace firth {
namespace {

constexpr std::size_t kMaxLineBytes = std::size_t{1} << 20;
constexpr std::size_t kNumCandidates = 5;  // gensim's
constexpr float kMulEpsilon = 1e-6F;       // gensim's, and Levy & Goldberg's order of magnitude
// Words at a time: their cosines to the words of all questions stay in the second-level cache for a
// few hundred of these.
constexpr std::size_t kWordsAtATime = 2048;
constexpr std::size_t kQuestionsAtATime = 64;

// The best rows by one score, the best first; equal scores by row.
struct Best {
  std::array<float, kNumCandidates> scores;
  std::array<std::size_t, kNumCandidates> rows;
  std::size_t size = 0;

  void offer(float score, std::size_t row) {
    if (size == kNumCandidates && !(score > scores[size - 1])) return;
    std::size_t at = size < kNumCandidates ? size++ : size - 1;
    for (; at > 0 && score > scores[at - 1]; --at) {
      scores[at] = scores[at - 1];
      rows[at] = rows[at - 1];
    }
    scores[at] = score;
    rows[at] = row;
  }
};

// A question whose words are all known. The numbers are those of `asked`, the words of all
// questions.
struct Question {
  std::size_t section = 0;
  std::array<std::size_t, 3> rows{};     // a, b, c in the table
  std::array<std::size_t, 3> numbers{};  // the same among the words asked
  std::size_t expected = 0;              // a row
  Best add;
  Best mul;
};

class Asker {
 public:
  Asker(const WordTable& table, const std::vector<AnalogySection>& sections) : table_(table) {
    for (std::size_t s = 0; s < sections.size(); ++s) {
      for (const AnalogyQuestion& question : sections[s].questions) take(s, question);
    }
  }

  void ask(ThreadPool& pool, const std::function<void(double)>& progress) {
    if (questions_.empty()) return;
    const View<const float> units = table_.unit_rows();
    Tensor asked(DType::kF32, {asked_.size(), units.cols()});
    for (std::size_t i = 0; i < asked_.size(); ++i)
      std::ranges::copy(units.row(asked_[i]), asked.view<float>().row(i).begin());
    // cosines(word, asked): a question reads three columns of a few thousand rows.
    const PackedWeight weight(asked.view<float>(), Precision::kF32);
    Tensor cosines(DType::kF32, {std::min(kWordsAtATime, table_.num_words()), asked_.size()});
    for (std::size_t begin = 0; begin < table_.num_words(); begin += kWordsAtATime) {
      const std::size_t end = std::min(begin + kWordsAtATime, table_.num_words());
      const View<float> block = cosines.view<float>().slice_rows(0, end - begin);
      fill(units.slice_rows(begin, end), weight, block, pool);
      offer_all(begin, block, pool);
      if (progress) progress(static_cast<double>(end) / static_cast<double>(table_.num_words()));
    }
  }

  void count(std::vector<AnalogySectionResult>& sections) const {
    for (const Question& question : questions_) {
      AnalogyCount& count = sections[question.section].count;
      ++count.num_found;
      count.num_right_add += is_right(question, question.add) ? 1 : 0;
      count.num_right_mul += is_right(question, question.mul) ? 1 : 0;
    }
  }

 private:
  void take(std::size_t section, const AnalogyQuestion& asked) {
    Question question;
    question.section = section;
    const std::string* const words[] = {&asked.a, &asked.b, &asked.c};
    for (std::size_t i = 0; i < 3; ++i) {
      const auto row = table_.find(*words[i]);
      if (!row) return;
      question.rows[i] = *row;
    }
    const auto expected = table_.find(asked.expected);
    if (!expected) return;
    question.expected = *expected;
    for (std::size_t i = 0; i < 3; ++i) question.numbers[i] = number_of(question.rows[i]);
    questions_.push_back(question);
  }

  std::size_t number_of(std::size_t row) {
    const auto [place, is_new] = number_of_row_.emplace(row, asked_.size());
    if (is_new) asked_.push_back(row);
    return place->second;
  }

  static void fill(View<const float> rows, const PackedWeight& weight, View<float> block,
                   ThreadPool& pool) {
    constexpr std::size_t kRowsAPiece = 256;
    pool.parallel_for(
        rows.rows(), kRowsAPiece, [&](std::size_t begin, std::size_t end, std::size_t /*worker*/) {
          packed_product(rows.slice_rows(begin, end), weight, {}, block.slice_rows(begin, end));
        });
  }

  void offer_all(std::size_t first_row, View<const float> cosines, ThreadPool& pool) {
    pool.parallel_for(questions_.size(), kQuestionsAtATime,
                      [&](std::size_t begin, std::size_t end, std::size_t /*worker*/) {
                        for (std::size_t row = 0; row < cosines.rows(); ++row) {
                          const float* const of_word = cosines.row(row).data();
                          for (std::size_t q = begin; q < end; ++q)
                            offer(questions_[q], of_word, first_row + row);
                        }
                      });
  }

  static void offer(Question& question, const float* cosines, std::size_t row) {
    const float a = cosines[question.numbers[0]];
    const float b = cosines[question.numbers[1]];
    const float c = cosines[question.numbers[2]];
    const float add = b - a + c;
    const float mul = (1 + b) / 2 * ((1 + c) / 2) / ((1 + a) / 2 + kMulEpsilon);
    const bool enters_add =
        question.add.size < kNumCandidates || add > question.add.scores[kNumCandidates - 1];
    const bool enters_mul =
        question.mul.size < kNumCandidates || mul > question.mul.scores[kNumCandidates - 1];
    if (!(enters_add || enters_mul)) return;
    if (std::ranges::find(question.rows, row) != question.rows.end()) return;
    if (enters_add) question.add.offer(add, row);
    if (enters_mul) question.mul.offer(mul, row);
  }

  // The first of the best that is not one of the three words in another case.
  bool is_right(const Question& question, const Best& best) const {
    for (std::size_t i = 0; i < best.size; ++i) {
      const std::string& word = table_.folded(best.rows[i]);
      const bool is_asked = std::ranges::any_of(
          question.rows, [&](std::size_t row) { return table_.folded(row) == word; });
      if (!is_asked) return word == table_.folded(question.expected);
    }
    return false;
  }

  const WordTable& table_;
  std::vector<Question> questions_;
  std::vector<std::size_t> asked_;  // rows, each once
  std::unordered_map<std::size_t, std::size_t> number_of_row_;
};

}  // namespace

std::vector<AnalogySection> read_analogies(const std::string& path) {
  LineReader lines(ByteSource::open(path), kMaxLineBytes);
  std::vector<AnalogySection> sections;
  bool has_any = false;
  for (std::string_view line; lines.next(line);) {
    std::istringstream in{std::string(line)};
    std::vector<std::string> words;
    for (std::string word; in >> word;) words.push_back(word);
    if (words.empty()) continue;
    if (line.starts_with(':')) {
      const std::size_t begin = line.find_first_not_of(": \t");
      std::string_view name = begin == std::string_view::npos ? "" : line.substr(begin);
      sections.push_back({std::string(name.substr(0, name.find_last_not_of(" \t\r") + 1)), {}});
      continue;
    }
    if (words.size() != 4) {
      fail(ErrorKind::kCorrupt, lines.where(),
           ": expected four words, or ': ' and a section's name, found ", quoted(line));
    }
    if (sections.empty()) sections.push_back({"", {}});
    sections.back().questions.push_back({words[0], words[1], words[2], words[3]});
    has_any = true;
  }
  if (!has_any) fail(ErrorKind::kCorrupt, path, ": expected analogies, found none");
  return sections;
}

void AnalogyCount::add(const AnalogyCount& other) {
  num_questions += other.num_questions;
  num_found += other.num_found;
  num_right_add += other.num_right_add;
  num_right_mul += other.num_right_mul;
}

AnalogyResult evaluate_analogies(const WordTable& table,
                                 const std::vector<AnalogySection>& sections, ThreadPool& pool,
                                 const std::function<void(double)>& progress) {
  AnalogyResult result;
  for (const AnalogySection& section : sections)
    result.sections.push_back({section.name, {.num_questions = section.questions.size()}});
  Asker asker(table, sections);
  asker.ask(pool, progress);
  asker.count(result.sections);
  for (const AnalogySectionResult& section : result.sections) result.all.add(section.count);
  return result;
}

}  // namespace firth
