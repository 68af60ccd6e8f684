// Sums of words, as word2vec's and gensim's analogies take them: the mean of the vectors, made unit
// length first where nearness is told by angle.
#include "cli/near_query.h"

#include <algorithm>
#include <sstream>

#include "cli/usage_error.h"
#include "cli/vector_text.h"
#include "firth/core/error.h"
#include "firth/kernels/vector.h"

namespace firth::cli {
namespace {

bool is_sign(std::string_view word) {
  return word == "+" || word == "-";
}

bool is_item(const Collection& collection, std::string_view word) {
  return std::ranges::find(collection.table.ids, word) != collection.table.ids.end();
}

std::vector<NearTerm> parse_terms(const CollectionArgs& args, const Collection& collection,
                                  std::string_view text) {
  std::istringstream words{std::string(text)};
  std::vector<NearTerm> terms;
  double weight = 1;
  bool expects_word = true;
  for (std::string word; words >> word;) {
    if (is_sign(word) && (!expects_word || terms.empty())) {
      weight = word == "-" ? -1 : 1;
      expects_word = true;
      continue;
    }
    if (!expects_word) {
      usage_error(quoted(text), ": expected + or - before ", quoted(word),
                  ", found none; words that are asked one by one are arguments of their own");
    }
    terms.push_back({weight, find_item(args, collection, word)});
    expects_word = false;
  }
  if (expects_word) usage_error(quoted(text), ": expected a word at the end, found none");
  return terms;
}

Tensor sum_of(const Collection& collection, const std::vector<NearTerm>& terms, bool unit_length) {
  Tensor sum = Tensor::zeros<float>({1, collection.dimension});
  const float share = 1 / static_cast<float>(terms.size());
  for (const NearTerm& term : terms) {
    Tensor row = collection.row(term.row);
    if (unit_length) normalize_rows(row.view<float>());
    axpy(static_cast<float>(term.weight) * share, row.view<float>().span(),
         sum.view<float>().span());
  }
  return sum;
}

Tensor plain_vector(const CollectionArgs& args, const Collection& collection,
                    std::string_view text) {
  const std::vector<double> numbers = parse_vector(text, quoted(text));
  if (numbers.size() != collection.dimension) {
    usage_error(quoted(text), ": expected ", collection.dimension, " components, as ", args.vectors,
                " has, found ", numbers.size());
  }
  Tensor vector = Tensor::zeros<float>({1, numbers.size()});
  std::ranges::transform(numbers, vector.view<float>().span().begin(),
                         [](double x) { return static_cast<float>(x); });
  return vector;
}

}  // namespace

NearQuery parse_near_query(const CollectionArgs& args, const Collection& collection,
                           std::string_view text, bool unit_length) {
  NearQuery query;
  query.text = text;
  const bool is_known = is_item(collection, text);
  if (!is_known && looks_like_vector(text)) {
    query.vector = plain_vector(args, collection, text);
    return query;
  }
  const bool is_one = is_known || collection.table.ids.empty() ||
                      text.find_first_of(" \t") == std::string_view::npos;
  if (is_one) {
    query.terms = {{1, find_item(args, collection, query.text)}};
  } else {
    query.terms = parse_terms(args, collection, text);
  }
  // A word alone is asked as it is: its own score stays what it was.
  const bool alone = query.terms.size() == 1 && query.terms[0].weight > 0;
  query.vector = sum_of(collection, query.terms, unit_length && !alone);
  return query;
}

std::vector<std::string> near_questions(const std::vector<std::string>& words) {
  std::vector<std::string> questions;
  bool goes_on = false;
  for (const std::string& word : words) {
    if ((goes_on || is_sign(word)) && !questions.empty()) {
      questions.back() += " " + word;
    } else {
      questions.push_back(word);
    }
    goes_on = is_sign(word);
  }
  return questions;
}

}  // namespace firth::cli
