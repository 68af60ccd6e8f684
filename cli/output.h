// Where data and talk go: data to standard output, buffered and with every write checked, talk to
// standard error. A full disk or a reader that went away is an error like any other, so that
// `firth … > /dev/full` does not end with exit code 0.
#pragma once

#include <sstream>
#include <string>
#include <string_view>

namespace firth::cli {

// The process's standard output.
class StandardOutput {
 public:
  void write(std::string_view text);  // throws Error (io)
  void flush();

 private:
  std::string buffer_;
};

StandardOutput& standard_output();

template <class... Parts>
void print(const Parts&... parts) {
  std::ostringstream text;
  (text << ... << parts);
  standard_output().write(text.str());
}

// A line on stderr that starts with "firth: ", unless quiet was set.
void set_quiet(bool quiet);
bool is_quiet();
void say(std::string_view message);

// The same for a warning ("firth: warning: …").
void warn(std::string_view message);

// The one line of an error; never suppressed. Line breaks and control characters in it are escaped.
void say_error(std::string_view message);

// "1,234,567"; "12.3".
std::string grouped(std::uint64_t number);
std::string fixed(double number, int decimals);

// "91.6 MB", "12 bytes".
std::string size_text(std::uint64_t bytes);

// "1 text", "3 texts".
std::string counted(std::uint64_t number, std::string_view noun);

}  // namespace firth::cli
