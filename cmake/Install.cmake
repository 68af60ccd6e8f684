# What `cmake --install` puts where, so that another project says find_package(firth) and links
# firth::firth, or one layer of it (firth::core, firth::search, …); headers are included by the same
# path as here, "firth/core/tensor.h".
#
# firth_library() is called after the last firth_layer(): it makes firth::firth and the install rules.
# firth_install_program(NAME) installs a program, by a component of its own for scripts/dist.sh.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

function(firth_library)
  get_property(layers GLOBAL PROPERTY FIRTH_LAYERS)
  list(TRANSFORM layers PREPEND firth_ OUTPUT_VARIABLE targets)
  add_library(firth_library INTERFACE)
  add_library(firth::firth ALIAS firth_library)
  set_target_properties(firth_library PROPERTIES EXPORT_NAME firth)
  target_link_libraries(firth_library INTERFACE ${targets})

  install(TARGETS ${targets} firth_library EXPORT firth COMPONENT library
          ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}"
          INCLUDES DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
  install(DIRECTORY "${PROJECT_SOURCE_DIR}/firth" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
          COMPONENT library FILES_MATCHING PATTERN "*.h"
          PATTERN "*test*" EXCLUDE PATTERN "*-inl.h" EXCLUDE)
  set(folder "${CMAKE_INSTALL_LIBDIR}/cmake/firth")
  install(EXPORT firth NAMESPACE firth:: DESTINATION "${folder}" FILE firthTargets.cmake
          COMPONENT library)
  configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/firthConfig.cmake.in"
    "${PROJECT_BINARY_DIR}/firthConfig.cmake" INSTALL_DESTINATION "${folder}")
  # Before 1.0 a minor version may change what a header promises.
  write_basic_package_version_file("${PROJECT_BINARY_DIR}/firthConfigVersion.cmake"
    COMPATIBILITY SameMinorVersion)
  install(FILES "${PROJECT_BINARY_DIR}/firthConfig.cmake"
                "${PROJECT_BINARY_DIR}/firthConfigVersion.cmake"
          DESTINATION "${folder}" COMPONENT library)
endfunction()

# DT_RPATH (--disable-new-dtags), not DT_RUNPATH: in a dist folder the libraries' own needs
# (libsimdjson's libstdc++) are looked up by it too, and LD_LIBRARY_PATH does not come first.
function(firth_install_program name)
  set_target_properties(${name} PROPERTIES INSTALL_RPATH "$ORIGIN/../lib")
  target_link_options(${name} PRIVATE "LINKER:--disable-new-dtags")
  install(TARGETS ${name} RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT program)
  install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" "${PROJECT_SOURCE_DIR}/THIRD_PARTY_NOTICES"
          DESTINATION "${CMAKE_INSTALL_DOCDIR}" COMPONENT program)
endfunction()
