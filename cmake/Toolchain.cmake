# Compiler settings shared by every target: C++20, the warnings the project is clean of, ccache and
# a fast linker where they exist, sanitizers on request. Never -march=native or -ffast-math: the
# level of the CPU is chosen at run time, and the order of a sum is a promise.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1 -DNDEBUG")

find_program(FIRTH_CCACHE ccache)
if(FIRTH_CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER "${FIRTH_CCACHE}")
  set(CMAKE_CXX_COMPILER_LAUNCHER "${FIRTH_CCACHE}")
endif()

# mold needs GCC 12.1 or clang; lld does as well.
foreach(linker mold lld)
  find_program(FIRTH_LINKER_${linker} NAMES ${linker} ld.${linker})
  if(FIRTH_LINKER_${linker} AND NOT APPLE)
    add_link_options(-fuse-ld=${linker})
    break()
  endif()
endforeach()

# -ffp-contract=off: a multiply and an add become one instruction only where a kernel says so, hence
# the same bits from every compiler at a given CPU level.
add_compile_options(-Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion -ffp-contract=off)
if(FIRTH_SANITIZE)
  add_compile_options(-fsanitize=${FIRTH_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${FIRTH_SANITIZE})
  add_compile_definitions(_GLIBCXX_ASSERTIONS)
endif()
