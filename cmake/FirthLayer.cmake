# firth_layer(NAME [DEPENDS target...] [LINK target...])
#   One folder of firth/ = one static library firth_NAME from its *.cc, and one test program
#   firth_NAME_test from its *_test.cc. DEPENDS names layers (public); LINK names libraries that
#   only the sources need (private).
# firth_test(NAME LINK target...) makes one test program from *_test.cc of the current folder.
function(firth_test name)
  cmake_parse_arguments(arg "" "" "LINK" ${ARGN})
  file(GLOB tests CONFIGURE_DEPENDS "*_test.cc")
  if(NOT FIRTH_TESTS OR NOT tests)
    return()
  endif()
  add_executable(${name} ${tests})
  target_link_libraries(${name} PRIVATE ${arg_LINK} GTest::gtest GTest::gtest_main)
  target_compile_definitions(${name} PRIVATE
    FIRTH_SOURCE_DIR="${PROJECT_SOURCE_DIR}" FIRTH_BINARY_DIR="${PROJECT_BINARY_DIR}")
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 120)
endfunction()

function(firth_layer name)
  cmake_parse_arguments(arg "" "" "DEPENDS;LINK" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS "*.cc" "*.h")
  list(FILTER sources EXCLUDE REGEX "_test\\.cc$")
  if(NOT sources)
    add_library(firth_${name} INTERFACE)
    return()
  endif()
  add_library(firth_${name} STATIC ${sources})
  add_library(firth::${name} ALIAS firth_${name})
  set_target_properties(firth_${name} PROPERTIES EXPORT_NAME ${name})
  target_include_directories(firth_${name} PUBLIC
    "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>" "$<INSTALL_INTERFACE:include>")
  target_compile_features(firth_${name} PUBLIC cxx_std_20)
  foreach(layer IN LISTS arg_DEPENDS)
    target_link_libraries(firth_${name} PUBLIC firth_${layer})
  endforeach()
  target_link_libraries(firth_${name} PRIVATE ${arg_LINK})
  firth_test(firth_${name}_test LINK firth_${name} ${arg_LINK})
endfunction()
