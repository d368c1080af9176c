# Options, compile flags as targets, and dependencies. An option that is ON and
# cannot be met is an error with advice, never a quiet OFF.
include(GNUInstallDirs)

option(KERMA_BUILD_TESTS "Build the tests" OFF)
option(KERMA_WERROR "Treat compiler warnings as errors" OFF)
option(KERMA_BUILD_FUZZERS "Build libFuzzer programs of the readers; needs clang and KERMA_BUILD_TESTS" OFF)
set(KERMA_SANITIZE "" CACHE STRING "Sanitizers: empty, address+undefined, or thread")
set_property(CACHE KERMA_SANITIZE PROPERTY STRINGS "" "address+undefined" "thread")

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()
# For builds with sanitizers: optimized, or Monte Carlo tests would take minutes,
# but with the costly asserts that NDEBUG removes from Release.
set(CMAKE_C_FLAGS_SANITIZE "-O2 -g" CACHE STRING "C flags of build type Sanitize")
mark_as_advanced(CMAKE_C_FLAGS_SANITIZE)

# What the library stands on. None of it appears in its headers or in what it exports.
include(cmake/KermaRequire.cmake)
set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
kerma_require_package(ZLIB DEBIAN zlib1g-dev FOR "compressed images and results")
kerma_require_package(PNG DEBIAN libpng-dev FOR "pictures")
kerma_require_package(PkgConfig DEBIAN pkg-config FOR "finding the libraries below")
kerma_require_pkgconfig(XRL libxrl DEBIAN libxrl-dev FOR "cross sections (xraylib)")
kerma_require_pkgconfig(MD libmd DEBIAN libmd-dev FOR "fingerprints of tables and files")
kerma_require_header(RANDOM123_INCLUDE_DIR Random123/philox.h DEBIAN librandom123-dev FOR "random numbers")
kerma_require_header(JSMN_INCLUDE_DIR jsmn.h DEBIAN libjsmn-dev FOR "reading scenes")

# Flags that every file of the project is compiled with.
add_library(kerma_flags INTERFACE)
target_compile_features(kerma_flags INTERFACE c_std_11)
target_compile_options(kerma_flags INTERFACE
  # The same bits everywhere: no contraction into FMA, no excess precision.
  -ffp-contract=off -fno-math-errno
  -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes
  -Wpointer-arith -Wwrite-strings -Wundef -Wvla)
target_compile_definitions(kerma_flags INTERFACE _GNU_SOURCE)
if(KERMA_WERROR)
  target_compile_options(kerma_flags INTERFACE -Werror)
endif()
if(KERMA_SANITIZE STREQUAL "address+undefined")
  target_compile_options(kerma_flags INTERFACE -fsanitize=address,undefined
    -fno-sanitize-recover=all -fno-omit-frame-pointer -g)
  target_link_options(kerma_flags INTERFACE -fsanitize=address,undefined)
elseif(KERMA_SANITIZE STREQUAL "thread")
  target_compile_options(kerma_flags INTERFACE -fsanitize=thread -fno-omit-frame-pointer -g)
  target_link_options(kerma_flags INTERFACE -fsanitize=thread)
elseif(NOT KERMA_SANITIZE STREQUAL "")
  message(FATAL_ERROR "KERMA_SANITIZE is '${KERMA_SANITIZE}': use address+undefined, thread or nothing")
endif()
if(KERMA_BUILD_FUZZERS)
  if(NOT CMAKE_C_COMPILER_ID STREQUAL "Clang")
    message(FATAL_ERROR "KERMA_BUILD_FUZZERS needs clang's libFuzzer, the compiler is ${CMAKE_C_COMPILER_ID}.\n"
      "Configure with CC=clang; on Debian: apt-get install clang libclang-rt-14-dev")
  endif()
  target_compile_options(kerma_flags INTERFACE -fsanitize=fuzzer-no-link)
  target_link_options(kerma_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
