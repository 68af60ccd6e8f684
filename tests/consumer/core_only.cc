// Uses the lowest layer alone: a tensor and an error.
#include <cstdio>

#include "firth/core/error.h"
#include "firth/core/tensor.h"

int main() {
  try {
    firth::fail(firth::ErrorKind::kInvalidArgument, "expected ", 1, ", found ", 2);
  } catch (const firth::Error& error) {
    std::printf("%s\n", error.what());
    return 0;
  }
}
