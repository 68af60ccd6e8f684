// Uses the library as another project would: one umbrella header, one target.
#include <cstdio>

#include "firth/core/thread_pool.h"

int main() {
  firth::ThreadPool pool(2);
  std::printf("%zu threads\n", pool.num_threads());
  return 0;
}
