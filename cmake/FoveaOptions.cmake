# The compile flags of every target of ours. Floating-point contraction is off everywhere: the same bits are promised
# for every compiler, and the sources write Fma(a, b, c) where they mean it.
add_library(fovea_flags INTERFACE)
target_compile_features(fovea_flags INTERFACE cxx_std_20)
target_compile_options(fovea_flags INTERFACE -ffp-contract=off)
if(PROJECT_IS_TOP_LEVEL)
  target_compile_options(fovea_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-psabi)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # False alarms of g++ 12 on std::string (GCC bug 105651).
    target_compile_options(fovea_flags INTERFACE -Wno-restrict)
  endif()
  if(FOVEA_WERROR)
    target_compile_options(fovea_flags INTERFACE -Werror)
  endif()
endif()
if(FOVEA_SANITIZE)
  target_compile_options(fovea_flags INTERFACE -fsanitize=${FOVEA_SANITIZE} -fno-omit-frame-pointer
                                               -fno-sanitize-recover=all)
  target_link_options(fovea_flags INTERFACE -fsanitize=${FOVEA_SANITIZE})
endif()
if(FOVEA_COVERAGE)
  target_compile_options(fovea_flags INTERFACE --coverage)
  target_link_options(fovea_flags INTERFACE --coverage)
endif()

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
endif()
