// firth, the program: picks the verb, parses its options, runs it, and turns whatever goes wrong
// into one line on stderr and an exit code. The way of a text through the program is told in
// embed.cc.
#include <exception>
#include <new>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/help.h"
#include "cli/interrupt.h"
#include "cli/output.h"
#include "cli/usage_error.h"
#include "firth/core/error.h"

namespace firth::cli {
namespace {

constexpr int kFailed = 1;
constexpr int kUsage = 2;
constexpr int kInterrupted = 130;  // 128 + SIGINT, as shells say it

int run_verb(Command& command, const std::vector<std::string>& args) {
  CommonArgs common;
  parse_arguments(command, common, args);
  set_quiet(common.quiet);
  if (common.help) {
    print(help_text(command));
    return 0;
  }
  return command.run(common);
}

int run(const std::vector<std::string>& args) {
  const auto all = commands();
  if (args.empty() || args[0] == "--help" || args[0] == "-h") {
    print(overview_text(all));
    return 0;
  }
  if (args[0] == "--version" || args[0] == "-V") {
    print("firth " FIRTH_VERSION "\n");
    return 0;
  }
  if (args[0].starts_with('-')) {
    usage_error("expected a verb first, found the option ", quoted(args[0]),
                "; see 'firth --help'");
  }
  const VerbGroup* group = find_group(args[0]);
  const bool asks_for_help = args.size() == 2 && (args[1] == "--help" || args[1] == "-h");
  if (group != nullptr && asks_for_help) {
    print(help_text(all, *group));
    return 0;
  }
  std::vector<std::string> rest = args;
  Command& command = take_command(all, rest);
  return run_verb(command, rest);
}

int exit_code(ErrorKind kind) {
  return kind == ErrorKind::kInvalidArgument ? kUsage : kFailed;
}

int guarded_run(const std::vector<std::string>& args) {
  try {
    const int code = run(args);
    standard_output().flush();
    return code;
  } catch (const Interrupted&) {
    say("interrupted");
    return kInterrupted;
  } catch (const UsageError& error) {
    say_error(error.what());
    return kUsage;
  } catch (const Error& error) {
    say_error(error.what());
    return exit_code(error.kind());
  } catch (const std::bad_alloc&) {
    say_error("memory: expected more, found that the system gives none");
    return kFailed;
  } catch (const std::exception& error) {
    say_error(std::string("internal error: ") + error.what());
    return kFailed;
  }
}

}  // namespace
}  // namespace firth::cli

int main(int argc, char** argv) {
  firth::cli::install_signal_handlers();
  return firth::cli::guarded_run({argv + 1, argv + argc});
}
