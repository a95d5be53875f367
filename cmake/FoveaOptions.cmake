# The compile flags of every target of ours, and of no one else's. Floating-point contraction is off everywhere: the same
# bits are promised for every compiler, and the sources write Fma(a, b, c) where they mean it.
add_library(fovea_flags INTERFACE)
target_compile_features(fovea_flags INTERFACE cxx_std_20)
target_compile_options(fovea_flags INTERFACE -ffp-contract=off)
if(PROJECT_IS_TOP_LEVEL OR FOVEA_WERROR)
  target_compile_options(fovea_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-psabi)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # False alarms of g++ 12 on std::string (GCC bug 105651).
    target_compile_options(fovea_flags INTERFACE -Wno-restrict)
  endif()
  if(FOVEA_WERROR)
    target_compile_options(fovea_flags INTERFACE -Werror)
  endif()
else()  # warnings that another project asks for are not errors here
  target_compile_options(fovea_flags INTERFACE -Wno-error)
endif()
if(FOVEA_SANITIZE)
  target_compile_options(fovea_flags INTERFACE -fsanitize=${FOVEA_SANITIZE} -fno-omit-frame-pointer
                                               -fno-sanitize-recover=all)
  target_link_options(fovea_flags INTERFACE -fsanitize=${FOVEA_SANITIZE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # False alarms of g++ 12 on <regex> where sanitizers keep it from seeing through (GCC bug 105562).
    target_compile_options(fovea_flags INTERFACE -Wno-maybe-uninitialized)
  endif()
endif()
if(FOVEA_FUZZ)
  target_compile_options(fovea_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(FOVEA_COVERAGE)
  target_compile_options(fovea_flags INTERFACE --coverage)
  target_link_options(fovea_flags INTERFACE --coverage)
endif()

# A static library too goes into other people's shared ones: all is hidden but what a public header declares between
# `#pragma GCC visibility push(default)` and `pop`. (An attribute of the namespace does not reach a function's definition in clang.)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)

if(PROJECT_IS_TOP_LEVEL)
  find_program(CCACHE_PROGRAM ccache)
endif()
if(CCACHE_PROGRAM AND PROJECT_IS_TOP_LEVEL AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Relative paths: builds of one kind in several folders share their objects.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} ${CCACHE_PROGRAM})
endif()
