// The progress line.
#include "cli/progress.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <sstream>

#include "cli/output.h"

namespace firth::cli {
namespace {

constexpr auto kSilence = std::chrono::seconds(2);
constexpr auto kRedraw = std::chrono::milliseconds(100);
constexpr auto kLogInterval = std::chrono::seconds(5);
constexpr std::size_t kBarCells = 24;

bool line_drawn = false;  // a line on the terminal that the next output must wipe

std::string bar(double fraction) {
  const auto filled = static_cast<std::size_t>(std::clamp(fraction, 0.0, 1.0) * kBarCells);
  return "[" + std::string(filled, '#') + std::string(kBarCells - filled, '.') + "] " +
         fixed(100 * std::clamp(fraction, 0.0, 1.0), 0) + " %  ";
}

std::string rate(double amount, double seconds) {
  const double per_second = seconds > 0 ? amount / seconds : 0;
  return per_second < 10 ? fixed(per_second, 1) : grouped(static_cast<std::uint64_t>(per_second));
}

}  // namespace

ProgressMode parse_progress_mode(std::string_view name) {
  if (name == "always") return ProgressMode::kAlways;
  return name == "never" ? ProgressMode::kNever : ProgressMode::kAuto;
}

Progress::Progress(ProgressMode mode, std::string_view noun)
    : terminal_(::isatty(STDERR_FILENO) == 1), noun_(noun) {
  enabled_ =
      !is_quiet() && mode != ProgressMode::kNever && (terminal_ || mode == ProgressMode::kAlways);
  next_ = start_ + kSilence;
}

Progress::~Progress() {
  clear_progress_line();
}

double Progress::seconds() const {
  return std::chrono::duration<double>(Clock::now() - start_).count();
}

void Progress::update(const ProgressState& state) {
  const auto now = Clock::now();
  if (!enabled_ || now < next_) return;
  next_ = now + (terminal_ ? Clock::duration(kRedraw) : Clock::duration(kLogInterval));
  const std::string text = line(state, seconds());
  if (terminal_) {
    std::fprintf(stderr, "\r\x1b[K%s", text.c_str());
    std::fflush(stderr);
    line_drawn = true;
  } else {
    std::fprintf(stderr, "%s\n", text.c_str());
  }
}

// "1,200 texts, 340 texts/s, 41,000 tokens/s", or "12.3 MB, 4.1 MB/s".
std::string Progress::amounts(const ProgressState& state, double seconds) const {
  const auto fresh = static_cast<double>(state.done - std::min(state.done, state.earlier));
  if (noun_.empty()) {
    const double per_second = seconds > 0 ? fresh / seconds : 0;
    return size_text(state.done) + ", " + size_text(static_cast<std::uint64_t>(per_second)) + "/s";
  }
  std::ostringstream out;
  out << grouped(state.done) << ' ' << noun_ << ", " << rate(fresh, seconds) << ' ' << noun_
      << "/s";
  if (state.tokens > 0) {
    out << ", " << rate(static_cast<double>(state.tokens), seconds) << " tokens/s";
  }
  return out.str();
}

std::string Progress::line(const ProgressState& state, double seconds) const {
  const double fraction = state.fraction.value_or(0);
  // What was done earlier took no time of this run.
  const double earlier = state.done > 0 ? fraction * static_cast<double>(state.earlier) /
                                              static_cast<double>(state.done)
                                        : 0;
  const std::string begin = (state.fraction ? bar(fraction) : "") + amounts(state, seconds) + ", ";
  if (fraction - earlier <= 0.001) return begin + duration_text(seconds) + " so far";
  return begin + duration_text(seconds * (1 - fraction) / (fraction - earlier)) + " left";
}

void clear_progress_line() {
  if (!line_drawn) return;
  std::fputs("\r\x1b[K", stderr);
  line_drawn = false;
}

std::string duration_text(double seconds) {
  const auto total = static_cast<long>(std::lround(std::max(seconds, 0.0)));
  if (total < 60) return std::to_string(total) + " s";
  char text[32];
  if (total < 3600) {
    std::snprintf(text, sizeof text, "%ld:%02ld min", total / 60, total % 60);
  } else {
    std::snprintf(text, sizeof text, "%ld:%02ld:%02ld h", total / 3600, total / 60 % 60,
                  total % 60);
  }
  return text;
}

}  // namespace firth::cli
