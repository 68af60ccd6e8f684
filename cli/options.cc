// Turning strings from the command line into the fields of an options struct.
#include "cli/options.h"

#include <algorithm>
#include <charconv>
#include <sstream>

#include "cli/usage_error.h"
#include "firth/core/error.h"

namespace firth::cli {
namespace {

std::string shown_default(const Target& target) {
  if (const auto* text = std::get_if<std::string*>(&target)) return **text;
  if (const auto* number = std::get_if<std::size_t*>(&target)) return std::to_string(**number);
  if (const auto* number = std::get_if<double*>(&target)) {
    std::ostringstream out;
    out << **number;
    return out.str();
  }
  if (const auto* list = std::get_if<std::vector<int>*>(&target)) {
    std::string joined;
    for (const int number : **list) joined += (joined.empty() ? "" : ",") + std::to_string(number);
    return joined;
  }
  return "";
}

template <class T>
T parse_number(const Option& option, std::string_view text, std::string_view expected) {
  T number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) {
    usage_error(display_name(option), ": expected ", expected, ", found ", quoted(text));
  }
  return number;
}

void append_numbers(const Option& option, std::string_view list, std::vector<int>& numbers) {
  while (true) {
    const std::size_t comma = list.find(',');
    numbers.push_back(
        parse_number<int>(option, list.substr(0, comma), "whole numbers with commas between"));
    if (comma == std::string_view::npos) return;
    list.remove_prefix(comma + 1);
  }
}

void check_choice(const Option& option, const std::string& value) {
  if (option.choices.empty() || std::ranges::find(option.choices, value) != option.choices.end()) {
    return;
  }
  std::ostringstream expected;
  std::vector<std::string> candidates;
  for (const std::string_view choice : option.choices) {
    expected << (candidates.empty() ? "" : ", ") << choice;
    candidates.emplace_back(choice);
  }
  usage_error(display_name(option), ": expected one of ", expected.str(), ", found ", quoted(value),
              suggestion(value, candidates));
}

bool is_true(const std::string& value) {
  return value == "true";
}

}  // namespace

void OptionTable::operator()(std::string_view names, Target target, std::string_view value,
                             std::string_view help, std::vector<std::string_view> choices) {
  Option option;
  option.value = value;
  option.help = help;
  option.group = group_;
  option.choices = std::move(choices);
  option.default_text = shown_default(target);
  option.target = target;
  if (names.starts_with('-')) {
    const std::size_t comma = names.find(',');
    if (comma != std::string_view::npos) option.short_name = names.substr(1, comma - 1);
    option.long_name = names.substr(names.find("--") + 2);
  } else {
    option.value = names;
    option.group = "Arguments";
    option.default_text.clear();
  }
  options_.push_back(std::move(option));
}

void assign(const Option& option, const std::vector<std::string>& values) {
  for (const std::string& value : values) check_choice(option, value);

  struct Store {
    const Option& option;
    const std::vector<std::string>& values;

    void operator()(bool* flag) const { *flag = is_true(values.back()); }

    void operator()(std::optional<bool>* flag) const { *flag = is_true(values.back()); }

    void operator()(std::string* text) const { *text = values.back(); }

    void operator()(std::optional<std::string>* text) const { *text = values.back(); }

    void operator()(std::size_t* number) const {
      *number = parse_number<std::size_t>(option, values.back(), "a whole number from 0");
    }

    void operator()(std::optional<std::size_t>* number) const {
      *number = parse_number<std::size_t>(option, values.back(), "a whole number from 0");
    }

    void operator()(double* number) const {
      *number = parse_number<double>(option, values.back(), "a number");
    }

    void operator()(std::optional<double>* number) const {
      *number = parse_number<double>(option, values.back(), "a number");
    }

    void operator()(std::vector<std::string>* list) const { *list = values; }

    void operator()(std::vector<int>* list) const {
      list->clear();
      for (const std::string& value : values) append_numbers(option, value, *list);
    }
  };

  std::visit(Store{option, values}, option.target);
}

std::string display_name(const Option& option) {
  return option.positional() ? option.value : "--" + option.long_name;
}

void for_each_field(CommonArgs& args, OptionTable& visit) {
  visit.group("General");
  visit("-q,--quiet", &args.quiet, "", "say nothing on stderr but errors");
  visit("-h,--help", &args.help, "", "show this help");
}

}  // namespace firth::cli
