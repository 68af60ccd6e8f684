// Ctrl-C and its kin: the first one asks the work to stop at the next safe point, where it leaves
// what --resume needs; the second one ends the process at once.
#pragma once

namespace firth::cli {

class Interrupted {};  // thrown by check_interrupt; main ends with exit code 130

// SIGINT and SIGTERM as above; SIGPIPE and SIGXFSZ are ignored, the failed write is reported.
void install_signal_handlers();

void check_interrupt();  // throws Interrupted

}  // namespace firth::cli
