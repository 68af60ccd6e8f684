/* bin/firth of the folder that `make dist` makes: starts libexec/firth beside it.
 *
 * The program finds its libraries by $ORIGIN, and glibc reads that from /proc, which a minimal chroot
 * lacks; LD_ORIGIN_PATH is its documented fallback. This launcher is linked statically, finds itself by
 * the path that the kernel was given (AT_EXECFN), and needs neither. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

int main(int argc, char** argv) {
  (void)argc;
  char self[PATH_MAX];
  const char* const started_as = (const char*)getauxval(AT_EXECFN);
  if (started_as == NULL || realpath(started_as, self) == NULL) {
    fputs("firth: cannot tell where it lies; run libexec/firth of its folder\n", stderr);
    return 1;
  }
  *strrchr(self, '/') = '\0'; /* .../bin */
  char folder[PATH_MAX + 16];
  char program[PATH_MAX + 32];
  snprintf(folder, sizeof folder, "%s/../libexec", self);
  snprintf(program, sizeof program, "%s/firth", folder);
  setenv("LD_ORIGIN_PATH", folder, 1);
  execv(program, argv);
  perror(program);
  return 1;
}
