// Oniguruma behind firth::Regex.
#include "firth/text/regex.h"

#include <oniguruma.h>

#include <ctime>
#include <mutex>
#include <utility>

#include "firth/core/error.h"
#include "firth/text/category_classes.h"

namespace firth {
namespace {

double processor_seconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

const OnigUChar* bytes(const char* p) {
  return reinterpret_cast<const OnigUChar*>(p);
}

std::string message_of(int code, OnigErrorInfo* info) {
  OnigUChar text[ONIG_MAX_ERROR_MESSAGE_LEN];
  const int length = onig_error_code_to_str(text, code, info);
  return {reinterpret_cast<const char*>(text), static_cast<std::size_t>(length)};
}

// The library's tables, made once in a process.
void initialize() {
  static std::once_flag once;
  std::call_once(once, [] {
    OnigEncoding encodings[] = {ONIG_ENCODING_UTF8};
    onig_initialize(encodings, 1);
    onig_set_warn_func(onig_null_warn);
    onig_set_verb_warn_func(onig_null_warn);
  });
}

struct Region {
  OnigRegion* region = onig_region_new();

  Region() = default;
  Region(const Region&) = delete;
  Region& operator=(const Region&) = delete;

  ~Region() { onig_region_free(region, 1); }
};

}  // namespace

struct Regex::Impl {
  OnigRegex regex = nullptr;
  std::string where;

  Impl() = default;
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  ~Impl() { onig_free(regex); }

  std::unique_ptr<OnigMatchParam, decltype(&onig_free_match_param)> limits() const {
    std::unique_ptr<OnigMatchParam, decltype(&onig_free_match_param)> param(onig_new_match_param(),
                                                                            onig_free_match_param);
    onig_initialize_match_param(param.get());
    onig_set_retry_limit_in_match_of_match_param(param.get(), kMaxRetries);
    onig_set_retry_limit_in_search_of_match_param(param.get(), kMaxRetries);
    onig_set_match_stack_limit_size_of_match_param(param.get(), kMaxStack);
    return param;
  }
};

Regex::Regex(std::string_view expression, std::string where) {
  initialize();
  if (expression.size() > kMaxExpression) {
    fail(ErrorKind::kUnsupported, where, ": expected a regular expression of at most ",
         kMaxExpression, " bytes, found ", expression.size());
  }
  auto impl = std::make_shared<Impl>();
  OnigErrorInfo info{};
  const std::string spelled_out = spell_out_categories(expression);
  const OnigUChar* const begin = bytes(spelled_out.data());
  const int code = onig_new(&impl->regex, begin, begin + spelled_out.size(), ONIG_OPTION_NONE,
                            ONIG_ENCODING_UTF8, ONIG_SYNTAX_DEFAULT, &info);
  if (code != ONIG_NORMAL) {
    fail(ErrorKind::kCorrupt, where, ": expected a regular expression, found ", quoted(expression),
         ": ", quoted(message_of(code, &info)));
  }
  impl->where = std::move(where);
  impl_ = std::move(impl);
}

void Regex::find_parts(std::string_view text, std::vector<PatternPart>& parts) const {
  constexpr int kSearchesBetweenLooks = 64;
  const OnigUChar* const begin = bytes(text.data());
  const OnigUChar* const end = begin + text.size();
  const double deadline =
      processor_seconds() + kMinSeconds + kSecondsPerByte * static_cast<double>(text.size());
  const auto limits = impl_->limits();
  const Region region;
  std::size_t at = 0;    // where the next search begins
  std::size_t open = 0;  // the end of the match before
  bool has_match = false;
  for (int count = 1; at <= text.size(); ++count) {
    const int code = onig_search_with_param(impl_->regex, begin, end, begin + at, end,
                                            region.region, ONIG_OPTION_NONE, limits.get());
    if (code == ONIG_MISMATCH) break;
    const bool late = count % kSearchesBetweenLooks == 0 && processor_seconds() > deadline;
    if (code < 0 || late) {
      fail(ErrorKind::kUnsupported, impl_->where, ": the regular expression needs more steps than ",
           "allowed on a text of ", text.size(), " bytes",
           late ? std::string() : " (" + message_of(code, nullptr) + ")");
    }
    const auto match_begin = static_cast<std::size_t>(region.region->beg[0]);
    const auto match_end = static_cast<std::size_t>(region.region->end[0]);
    const bool empty = match_begin == match_end;
    // An empty match right behind a match does not count.
    if (!(empty && has_match && match_end == open)) {
      if (open < match_begin) parts.push_back({open, match_begin, false});
      parts.push_back({match_begin, match_end, true});
      open = match_end;
      has_match = true;
    }
    at = match_end;
    if (empty) at += at < text.size() ? utf8_length(text[at]) : 1;
  }
  if (open < text.size()) parts.push_back({open, text.size(), false});
}

}  // namespace firth
