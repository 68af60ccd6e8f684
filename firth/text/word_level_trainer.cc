// Sorting by count.
#include "firth/text/word_level_trainer.h"

#include <algorithm>
#include <unordered_map>

namespace firth {

std::vector<TokenId> train_word_level(std::span<const WordCount> words,
                                      const WordLevelTrainerOptions& options) {
  std::vector<WordCount> frequent;
  std::ranges::copy_if(words, std::back_inserter(frequent),
                       [&](const WordCount& item) { return item.count >= options.min_frequency; });
  const std::size_t num_wanted = std::min(options.vocab_size, frequent.size());
  std::ranges::partial_sort(frequent, frequent.begin() + static_cast<std::ptrdiff_t>(num_wanted),
                            [](const WordCount& a, const WordCount& b) {
                              return a.count != b.count ? a.count > b.count : a.word < b.word;
                            });
  frequent.resize(num_wanted);
  std::vector<std::string> tokens = options.special_tokens;
  for (const WordCount& item : frequent) tokens.emplace_back(item.word);
  tokens.resize(std::min(tokens.size(), options.vocab_size));
  std::unordered_map<std::string_view, std::size_t> last;
  for (std::size_t id = 0; id < tokens.size(); ++id) last[tokens[id]] = id;
  std::vector<TokenId> vocabulary;
  for (std::size_t id = 0; id < tokens.size(); ++id) {
    if (last[tokens[id]] == id) vocabulary.emplace_back(tokens[id], static_cast<std::int32_t>(id));
  }
  return vocabulary;
}

}  // namespace firth
