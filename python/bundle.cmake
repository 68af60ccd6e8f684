# What a wheel holds besides the package's sources: the extension, the program (firth/bin/firth, which
# the `firth` command of the environment starts) and, in firth/lib, every library that they need but
# for the C and C++ runtimes, which numpy's own wheel takes from the system as well (the manylinux
# rule). Both find firth/lib by a path relative to themselves.
set_target_properties(firth PROPERTIES INSTALL_RPATH "$ORIGIN/../lib")
install(TARGETS firth_python LIBRARY DESTINATION firth COMPONENT python)
install(TARGETS firth RUNTIME DESTINATION firth/bin COMPONENT python)
install(CODE "
  set(extension \"$<TARGET_FILE:firth_python>\")
  set(program \"$<TARGET_FILE:firth>\")" COMPONENT python)
install(CODE [[
  file(GET_RUNTIME_DEPENDENCIES MODULES "${extension}" EXECUTABLES "${program}"
    RESOLVED_DEPENDENCIES_VAR libraries UNRESOLVED_DEPENDENCIES_VAR missing
    PRE_EXCLUDE_REGEXES "^lib(c|m|mvec|dl|rt|pthread|gcc_s|stdc\\+\\+)\\.so" "^ld-linux")
  if(missing)
    message(FATAL_ERROR "the wheel needs libraries that were not found: ${missing}")
  endif()
  foreach(library IN LISTS libraries)
    get_filename_component(name "${library}" NAME)
    get_filename_component(file "${library}" REALPATH)
    file(MAKE_DIRECTORY "${CMAKE_INSTALL_PREFIX}/firth/lib")
    file(COPY_FILE "${file}" "${CMAKE_INSTALL_PREFIX}/firth/lib/${name}")
    execute_process(COMMAND strip --strip-unneeded "${CMAKE_INSTALL_PREFIX}/firth/lib/${name}")
  endforeach()
]] COMPONENT python)
