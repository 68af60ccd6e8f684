// A progress line on stderr: what is done, how fast, and how long it will still take. It appears
// after two seconds, on a terminal only unless asked for; elsewhere (a log file) it is a line every
// five seconds.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace firth::cli {

enum class ProgressMode { kAuto, kAlways, kNever };

ProgressMode parse_progress_mode(std::string_view name);  // "auto", "always", "never"

// What is known of the work at one moment.
struct ProgressState {
  std::uint64_t done = 0;               // items, or bytes
  std::uint64_t earlier = 0;            // of them, done before this run: no part of the rate
  std::uint64_t tokens = 0;             // 0 = not counted
  std::optional<double> fraction = {};  // of the whole, where it is known
};

class Progress {
 public:
  // noun: "texts"; "" where bytes are counted.
  Progress(ProgressMode mode, std::string_view noun);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // Cheap; draws at most ten times a second.
  void update(const ProgressState& state);

  double seconds() const;  // since construction

 private:
  std::string line(const ProgressState& state, double seconds) const;
  std::string amounts(const ProgressState& state, double seconds) const;

  using Clock = std::chrono::steady_clock;
  bool enabled_;
  bool terminal_;
  std::string noun_;
  Clock::time_point start_ = Clock::now();
  Clock::time_point next_;
};

// Wipes a drawn progress line, so that another line may be written.
void clear_progress_line();

// "1:02:03", "4:05", "12 s".
std::string duration_text(double seconds);

}  // namespace firth::cli
