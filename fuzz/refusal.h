// What a parser may do with a hostile input: read it, or refuse it with an Error that is not about
// a mistake of our own. Any other exception leaves the target and so ends the fuzzer.
#pragma once

#include <cstdlib>

#include "firth/core/error.h"

namespace firth {

template <class Read>
void read_or_refuse(Read&& read) {
  try {
    read();
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::kInternal) std::abort();
  }
}

}  // namespace firth
