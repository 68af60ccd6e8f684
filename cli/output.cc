// Checked writes to standard output, and the lines on standard error.
#include "cli/output.h"

#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>

#include "cli/progress.h"
#include "firth/core/error.h"

namespace firth::cli {
namespace {

constexpr std::size_t kBufferBytes = 1 << 16;
bool quiet_flag = false;  // set once by main before anything is said

void write_all(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(STDOUT_FILENO, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EPIPE) {
      fail(ErrorKind::kIo, "standard output: expected a reader, found a closed pipe");
    } else if (errno != EINTR) {
      fail(ErrorKind::kIo, "standard output: expected to write ", text.size(),
           " bytes, found: ", std::strerror(errno));
    }
  }
}

std::string one_line(std::string_view message) {
  std::string line;
  for (const char c : message) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n') {
      line += "; ";
    } else if (byte < 0x20 || byte == 0x7F) {
      char escaped[8];
      std::snprintf(escaped, sizeof escaped, "\\x%02x", byte);
      line += escaped;
    } else {
      line += c;
    }
  }
  return line;
}

void write_line(std::string_view prefix, std::string_view message) {
  clear_progress_line();
  const std::string line = std::string(prefix) + one_line(message) + "\n";
  std::fwrite(line.data(), 1, line.size(), stderr);
}

}  // namespace

void StandardOutput::write(std::string_view text) {
  buffer_ += text;
  if (buffer_.size() >= kBufferBytes) flush();
}

void StandardOutput::flush() {
  // Taken out first: what failed once must not be tried again at the end of the process.
  std::string taken;
  taken.swap(buffer_);
  write_all(taken);
}

StandardOutput& standard_output() {
  static StandardOutput output;
  return output;
}

void set_quiet(bool quiet) {
  quiet_flag = quiet;
}

bool is_quiet() {
  return quiet_flag;
}

void say(std::string_view message) {
  if (!quiet_flag) write_line("firth: ", message);
}

void warn(std::string_view message) {
  if (!quiet_flag) write_line("firth: warning: ", message);
}

void say_error(std::string_view message) {
  write_line("firth: ", message);
}

std::string grouped(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, ",");
  return digits;
}

std::string fixed(double number, int decimals) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", decimals, number);
  return text;
}

std::string size_text(std::uint64_t bytes) {
  constexpr double kStep = 1000;
  const char* units[] = {"bytes", "kB", "MB", "GB", "TB"};
  double amount = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (amount >= kStep && unit + 1 < std::size(units)) {
    amount /= kStep;
    ++unit;
  }
  return fixed(amount, unit == 0 ? 0 : 1) + " " + units[unit];
}

std::string counted(std::uint64_t number, std::string_view noun) {
  return grouped(number) + " " + std::string(noun) + (number == 1 ? "" : "s");
}

}  // namespace firth::cli
