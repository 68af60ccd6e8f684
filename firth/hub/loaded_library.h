// A shared library that is loaded when it is first needed rather than when the program starts.
// libcurl brings two dozen libraries along, whose start costs 15 ms; a program that downloads once
// and embeds a thousand times should not pay that each time, and where nothing is downloaded the
// library need not be installed.
#pragma once

#include <string>

namespace firth {

class LoadedLibrary {
 public:
  // Errors: not_found, naming the Debian package that has it. Never unloaded.
  LoadedLibrary(const char* file, const char* package);

  // The function of that name, as the header declares it.
  template <class F>
  void bind(F*& function, const char* name) const {
    function = reinterpret_cast<F*>(symbol(name));
  }

 private:
  void* symbol(const char* name) const;

  std::string file_;
  void* handle_;
};

}  // namespace firth
